"""Where playback stands between two nodes, as a value; and the clock that moves it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

FRAME_MS = 16
LEAD = 20
"""Nodes before the fork that are played too: how it came to the correction."""
FASTEST = 8.0


@dataclass(frozen=True, slots=True)
class Playhead:
    """Position on a range of nodes."""

    first: int = 0
    last: int = 0
    at: float = 0.0
    speed: float = 1.0
    """Times real time; negative plays backwards, 0 stands."""
    loops: bool = True

    @property
    def node(self) -> int:
        """The node that is to be seen."""
        return max(self.first, min(self.last, math.floor(self.at + 1e-9)))


def sought(head: Playhead, node: float) -> Playhead:
    """At a node, or at the nearest one that there is."""
    return replace(head, at=float(max(head.first, min(head.last, node))))


def advanced(head: Playhead, seconds: float, dt: float) -> Playhead:
    """After so many seconds of wall time; at an end it begins again or stands."""
    if head.speed == 0 or head.last <= head.first:
        return head
    at = head.at + seconds * head.speed / dt
    span = head.last - head.first + 1  # the last node is seen as long as any other
    if head.first <= at < head.last + 1:
        return replace(head, at=at)
    if head.loops:
        return replace(head, at=head.first + (at - head.first) % span)
    return replace(sought(head, at), speed=0.0)


def shuttled(speed: float, direction: int) -> float:
    """J and L: against the motion it turns round at normal speed, with it it doubles."""
    if speed * direction <= 0:
        return float(direction)
    return direction * min(FASTEST, 2 * abs(speed))


class Player(QObject):
    """Moves a playhead in real time; a frame that is not drawn yet is waited for, never queued."""

    moved = pyqtSignal(int)
    """The node that is to be seen."""
    changed = pyqtSignal()
    """It plays, stands, or plays at another speed."""

    def __init__(self, dt: float = 0.1, ready: Callable[[], bool] = lambda: True) -> None:
        super().__init__()
        self.head, self.dt, self._ready = Playhead(speed=0.0), dt, ready
        self._resume = 1.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)
        self._before = 0.0

    @property
    def playing(self) -> bool:
        """Whether it moves by itself."""
        return self.head.speed != 0

    @property
    def speed(self) -> float:
        """What it plays at, or would."""
        return self.head.speed or self._resume

    def set_range(self, first: int, last: int, at: int) -> None:
        """Another branch: its first and last node and where to begin; it goes on playing where it played."""
        self.head = sought(replace(self.head, first=first, last=max(first, last)), at)
        self.moved.emit(self.head.node)

    def seek(self, node: float) -> None:
        """Go to a node."""
        before = self.head.node
        self.head = sought(self.head, node)
        if self.head.node != before:
            self.moved.emit(self.head.node)

    def set_speed(self, speed: float) -> None:
        """Play at a speed; 0 stands."""
        if speed:
            self._resume = speed
        self.head = replace(self.head, speed=speed)
        if speed and not self._timer.isActive():
            self._before = time.monotonic()
            self._timer.start()
        elif not speed:
            self._timer.stop()
        self.changed.emit()

    def set_loop(self, on: bool) -> None:
        """Begin again at the end, or stand there."""
        self.head = replace(self.head, loops=on)
        self.changed.emit()

    def toggle(self) -> None:
        """Play or stand."""
        self.set_speed(0.0 if self.playing else self._resume)

    def shuttle(self, direction: int) -> None:
        """J (-1) and L (+1)."""
        self.set_speed(shuttled(self.head.speed, direction))

    def stop(self) -> None:
        """Stand."""
        if self.playing:
            self.set_speed(0.0)

    def _tick(self) -> None:
        now = time.monotonic()
        if not self._ready():
            self._before = now  # a picture is on its way: time stands, so that none is skipped unseen
            return
        before = self.head.node
        self.head = advanced(self.head, now - self._before, self.dt)
        self._before = now
        if self.head.speed == 0:
            self._timer.stop()
            self.changed.emit()
        if self.head.node != before:
            self.moved.emit(self.head.node)
