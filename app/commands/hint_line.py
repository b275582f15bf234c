"""One line at the bottom: who owns the keys now, and what they do."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QWidget

from app.commands.studio import UiPhase
from app.commands.table import COMMANDS
from app.widgets import theme
from app.widgets.labels import PlainLabel

SYMBOLS = {"Return": "↵", "Backspace": "⌫", "Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "-": "−"}
"""Keys that are drawn on a key cap by their sign; other keys by the name the platform gives them."""
HEIGHT = 33
KeysOf = Callable[[str], tuple[str, ...]]
"""Name of a command -> its keys now."""
MotionHints = tuple[tuple[str, str], ...]
"""(keys, what they move)."""


def cap_text(key: str) -> str:
    """What stands on the key cap of a portable key sequence."""
    if key in SYMBOLS:
        return SYMBOLS[key]
    held, plus, last = key.rpartition("+")
    if plus and held and last in SYMBOLS and last != "-":
        return f"{held}+{SYMBOLS[last]}"
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key


def key_cap(key: str) -> PlainLabel:
    """A small drawn key."""
    cap = PlainLabel(cap_text(key))
    cap.setObjectName("keycap")
    cap.setFixedHeight(theme.px(20))
    return cap


class HintRow(QWidget):
    """The keys of one phase."""

    def __init__(self, phase: UiPhase, arms_own: bool, motion: MotionHints, keys_of: KeysOf) -> None:
        super().__init__()
        self._words: list[str] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 0)
        self._row.setSpacing(6)
        owner = PlainLabel(self._owner_words(phase, arms_own))
        owner.setObjectName("keyowner")
        owner.setProperty("arms", arms_own and phase == "CORRECTING")
        self._words.append(owner.text())
        self._row.addWidget(owner)
        for keys, word in motion if arms_own and phase == "CORRECTING" else ():
            self._add((keys,), word)
        for keys_of_word, word in hints(phase, keys_of):
            self._add(keys_of_word, word)
        self._row.addStretch(1)

    @property
    def text(self) -> str:
        """The line as words."""
        return " ".join(self._words)

    def _add(self, keys: tuple[str, ...], word: str) -> None:
        caps, label = [key_cap(key) for key in keys], PlainLabel(word)
        label.setObjectName("keyword")
        for part in (*caps, label):
            self._row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addSpacing(6)
        self._words += [*(cap.text() for cap in caps), word]

    @staticmethod
    def _owner_words(phase: UiPhase, arms_own: bool) -> str:
        if arms_own:
            return "Letters move the arms" if phase == "CORRECTING" else "Take over, then letters move the arms"
        return "Keys move through time" if phase == "PAUSED" else "Keys"


class HintLine(QFrame):
    """Shows the keys of a phase; each row is made once."""

    def __init__(self, keys_of: KeysOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hintline")
        self.setFixedHeight(theme.px(HEIGHT))
        self._keys_of = keys_of
        self._now: tuple[UiPhase, bool, MotionHints] = ("LOADING", False, ())
        self._rows: dict[tuple[UiPhase, bool, MotionHints], HintRow] = {}
        self._stack = QStackedWidget()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.show_keys("LOADING", False, ())

    @property
    def text(self) -> str:
        """The whole line as words, for tests and screen readers."""
        row = self._stack.currentWidget()
        return row.text if isinstance(row, HintRow) else ""

    def show_keys(self, phase: UiPhase, arms_own: bool, motion: MotionHints) -> None:
        """Show a phase's keys; `motion` is shown where the arms own the letters."""
        what = self._now = (phase, arms_own, motion)
        if what not in self._rows:
            self._rows[what] = HintRow(*what, self._keys_of)
            self._stack.addWidget(self._rows[what])
        self._stack.setCurrentWidget(self._rows[what])

    def refresh(self) -> None:
        """Other keys, or another text size: make the rows anew."""
        self.setFixedHeight(theme.px(HEIGHT))
        for row in self._rows.values():
            self._stack.removeWidget(row)
            row.deleteLater()
        self._rows.clear()
        self.show_keys(*self._now)


def hints(phase: UiPhase, keys_of: KeysOf) -> list[tuple[tuple[str, ...], str]]:
    """(keys, word) of what the keys do in a phase, in the order of the commands; those of one word stand together."""
    found: dict[str, tuple[str, ...]] = {}
    for command in COMMANDS:
        keys = keys_of(command.name)
        if command.hint and keys and phase in command.phases:
            found[command.hint] = (*found.get(command.hint, ()), keys[0])
    return [(keys, word) for word, keys in found.items()]
