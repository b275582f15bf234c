"""The player of driving, review and comparison: it moves a playhead in real time, and by the user's commands."""

import time
from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from app.playback.playhead import SLOW, Playhead, advanced, begun, ended, shuttled, sought, tenth

FRAME_MS = 16


class Player(QObject):
    """Moves a playhead; while a frame is being drawn it waits, so that requests do not queue up."""

    moved = pyqtSignal(int)
    """The node that is shown."""
    changed = pyqtSignal()
    """It plays, stops, plays at another speed, or in another range."""
    settled = pyqtSignal(int)
    """The node at which a stop, a jump or an end of the branch left it; it is stopped."""

    def __init__(self, ready: Callable[[], bool] = lambda: True, *, loops: bool = True) -> None:
        """Stopped at node 0, with 0.1 s per node.

        Args:
            ready: whether the last requested frame is drawn.
            loops: whether playing begins again at an end.
        """
        super().__init__()
        self.head, self.dt, self._ready = Playhead(speed=0.0, loops=loops), 0.1, ready
        self._resume = 1.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._before = 0.0

    @property
    def playing(self) -> bool:
        """Whether time moves it."""
        return self.head.speed != 0

    @property
    def speed(self) -> float:
        """The speed at which it plays, or would play."""
        return self.head.speed or self._resume

    def load(self, first: int, last: int, at: int) -> None:
        """The nodes of another branch, and where to begin; where it played it goes on playing."""
        self.head = sought(replace(self.head, first=first, last=max(first, last)), at)
        self.moved.emit(self.head.node)

    # Playing

    def set_speed(self, speed: float) -> None:
        """Play at a speed, in times real time; 0 stops."""
        if not speed:
            self.stop()
            return
        self._resume = speed
        self.head = replace(self.head, speed=speed)
        if not self._timer.isActive():
            self._before = time.monotonic()
            self._timer.start()
        self.changed.emit()

    def toggle(self) -> None:
        """Play at the last speed, or stop."""
        self.set_speed(0.0 if self.playing else self._resume)

    def shuttle(self, direction: int, *, slow: bool = False) -> None:
        """Play backwards (-1) or forwards (+1); again doubles the speed, against the motion turns round."""
        self.set_speed(direction * SLOW if slow else shuttled(self.head.speed, direction))

    def stop(self) -> None:
        """Stop at the node that is shown."""
        if self.playing:
            self._rest(replace(self.head, speed=0.0))

    # Jumps: each stops

    def seek(self, node: float) -> None:
        """Stop at a node, or at the nearest one that there is."""
        self._rest(replace(sought(self.head, node), speed=0.0))

    def step(self, count: int) -> None:
        """Move by a number of nodes."""
        self.seek(self.head.node + count)

    def to_start(self) -> None:
        """Go to the first node."""
        self.seek(self.head.first)

    def to_end(self) -> None:
        """Go to the last node."""
        self.seek(self.head.last)

    def to_tenth(self, digit: int) -> None:
        """Go to so many tenths of the branch: 0 is its start."""
        self.seek(tenth(self.head, digit))

    # Range

    def set_in(self) -> None:
        """Begin the range at the node that is shown."""
        self._set_range(begun(self.head))

    def set_out(self) -> None:
        """End the range at the node that is shown."""
        self._set_range(ended(self.head))

    def clear_range(self) -> None:
        """Play the whole branch."""
        self._set_range(replace(self.head, begin=None, end=None))

    def go_in(self) -> None:
        """Go to the begin of the range, else of the branch."""
        self.seek(self.head.played[0])

    def go_out(self) -> None:
        """Go to the end of the range, else of the branch."""
        self.seek(self.head.played[1])

    def toggle_loop(self) -> None:
        """Begin again at the ends, or stop there."""
        self._set_range(replace(self.head, loops=not self.head.loops))

    def _set_range(self, head: Playhead) -> None:
        self.head = head
        self.changed.emit()

    def _rest(self, head: Playhead) -> None:
        """Stop as a playhead says, and emit what differs."""
        before, self.head = self.head, head
        self._timer.stop()
        if head.node != before.node:
            self.moved.emit(head.node)
        if before.speed != 0:
            self.changed.emit()
        self.settled.emit(head.node)

    def _tick(self) -> None:
        now = time.monotonic()
        seconds, self._before = now - self._before, now
        if not self._ready():
            return  # a frame is being read: time does not count, so that no frame is left out
        head = advanced(self.head, seconds, self.dt)
        if head.speed == 0:
            self._rest(head)
            return
        before, self.head = self.head.node, head
        if head.node != before:
            self.moved.emit(head.node)
