"""The player of the session that is driven: it previews frames of the past, and sends the head where it stops.

While it plays, the head stays and the pictures are previews. Whatever the user does next happens where the playback
stopped: the head is sent there first.
"""

from collections.abc import Callable
from typing import Protocol

from PyQt6.QtCore import QObject

from app.playback.moves import MOVES
from app.playback.player import Player
from app.timeline import events as find
from app.timeline.controller import TimelineController
from app.timeline.model import TimelineModel
from app.timeline.step_entry import BadStep, step_of
from core.branch_tree import Head
from core.events import Message


class Teller(Protocol):
    """Shows messages to the user."""

    def tell(self, message: Message) -> None:
        """Show a message."""


class TimelinePlayer(QObject):
    """Plays the head's branch of the open session; each new session is attached."""

    def __init__(self, teller: Teller, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._teller = teller
        self._past: TimelineController | None = None
        self._branch: int | None = None
        """The branch that the player moves on; None where its moves are not for the head."""
        self._previews = False
        self.player = Player(loops=False)
        self.player.moved.connect(self._show_node)
        self.player.changed.connect(self._show_player)
        self.player.settled.connect(self._settle)

    def attach(self, past: TimelineController) -> None:
        """Play another session: playback of the old one ends, its range is cleared."""
        self.cancel()
        self._past, self.player.dt = past, past.model.dt
        self.player.clear_range()
        past.timeline.touched.connect(self.cancel)

    @property
    def playing(self) -> bool:
        """Whether the past is played."""
        return self.player.playing

    # Playing and jumps along the branch

    def do(self, command: str) -> None:
        """Carry out a command of app.playback.moves."""
        if self._load():
            MOVES[command](self.player)

    def toggle_loop(self) -> None:
        """Begin again at the ends of the branch, or stop there, and say which."""
        self.do("loop")
        then = "begins again at its start" if self.player.head.loops else "stops"
        self._tell(f"At the end of the branch playback {then}.")

    def stop(self) -> bool:
        """Stop where the playback is, the head goes there; whether anything played."""
        was = self.playing
        self.player.stop()
        return was

    def cancel(self) -> bool:
        """Stop, and show the head again; whether anything played."""
        was, self._branch = self.playing, None
        self.player.stop()
        return was

    # Jumps in the tree

    def to_event(self, direction: int) -> None:
        """The next marker, fork, change of driver or end on the head's path."""
        self._jump(lambda model, here: find.next_event(model, here, direction))

    def failure(self, direction: int) -> None:
        """The next failure of any lane."""
        self._jump(
            lambda model, here: find.next_failure(model, here, direction), "No failure is marked in this episode."
        )

    def sibling(self, direction: int) -> None:
        """The same step on another branch of the same parent."""
        here = self._here()
        if self._past is not None and here is not None:
            label, place = self._past.model.label(here.branch), "last" if direction > 0 else "first"
            words = f"{label} is the {place} branch of its parent."
            self._jump(lambda model, here: find.sibling(model, here, direction), words)

    def lane(self, direction: int) -> None:
        """The same step on the lane above or below."""
        self._jump(lambda model, here: find.lane(model, here, direction))

    def go_to_step(self) -> None:
        """Ask for a step, and go there."""
        here = self._here()
        if self._past is None or here is None:
            return
        self.cancel()
        words = self._past.ask_step()
        if words is None:
            return
        try:
            node = step_of(words, here.index, self._past.model.length(here.branch), self._past.model.dt)
        except BadStep as error:
            self._teller.tell(Message("warning", str(error)))
            return
        self._go(Head(here.branch, node))

    # View

    def zoom(self, direction: int) -> None:
        """Closer (+1), farther (-1), or the whole episode (0)."""
        if self._past is not None:
            timeline = self._past.timeline
            (timeline.fit, timeline.zoom_in, timeline.zoom_out)[direction]()

    def zoom_to_range(self) -> None:
        """Show the range alone."""
        if self._past is not None and self._load():
            self._past.timeline.zoom_to(*self.player.head.played)

    def height(self, direction: int) -> None:
        """Taller (+1) or lower (-1) lanes."""
        if self._past is not None:
            self._past.timeline.change_height(direction)

    # Inside

    def _load(self) -> bool:
        """Put the player where the head is, unless it plays; whether there is a head."""
        head = self._past.model.head if self._past is not None else None
        if self._past is None or head is None:
            return False
        if not self.playing:
            self._branch = head.branch
            self.player.load(0, self._past.model.length(head.branch), head.index)
        return True

    def _here(self) -> Head | None:
        """Where the user looks; None without a head."""
        return Head(self._branch, self.player.head.node) if self._load() and self._branch is not None else None

    def _jump(self, find_place: Callable[[TimelineModel, Head], Head | None], else_say: str = "") -> None:
        """Stop, and go to a place that is found from where the user looks."""
        here = self._here()
        if self._past is None or here is None:
            return
        there = find_place(self._past.model, here)
        if there is not None:
            self._go(there)
        else:
            self.stop()
            if else_say:
                self._tell(else_say)

    def _go(self, there: Head) -> None:
        self.cancel()
        if self._past is not None and self._past.model.head != there:
            self._past.seek(there.branch, there.index)

    def _show_node(self, node: int) -> None:
        if self._past is not None and self._branch is not None and self.playing:
            self._previews = True
            self._past.timeline.show_playhead(Head(self._branch, node))
            self._past.preview(self._branch, node)

    def _show_player(self) -> None:
        """The range and the speed, in the ruler."""
        if self._past is None:
            return
        head = self.player.head
        self._past.timeline.show_range(head.begin, head.end)
        self._past.timeline.show_speed(f"{'▶' if head.speed > 0 else '◀'} {abs(head.speed):g}×" if head.speed else "")

    def _settle(self, node: int) -> None:
        """End the previews, and send the head to a node of the branch that was played."""
        branch, self._branch = self._branch, None
        if self._past is None:
            return
        if self._previews:
            self._previews = False
            self._past.timeline.show_playhead(None)
            self._past.end_preview()
        if branch is not None and self._past.model.head != Head(branch, node):
            self._past.seek(branch, node)

    def _tell(self, words: str) -> None:
        self._teller.tell(Message("info", words))
