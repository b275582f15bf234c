"""The keys of every command by menu: press another key for one; it holds at once and is written to the profile."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.commands.key_bindings import Rows, normal
from app.commands.key_edits import Keys, keys_now, refusal, with_all_usual_keys, with_keys, with_usual_keys
from app.inputs.button_learner import ButtonLearner
from app.inputs.buttons_page import sentence
from app.inputs.input_devices import InputDevices
from app.widgets.labels import PlainLabel
from app.widgets.screen import fit_on_screen
from devices.keyboard.kind import KEY
from devices.profile import Profile

NAME = Qt.ItemDataRole.UserRole
OTHER = "Keys without an entry in a menu"
PRESS, LISTENING = "Press another key", "Press it now, or Esc"
NOTE = "Double-click a command, then press its new key. Keys are kept in your profile."


class KeysDialog(QDialog):
    """Not modal. Lists the commands of a window and forwards the profile that the user wants."""

    wanted = pyqtSignal(object)
    """A Profile to use from now on and to write."""

    def __init__(self, hands: InputDevices, rows: Rows, parent: QWidget | None = None) -> None:
        """Show the keys of the operator's profile.

        Args:
            hands: Whose profile is edited.
            rows: The commands of the window.
            parent: The window.
        """
        super().__init__(parent)
        self.setWindowTitle("Keys")
        fit_on_screen(self, 720, 620)
        self._hands, self._rows = hands, rows
        self.learner = ButtonLearner(hands, self)
        self.field, self.list, self.words = QLineEdit(), QTreeWidget(), PlainLabel()
        self.press, self.none, self.usual = (QPushButton(words) for words in (PRESS, "No key", "Usual key"))
        self.all_usual, self.leave = QPushButton("All usual keys"), QPushButton("Close")
        self.items: dict[str, QTreeWidgetItem] = {}
        self._build()
        self._connect()
        self._fill()
        self.show_profile()

    def _build(self) -> None:
        self.field.setPlaceholderText("Find a command or a key")
        self.field.setAccessibleName("Find a command or a key")
        self.list.setObjectName("keylist")
        self.list.setAccessibleName("Commands and their keys")
        self.list.setHeaderLabels(["Command", "Keys", "Usual keys"])
        across = self.list.header()
        if across is not None:
            across.setStretchLastSection(False)
            across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            across.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.words.setObjectName("why")
        self.words.setWordWrap(True)
        self.words.hide()
        note = PlainLabel(NOTE)
        note.setObjectName("note")
        note.setWordWrap(True)
        column, feet = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(10)
        for widget in (self.field, self.list, self.words, note):
            column.addWidget(widget, 1 if widget is self.list else 0)
        for button in (self.press, self.none, self.usual, self.all_usual, self.leave):
            button.setAutoDefault(False)
            if button is self.leave:
                feet.addStretch(1)
            feet.addWidget(button)
        column.addLayout(feet)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._find)
        self.list.currentItemChanged.connect(lambda *_: self._choose())
        self.list.itemDoubleClicked.connect(lambda *_: self._listen())
        self.press.clicked.connect(lambda: self.learner.stop() if self.learner.listening else self._listen())
        self.none.clicked.connect(lambda: self._give(()))
        self.usual.clicked.connect(self._give_usual)
        self.all_usual.clicked.connect(lambda: self._forward(lambda: with_all_usual_keys(self._hands.profile)))
        self.leave.clicked.connect(self.close)
        self.learner.learned.connect(self._learned)
        self.learner.stopped.connect(self._rest)

    def _fill(self) -> None:
        menus: dict[str, QTreeWidgetItem] = {}
        for row in self._rows:
            title = row.menu.replace("&", "") or OTHER
            if title not in menus:
                menus[title] = QTreeWidgetItem(self.list, [title])
                menus[title].setFlags(Qt.ItemFlag.ItemIsEnabled)
                menus[title].setFirstColumnSpanned(True)
                menus[title].setExpanded(True)
            item = self.items[row.name] = QTreeWidgetItem(menus[title], [row.text.rstrip("…")])
            item.setData(0, NAME, row.name)
        self.list.setCurrentItem(next(iter(self.items.values()), None))

    def show_profile(self) -> None:
        """Show the keys of the operator who works there now."""
        now = keys_now(self._hands.profile, self._rows)
        for row in self._rows:
            usual = tuple(map(normal, row.keys))
            changed = now[row.name] != usual
            item = self.items[row.name]
            item.setText(1, key_words(now[row.name]))
            item.setText(2, key_words(usual) if changed else "")
            font = item.font(1)
            font.setBold(changed)
            item.setFont(1, font)
        self._find(self.field.text())
        self._choose()

    def say(self, words: str) -> None:
        """Why a key was refused or not written, in words; "" for nothing."""
        self.words.setText(words)
        self.words.setVisible(bool(words))

    @property
    def chosen(self) -> str:
        """Name of the command that is selected; "" where none is."""
        item = self.list.currentItem()
        return str(item.data(0, NAME) or "") if item is not None else ""

    def _choose(self) -> None:
        self.learner.stop()
        self.say("")
        item = self.items.get(self.chosen)
        self.press.setEnabled(item is not None)
        self.none.setEnabled(item is not None and bool(item.text(1)))
        self.usual.setEnabled(item is not None and item.font(1).bold())

    def _find(self, typed: str) -> None:
        letters = typed.strip().lower()
        for item in self.items.values():
            item.setHidden(letters not in f"{item.text(0)} {item.text(1)}".lower())
        for at in range(self.list.topLevelItemCount()):
            if (menu := self.list.topLevelItem(at)) is not None:
                children = (menu.child(row) for row in range(menu.childCount()))
                menu.setHidden(all(child is None or child.isHidden() for child in children))

    def _listen(self) -> None:
        if self.chosen:
            self.say("")
            self.press.setText(LISTENING)
            self.learner.start()

    def _rest(self) -> None:
        self.press.setText(PRESS)

    def _learned(self, button: str) -> None:
        self._rest()
        device, _, key = button.partition("/")
        if device != KEY:
            self.say("That was a button of a device. Buttons are chosen in the settings of the devices.")
        else:
            self._give((normal(key),))

    def _give(self, keys: Keys) -> None:
        name = self.chosen
        words = self._refusal(name, keys)
        if words:
            self.say(words)
            return
        self._forward(lambda: with_keys(self._hands.profile, name, keys))

    def _give_usual(self) -> None:
        name = self.chosen
        usual = next(tuple(map(normal, row.keys)) for row in self._rows if row.name == name)
        words = self._refusal(name, usual)
        if words:
            self.say(words)
            return
        self._forward(lambda: with_usual_keys(self._hands.profile, name))

    def _refusal(self, name: str, keys: Keys) -> str:
        return refusal(name, keys, self._hands.profile, self._rows, self._hands.keyboard.motions)

    def _forward(self, changed: Callable[[], Profile]) -> None:
        try:
            profile = changed()
        except ValueError as error:
            self.say(sentence(str(error)))
            return
        self.say("")
        self.wanted.emit(profile)

    def done(self, code: int) -> None:
        """No key is learned any more; see QDialog.done."""
        self.learner.stop()
        super().done(code)


def key_words(keys: Keys) -> str:
    """Keys as a user reads them."""
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
