"""The lines around the pictures of a review: progress, the branch in words, its note, and the verdicts."""

from collections.abc import Callable, Sequence
from typing import Final

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QToolButton, QVBoxLayout, QWidget

from app.commands.key_words import KeyOf, with_key
from app.review.queue import Entry
from app.review.queue_view import COLOURS, VERDICTS, numbers_of, title_of
from app.timeline.words import KINDS
from app.widgets import icons, theme
from app.widgets.device_words import device_words
from app.widgets.elided import Elided, polish
from app.widgets.fields import PopUpField
from app.widgets.fitting import HeadBar, ShrinkingBar
from app.widgets.labels import ColouredLabel, PlainLabel, plain_title
from core.branch_tree import Branch

OUTCOMES: Final = {"open": "open", "success": "success", "failure": "failure", "timeout": "timed out"}
BUTTONS: Final = (
    ("judge_accept", "Accept", "accept", theme.SUCCESS),
    ("judge_reject", "Reject", "reject", theme.FAILURE),
    ("judge_needs_work", "Needs work", "needs_work", theme.WARNING),
    ("judge_note", "Note", "note", theme.TEXT),
    ("before_after", "Before / after", "branch", theme.TEXT),
)
REVIEWS: Final = {"judge_accept": "accepted", "judge_reject": "rejected", "judge_needs_work": "needs_work"}


def dim(text: str = "") -> PlainLabel:
    """A quiet label."""
    label = PlainLabel(text)
    label.setObjectName("dim")
    return label


class ReviewHead(QFrame):
    """What is reviewed, how far it is, by whom; and banners where something is in the way."""

    renamed = pyqtSignal(str)
    """The reviewer has another name."""
    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pagehead")
        title = PlainLabel("Review")
        title.setObjectName("pagetitle")
        self.place = Elided(Qt.TextElideMode.ElideMiddle)
        self.place.setObjectName("dim")
        self.progress, self.hidden = PlainLabel(), dim()
        self.progress.setObjectName("strong")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setObjectName("share")
        self.bar.setRange(0, 1000)
        self.reviewer = QToolButton()
        self.reviewer.setObjectName("choice")
        self.reviewer.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.reviewer.setToolTip("Whose verdicts these are; click to change")
        self.name = PopUpField()
        self.name.setFixedWidth(160)
        self.name.setMaxLength(80)
        self.name.given.connect(self.renamed)
        self.name.left.connect(self.left)
        self._reviewer = ""
        self.reviewer.clicked.connect(lambda: self.name.ask(self._reviewer))
        row = QHBoxLayout()
        row.setContentsMargins(14, 0, 12, 0)
        row.setSpacing(12)
        row.addWidget(title)
        row.addWidget(self.place, 1)
        for part in (self.hidden, self.bar, self.progress, self.name, self.reviewer):
            row.addWidget(part)
        head = HeadBar((self.bar, self.hidden))
        head.setLayout(row)
        self.banner = PlainLabel()
        self.banner.setObjectName("banner")
        self.banner.setWordWrap(True)
        self.banner.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.banner)

    def show_progress(self, words: str, part: float, hidden: str) -> None:
        """How far it is: in words, and 0..1."""
        self.progress.setText(words)
        self.bar.setValue(round(1000 * part))
        self.hidden.setText(hidden)

    def show_place(self, session: str, sessions: int, reviewer: str) -> None:
        """Of which session the branch is, how many sessions are reviewed, and who judges."""
        self.place.show_text(f"{session}, one of {sessions} sessions" if sessions > 1 else session)
        self._reviewer = reviewer
        self.reviewer.setText(plain_title(f"Reviewer: {reviewer}") if reviewer else "Reviewer: no name")

    def add_banner(self, words: str) -> None:
        """Add a warning below the ones that are shown already."""
        before = self.banner.text() if self.banner.isVisibleTo(self) else ""
        if words not in before:
            self.banner.setText(f"{before}\n{words}" if before else words)
        self.banner.show()

    def clear_banner(self) -> None:
        """Nothing is in the way."""
        self.banner.setText("")
        self.banner.hide()


def facts(branch: Branch, devices: Sequence[str]) -> str:
    """Who made a branch, in a line."""
    parts = [KINDS[branch.kind]]
    if branch.parent is not None:
        parts[0] += f" from step {branch.fork_step}"
    if devices:
        parts.append("by " + ", ".join(device_words(device).lower() for device in devices))
    if branch.operator:
        parts.append(f"recorded by {branch.operator}")
    if branch.policy is not None:
        parts.append(f"policy {branch.policy.name}")
    return " · ".join(parts)


class BranchHead(QFrame):
    """The branch in words, and its note, which can be written here."""

    noted = pyqtSignal(str)
    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("branchhead")
        self.title, self.outcome = Elided(Qt.TextElideMode.ElideRight), ColouredLabel()
        self.title.setObjectName("stagetitle")
        self.facts = PlainLabel()
        self.facts.setWordWrap(True)
        self.facts.setObjectName("dim")
        self.note = Elided(Qt.TextElideMode.ElideRight)
        self.note.setObjectName("notetext")
        self.field = PopUpField()
        self.field.setPlaceholderText("Why? Return keeps it, Escape does not.")
        self.field.given.connect(self.noted)
        self.field.left.connect(lambda: self.note.setVisible(bool(self.note.toolTip())))
        self.field.left.connect(self.left)
        upper = QHBoxLayout()
        upper.setSpacing(10)
        upper.addWidget(self.title, 1)
        upper.addWidget(self.outcome)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 8)
        column.setSpacing(2)
        column.addLayout(upper)
        column.addWidget(self.facts)
        column.addWidget(self.note)
        column.addWidget(self.field)

    def ask_note(self, text: str) -> None:
        """Let the note be written."""
        self.note.hide()
        self.field.ask(text)

    def show_entry(self, entry: Entry | None) -> None:
        """Show a branch; None is none."""
        if entry is None:
            self.title.show_text("")
            self.facts.setText("")
            self.note.show_text("")
            self.outcome.show_words("")
            self.note.hide()
            return
        branch, found = entry.branch, entry.statistics
        self.title.show_text(title_of(entry))
        colour = COLOURS[branch.outcome]
        verdict = VERDICTS.get(branch.review)
        by = f" by {branch.reviewer}" if branch.reviewer and verdict is not None else ""
        judged = [[(f"{verdict[2]}{by}", verdict[1])]] if verdict is not None else []
        self.outcome.show_parts([[(OUTCOMES[branch.outcome], colour)], *judged])
        self.facts.setText(f"{facts(branch, found.devices)} · {numbers_of(entry)}")
        self.note.show_text(f"Note: {branch.note}" if branch.note else "")
        self.note.setVisible(bool(branch.note) and not self.field.isVisibleTo(self))


class VerdictBar(ShrinkingBar):
    """The verdicts as buttons that name their keys."""

    asked = pyqtSignal(str)
    """The name of a command of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("verdictbar")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(6)
        self._buttons: dict[str, QToolButton] = {}
        for name, words, icon, colour in BUTTONS:
            button = QToolButton()
            button.setObjectName("verdict")
            button.setIcon(icons.icon(icon, colour))
            button.setAccessibleName(words)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, name=name: self.asked.emit(name))
            self._buttons[name] = button
            row.addWidget(button)
        row.addStretch(1)
        self.words = PlainLabel()
        self.words.setObjectName("dim")
        row.addWidget(self.words)
        self._undo = QToolButton()
        self._undo.setIcon(icons.icon("undo", theme.TEXT))
        self._undo.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._undo.clicked.connect(lambda: self.asked.emit("undo"))
        row.addWidget(self._undo)
        self._keys: dict[str, str] = {}
        self.show_keys(lambda name: "")

    def show_keys(self, key: KeyOf) -> None:
        """The keys of the page: on the buttons, and in their tool tips."""
        self._keys = {name: key(name) for name in self._buttons}
        for name, words, _, _ in BUTTONS:
            self._buttons[name].setText(with_key(words, self._keys[name]))
            self._buttons[name].setToolTip(with_key(words, self._keys[name]))
        self._undo.setToolTip(with_key("Undo", key("undo_verdict")))
        self.refit()

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What Tab reaches, in reading order."""
        return *self._buttons.values(), self._undo

    def plans(self) -> list[Callable[[], None]]:
        """All words, then without the remark, then keys alone; see ShrinkingBar."""
        return [lambda: self._show(words=True, remark=True), lambda: self._show(words=True, remark=False),
                lambda: self._show(words=False, remark=False)]  # fmt: skip

    def _show(self, *, words: bool, remark: bool) -> None:
        self.words.setVisible(remark)
        for name, text, _, _ in BUTTONS:
            self._buttons[name].setText(with_key(text, self._keys[name]) if words else self._keys[name])

    def show_state(self, review: str | None, *, may: bool, undo: bool, complete: bool) -> None:
        """Enable the verdict buttons and mark the current verdict."""
        for name, button in self._buttons.items():
            button.setEnabled(review is not None and (may or name == "before_after"))
            button.setProperty("chosen", REVIEWS.get(name) == review)
            polish(button)
        self._undo.setEnabled(undo)
        words = "Everything here has a verdict" if complete else ""
        if words != self.words.text():
            self.words.setText(words)
            self.refit()
