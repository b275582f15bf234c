"""The line at the bottom of a window: what the keys do where the user is."""

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QWidget

from app.commands.actions import Actions
from app.commands.command import DRIVE, Place, possible
from app.commands.key_caps import key_cap
from app.widgets import theme
from app.widgets.fitting import FittingRow
from app.widgets.labels import PlainLabel

HEIGHT = 33
MotionHints = tuple[tuple[str, str], ...]
"""(keys, what they move)."""


class HintRow(FittingRow):
    """The keys of one place."""

    def __init__(self, place: Place, arms_own: bool, motion: MotionHints, actions: Actions) -> None:
        super().__init__()
        self._words: list[str] = []
        owner = PlainLabel(self._owner_words(place, arms_own))
        owner.setObjectName("keyowner")
        owner.setProperty("arms", arms_own and place.phase == "CORRECTING")
        self._words.append(owner.text())
        self.add(owner, kept=True)
        for keys, word in motion if arms_own and place.phase == "CORRECTING" else ():
            self._add((keys,), word)
        found = hints(place, actions)
        for number, (keys_of_word, word) in enumerate(found, 1):
            self._add(keys_of_word, word, kept=number == len(found))  # the last one leads to all of them

    @property
    def text(self) -> str:
        """The line as words."""
        return " ".join(self._words)

    def _add(self, keys: tuple[str, ...], word: str, *, kept: bool = False) -> None:
        caps, label = [key_cap(key) for key in keys], PlainLabel(word)
        label.setObjectName("keyword")
        self.add(*caps, label, kept=kept)
        self._words += [*(cap.text() for cap in caps), word]

    @staticmethod
    def _owner_words(place: Place, arms_own: bool) -> str:
        if place.page != DRIVE:
            return place.page.capitalize()
        if arms_own:
            return "Letters move the arms" if place.phase == "CORRECTING" else "Take over, then letters move the arms"
        return "Keys move through time" if place.phase == "PAUSED" else "Keys"


class HintLine(QFrame):
    """Shows the keys of a place; each row is made once."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hintline")
        self.setFixedHeight(theme.px(HEIGHT))
        self._actions = actions
        self._now: tuple[Place, bool, MotionHints] = (Place(), False, ())
        self._rows: dict[tuple[Place, bool, MotionHints], HintRow] = {}
        self._stack = QStackedWidget()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.show_keys(Place(), False, ())

    @property
    def text(self) -> str:
        """The whole line as words, for tests and screen readers."""
        row = self._stack.currentWidget()
        return row.text if isinstance(row, HintRow) else ""

    def show_keys(self, place: Place, arms_own: bool = False, motion: MotionHints = ()) -> None:
        """Show the keys of a place; `motion` is shown where the arms own the letters."""
        what = self._now = (place, arms_own, motion)
        if what not in self._rows:
            self._rows[what] = HintRow(*what, self._actions)
            self._stack.addWidget(self._rows[what])
        self._stack.setCurrentWidget(self._rows[what])

    def refresh(self) -> None:
        """Other keys, or another text size: make the rows again."""
        self.setFixedHeight(theme.px(HEIGHT))
        for row in self._rows.values():
            self._stack.removeWidget(row)
            row.deleteLater()
        self._rows.clear()
        self.show_keys(*self._now)


def hints(place: Place, actions: Actions) -> list[tuple[tuple[str, ...], str]]:
    """(keys, word) of what the keys do in a place, in the order of the commands; those of one word are put together."""
    found: dict[str, tuple[str, ...]] = {}
    for command in actions.commands:
        keys = actions.keys(command.name)
        if command.hint and keys and possible(command, place):
            found[command.hint] = (*found.get(command.hint, ()), keys[0])
    return [(keys, word) for word, keys in found.items()]
