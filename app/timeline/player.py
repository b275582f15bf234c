"""The habits of a film editor for the past: shuttle, range, speed, jumps. It looks at frames; then the head goes there.

While it plays, the head stands still and the pictures are previews. Whatever the user does next happens where the
play stopped: the head is sent there first.
"""

import time
from typing import Protocol

from PyQt6.QtCore import QObject, QTimer

from app.timeline import events as find
from app.timeline.controller import TimelineController
from app.timeline.step_entry import BadStep, Digits, step_of
from core.branch_tree import Head
from core.events import Message

TICK_MS = 16
FASTEST = 64.0
DOUBLE = 2.0
"""The same shuttle key again plays so many times as fast."""


class Teller(Protocol):
    """Who can tell the user something."""

    def tell(self, message: Message) -> None:
        """Show words."""


class TimelinePlayer(QObject):
    """Plays the past of one session after another; its methods are what keys ask for."""

    def __init__(self, teller: Teller, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._teller = teller
        self._past: TimelineController | None = None
        self._speed = 0.0
        self._rate = 1.0
        self._place = 0.0
        self._branch: int | None = None
        self._then = 0.0
        self._digits = Digits()
        self._range: tuple[int | None, int | None] = (None, None)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.setTimerType(self._timer.timerType().PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def attach(self, past: TimelineController) -> None:
        """Another session: nothing of the old one goes on."""
        self._end()
        self._past, self._range = past, (None, None)
        past.timeline.touched.connect(self._let_go)

    @property
    def playing(self) -> bool:
        """Whether the past moves by itself."""
        return self._branch is not None

    @property
    def speed(self) -> float:
        """World seconds per second, negative backwards, 0 while nothing moves."""
        return self._speed if self.playing else 0.0

    @property
    def rate(self) -> float:
        """What the first press of a shuttle key plays at."""
        return self._rate

    @property
    def range(self) -> tuple[int | None, int | None]:
        """First and last step of what is played over and over."""
        return self._range

    # Shuttle

    def shuttle(self, direction: int, *, slow: bool = False) -> None:
        """Play forwards (+1) or backwards (-1); again for twice the speed, the other way for a turn."""
        head = self._head()
        if head is None or self._past is None:
            return
        begin = self._rate / 2 if slow else self._rate
        if not self.playing:
            self._branch, self._place, self._then = head.branch, float(head.index), time.monotonic()
            self._speed = direction * begin
            self._timer.start()
        elif slow or (self._speed > 0) != (direction > 0):
            self._speed = direction * begin
        else:
            self._speed = direction * min(FASTEST, abs(self._speed) * DOUBLE)
        self._say()

    def stop(self) -> bool:
        """Stop where the play is, the head goes there; whether anything played."""
        if not self.playing or self._past is None or self._branch is None:
            return False
        branch, node = self._branch, round(self._place)
        self._end()
        if self._past.model.head != Head(branch, node):
            self._past.seek(branch, node)
        return True

    def halt(self) -> None:
        """Stop where the play is."""
        self.stop()

    def cancel(self) -> bool:
        """Stop, and look at the head again; whether anything played."""
        was = self.playing
        self._end()
        return was

    def digit(self, digit: int) -> None:
        """A digit of the speed at which the past is played."""
        speed = self._digits.press(digit, time.monotonic())
        if speed is None:
            return
        self._rate = speed
        if self.playing:
            self._speed = speed if self._speed > 0 else -speed
        self._say()

    # Jumps

    def step(self, steps: int) -> None:
        """So many steps along the branch, stopping at its ends."""
        here = self._here()
        if here is not None and self._past is not None:
            last = self._past.model.length(here.branch)
            self._go(Head(here.branch, max(0, min(last, here.index + steps))))

    def to_event(self, direction: int) -> None:
        """The next marker, fork, change of driver or end on the head's path."""
        here = self._here()
        if here is not None and self._past is not None:
            self._go(find.next_event(self._past.model, here, direction))

    def failure(self, direction: int) -> None:
        """The next failure of any lane."""
        here = self._here()
        if here is None or self._past is None:
            return
        there = find.next_failure(self._past.model, here, direction)
        if there is None:
            self._tell("No failure is marked in this episode.")
        else:
            self._go(there)

    def sibling(self, direction: int) -> None:
        """The same step on another branch of the same parent."""
        here = self._here()
        if here is None or self._past is None:
            return
        there = find.sibling(self._past.model, here, direction)
        if there is None:
            label = self._past.model.label(here.branch)
            self._tell(f"{label} is the {'last' if direction > 0 else 'first'} branch of its parent.")
        else:
            self._go(there)

    def lane(self, direction: int) -> None:
        """The same step on the lane above or below."""
        here = self._here()
        there = find.lane(self._past.model, here, direction) if here is not None and self._past is not None else None
        if there is not None:
            self._go(there)

    def go_to_step(self) -> None:
        """Ask for a step, and go there."""
        if self._past is None or self._here() is None:
            return
        words, here = self._past.ask_step(), self._here()
        if words is None or here is None:
            return
        try:
            node = step_of(words, here.index, self._past.model.length(here.branch), self._past.model.dt)
        except BadStep as error:
            self._teller.tell(Message("warning", str(error)))
            return
        self._go(Head(here.branch, node))

    # Range

    def set_in(self) -> None:
        """The range begins here; a range that would end before has no end."""
        here = self._here()
        if here is not None:
            end = self._range[1]
            self._set_range(here.index, end if end is None or end > here.index else None)

    def set_out(self) -> None:
        """The range ends here; one that would begin behind begins at the start."""
        here = self._here()
        if here is not None:
            begin = self._range[0]
            self._set_range(begin if begin is None or begin < here.index else None, here.index)

    def clear_range(self) -> None:
        """No range: the play goes to the ends."""
        self._set_range(None, None)

    def go_in(self) -> None:
        """To the begin of the range, else of the episode."""
        here = self._here()
        if here is not None:
            self._go(Head(here.branch, self._bounds(here.branch)[0]))

    def go_out(self) -> None:
        """To the end of the range, else of the branch."""
        here = self._here()
        if here is not None:
            self._go(Head(here.branch, self._bounds(here.branch)[1]))

    # View

    def zoom(self, direction: int) -> None:
        """Closer (+1), farther (-1), or the whole episode (0)."""
        if self._past is not None:
            timeline = self._past.timeline
            (timeline.fit, timeline.zoom_in, timeline.zoom_out)[direction]()

    def zoom_to_range(self) -> None:
        """Show the range alone."""
        here = self._here()
        if here is not None and self._past is not None:
            self._past.timeline.zoom_to(*self._bounds(here.branch))

    def height(self, direction: int) -> None:
        """Taller (+1) or lower (-1) lanes."""
        if self._past is not None:
            self._past.timeline.change_height(direction)

    # Inside

    def _head(self) -> Head | None:
        return self._past.model.head if self._past is not None else None

    def _here(self) -> Head | None:
        """Where the user looks: the play stops there."""
        if self.playing and self._branch is not None:
            here = Head(self._branch, round(self._place))
            self._end()
            return here
        return self._head()

    def _go(self, there: Head) -> None:
        if self._past is not None and self._past.model.head != there:
            self._past.seek(there.branch, there.index)

    def _bounds(self, branch: int) -> tuple[int, int]:
        last = self._past.model.length(branch) if self._past is not None else 0
        low, high = self._range
        high = last if high is None else min(high, last)
        return min(low or 0, high), high

    def _set_range(self, low: int | None, high: int | None) -> None:
        self._range = (low, high)
        if self._past is not None:
            self._past.timeline.show_range(low, high)

    def _tick(self) -> None:
        past, branch = self._past, self._branch
        if past is None or branch is None:
            self._timer.stop()
            return
        now = time.monotonic()
        moved, self._then = self._speed * (now - self._then) / past.model.dt, now
        before, self._place = round(self._place), self._place + moved
        low, high = self._bounds(branch)
        ends = self._range != (None, None)
        if not low <= self._place <= high:
            self._place = float(max(low, min(high, self._place))) if not ends else float(high if moved < 0 else low)
            if not ends:
                self.stop()
                return
        node = round(self._place)
        if node != before:
            past.timeline.show_playhead(Head(branch, node))
            past.preview(branch, node)

    def _let_go(self) -> None:
        """The mouse takes over."""
        if self.playing:
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        was, self._branch, self._speed = self.playing, None, 0.0
        if was and self._past is not None:
            self._past.timeline.show_playhead(None)
            self._past.timeline.show_speed("")
            self._past.end_preview()

    def _say(self) -> None:
        """The speed, in the ruler while it plays, in words otherwise."""
        if self._past is None:
            return
        if self.playing:
            self._past.timeline.show_speed(f"{'▶' if self._speed > 0 else '◀'} {abs(self._speed):g}×")
        else:
            self._tell(f"The past is played at {self._rate:g}× speed. J and L play it.")

    def _tell(self, words: str) -> None:
        self._teller.tell(Message("info", words))
