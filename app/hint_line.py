"""One line at the bottom: who owns the keys now, and what they do."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.commands import hints
from app.studio import UiPhase

SYMBOLS = {"Return": "↵", "Backspace": "⌫", "Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "-": "−"}
"""Keys that are drawn on a key cap by their sign; other keys by the name the platform gives them."""


def cap_text(key: str) -> str:
    """What stands on the key cap of a portable key sequence."""
    if key in SYMBOLS:
        return SYMBOLS[key]
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key


def key_cap(key: str) -> QLabel:
    """A small drawn key."""
    cap = QLabel(cap_text(key))
    cap.setObjectName("keycap")
    cap.setFixedHeight(20)
    return cap


class HintLine(QFrame):
    """Shows the keys of a phase; rebuilt only when something changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hintline")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 0)
        self._row.setSpacing(6)
        self._owner = QLabel()
        self._owner.setObjectName("keyowner")
        self._row.addWidget(self._owner)
        self._shown: tuple[UiPhase, bool, tuple[tuple[str, str], ...]] | None = None
        self._parts: list[QWidget] = []
        self.show_keys("LOADING", False, ())

    @property
    def owner(self) -> str:
        """The words that say who owns the keys."""
        return self._owner.text()

    @property
    def text(self) -> str:
        """The whole line as words, for tests and screen readers."""
        words = [part.text() for part in self._parts if isinstance(part, QLabel)]
        return " ".join([self.owner, *words])

    def show_keys(self, phase: UiPhase, arms_own: bool, motion: tuple[tuple[str, str], ...]) -> None:
        """Show a phase's keys; `motion` holds (keys, what they move), shown where the arms own the letters."""
        if self._shown == (phase, arms_own, motion):
            return
        self._shown = (phase, arms_own, motion)
        for part in self._parts:
            self._row.removeWidget(part)
            part.hide()  # deletion waits for the event loop
            part.deleteLater()
        self._parts = []
        while self._row.count() > 1:
            self._row.takeAt(1)
        self._owner.setText(self._owner_words(phase, arms_own))
        self._owner.setProperty("arms", arms_own)
        style = self._owner.style()
        if style is not None:
            style.polish(self._owner)
        if arms_own:
            for keys, word in motion:
                self._add(keys, word)
        for key, word in hints(phase):
            self._add(key, word)
        self._row.addStretch(1)

    def _add(self, key: str, word: str) -> None:
        cap, label = key_cap(key), QLabel(word)
        label.setObjectName("keyword")
        for part in (cap, label):
            self._row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
            self._parts.append(part)
        self._row.addSpacing(8)

    @staticmethod
    def _owner_words(phase: UiPhase, arms_own: bool) -> str:
        if arms_own:
            return "Letters move the arms"
        if phase == "PAUSED":
            return "Keys move through time"
        return "Keys"
