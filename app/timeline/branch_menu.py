"""What can be done to a step and to its branch, by right click; every entry is a verb that can be undone."""

from collections.abc import Callable
from typing import Protocol

from PyQt6.QtGui import QAction, QColor, QIcon, QPixmap
from PyQt6.QtWidgets import QMenu, QWidget, QWidgetAction

from app.opening.live_session import LiveSession
from app.timeline.model import TimelineModel
from app.timeline.words import branch_title
from app.widgets import icons, theme
from app.widgets.labels import PlainLabel, plain_tip, plain_title
from core.branch_tree import AUTOMATIC, Branch, Outcome, Review
from core.phases import allowed
from core.verbs import (
    BranchHere,
    Continue,
    Discard,
    Mark,
    Propose,
    RemoveMarker,
    Replay,
    Restore,
    RollBack,
    SetColor,
    SetHidden,
    SetOutcome,
    SetPinned,
    SetReview,
    Verb,
)

COLOUR_NAMES = ("Steel", "Green", "Sand", "Violet", "Teal", "Rose", "Olive", "Indigo")
"""Of theme.LANES."""
REVIEW_WORDS: tuple[tuple[Review, str], ...] = (
    ("accepted", "Accept"), ("rejected", "Reject"), ("needs_work", "Needs work"), ("unreviewed", "Not reviewed"),
)  # fmt: skip
OUTCOMES: tuple[Outcome, ...] = ("open", "success", "failure", "timeout")


class Asker(Protocol):
    """Who asks the user for words, and knows the branches."""

    @property
    def model(self) -> TimelineModel:
        """What is known of the branches."""

    @property
    def timeline(self) -> QWidget:
        """What the menu opens over."""

    def ask_name(self, branch: int) -> None:
        """The name of a branch."""

    def ask_branch_note(self, branch: int) -> None:
        """The note of a branch."""

    def ask_note(self, branch: int | None = None, node: int | None = None) -> None:
        """Words about a step."""


class BranchMenu(QMenu):
    """Made for one place, shown once."""

    def __init__(self, past: Asker, session: LiveSession, branch: int, node: int | None) -> None:
        super().__init__(past.timeline)
        self.setToolTipsVisible(True)
        self._past, self._session = past, session
        model = past.model
        found = model.branch(branch)
        if node is not None:
            self._step(model, branch, node)
        self._title(branch_title(model, branch))
        if found.discarded:
            self._verb("Restore from the trash", Restore(branch), "undo")
        self._branch(found)

    def _title(self, words: str) -> None:
        """What the entries below are about; a section of Qt loses its words under a style sheet."""
        if self.actions():
            self.addSeparator()
        title = QWidgetAction(self)
        title.setText(plain_title(words))
        title.setToolTip(plain_tip(words))
        title.setEnabled(False)
        label = PlainLabel(words)
        label.setObjectName("menutitle")
        title.setDefaultWidget(label)
        self.addAction(title)

    def _step(self, model: TimelineModel, branch: int, node: int) -> None:
        """Entries of a step; a marker belongs to the branch that owns the step."""
        owner = model.owner(branch, node)
        self._title(f"Step {node} of {model.label(owner)}")
        self._verb("Go here", RollBack(branch, node))
        self._verb("New branch here", BranchHere(branch, node), "branch")
        self._verb("Replay from here", Replay(branch, node))
        self._do("Marker with a note…", lambda: self._past.ask_note(branch, node), "note")
        self._verb("Mark failure", Mark("failure", "", owner, node), "failure")
        self._verb("Mark success", Mark("success", "", owner, node), "success")
        for marker in model.markers_at(branch, node):
            words = f"Remove the {marker.kind} marker" + (f" “{marker.text}”" if marker.text else "")
            self._verb(words, RemoveMarker(marker.kind, owner, node))

    def _branch(self, found: Branch) -> None:
        branch = found.id
        self._verb("Continue from its end", Continue(branch), "run")
        self._verb("Replay from its start", Replay(branch), "again")
        self._verb("Duplicate as a proposal", Propose(branch))
        self.addSeparator()
        self._do("Rename…", lambda: self._past.ask_name(branch))
        self._do("Note on the branch…", lambda: self._past.ask_branch_note(branch), "note")
        self._colours(found)
        self._verb("Pin to the top", SetPinned(not found.pinned, branch), "pin", ticked=found.pinned)
        self._verb("Hide", SetHidden(not found.hidden, branch), "hidden", ticked=found.hidden)
        review = self._menu("Review")
        for value, words in REVIEW_WORDS:
            self._verb(words, SetReview(value, branch), ticked=found.review == value, menu=review)
        outcome = self._menu("Outcome")
        for ending in OUTCOMES:
            self._verb(ending.capitalize(), SetOutcome(ending, branch), ticked=found.outcome == ending, menu=outcome)
        if not found.discarded:
            self.addSeparator()
            self._verb("Move to the trash", Discard(branch), "discard")

    def _colours(self, found: Branch) -> None:
        menu = self._menu("Colour")
        self._verb("Automatic", SetColor(AUTOMATIC, found.id), ticked=found.color == AUTOMATIC, menu=menu)
        for number, (colour, name) in enumerate(zip(theme.LANES, COLOUR_NAMES, strict=True)):
            action = self._verb(name, SetColor(number, found.id), ticked=found.color == number, menu=menu)
            swatch = QPixmap(16, 16)
            swatch.fill(QColor(colour))
            action.setIcon(QIcon(swatch))

    def _menu(self, words: str) -> QMenu:
        menu = QMenu(words, self)
        self.addMenu(menu)
        return menu

    def _verb(
        self, words: str, verb: Verb, icon: str = "", *, ticked: bool | None = None, menu: QMenu | None = None
    ) -> QAction:
        """An entry that submits a verb; grey, with the reason, where the phase does not allow it."""
        action = self._do(words, lambda: self._session.submit(verb), icon, menu)
        if ticked is not None:
            action.setCheckable(True)
            action.setChecked(ticked)
        status = self._session.status
        if status is None or not allowed(status.phase, verb):
            action.setEnabled(False)
            action.setToolTip("Pause first." if status is not None else "Nothing is open.")
        return action

    def _do(self, words: str, act: Callable[[], None], icon: str = "", menu: QMenu | None = None) -> QAction:
        action = QAction(plain_title(words), self)
        action.setToolTip(plain_tip(words))
        action.triggered.connect(lambda _checked=False: act())
        if icon:
            action.setIcon(icons.icon(icon, theme.TEXT_DIM))
        (menu or self).addAction(action)
        return action
