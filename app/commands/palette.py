"""The command palette: every command by some of its letters, its key beside it, and why where it is not possible."""

from typing import Any

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.commands.actions import Actions
from app.commands.command import Command, reason
from app.commands.fuzzy import ranked
from app.commands.key_caps import key_cap
from app.widgets import theme
from app.widgets.labels import PlainLabel

ROWS = 12
"""Commands that are seen at once."""
WIDE = 620


class PaletteRow(QWidget):
    """One command: its words, its menu, why it is not possible, its key."""

    def __init__(self, command: Command[Any], words: str, keys: tuple[str, ...], why: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), 0, theme.px(10), 0)
        row.setSpacing(theme.px(8))
        title, menu = PlainLabel(words), PlainLabel(command.menu.replace("&", ""))
        title.setObjectName("paletteword" if not why else "palettegrey")
        menu.setObjectName("note")
        row.addWidget(title)
        row.addWidget(menu)
        row.addStretch(1)
        if why:
            cause = PlainLabel(why)
            cause.setObjectName("note")
            row.addWidget(cause)
        if keys:
            row.addWidget(key_cap(keys[0]))
        self.setAccessibleName(f"{words}, {why}" if why else words)


class Palette(QFrame):
    """Lies over the window while something is looked for; Return carries out, Escape or a click beside it leaves."""

    opened = pyqtSignal(bool)
    """It was opened, or left."""

    def __init__(self, over: QWidget, actions: Actions) -> None:
        super().__init__(over)
        self.setObjectName("veil")
        self._over, self._actions = over, actions
        self._card = QFrame(self)
        self._card.setObjectName("stagecard")
        self.field, self.list = QLineEdit(), QListWidget()
        self.field.setPlaceholderText("Find a command")
        self.field.setAccessibleName("Find a command")
        self.list.setObjectName("palettelist")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._find)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda _item: self._carry_out())
        over.installEventFilter(self)
        self.hide()

    @property
    def names(self) -> list[str]:
        """Commands that are listed, best first."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item is not None]

    def present(self) -> None:
        """Open, empty."""
        self._place()
        self.opened.emit(True)
        self.show()
        self.raise_()
        self.field.setText("")
        self._find("")
        self.field.setFocus()

    def leave(self) -> None:
        """Close, and give the keys back."""
        if not self.isHidden():
            self.hide()
            self.opened.emit(False)
            self._over.setFocus()

    def _find(self, typed: str) -> None:
        commands = [c for c in self._actions.commands if c.name != "palette" and c.menu]
        texts = {c.name: self._actions[c.name].text().rstrip("…") for c in commands}
        order = ranked(typed, [texts[c.name] for c in commands])
        order.sort(key=lambda place: bool(reason(commands[place], self._actions.place)))  # what is possible first
        self.list.clear()
        for place in order:
            command = commands[place]
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, command.name)
            item.setSizeHint(QSize(0, theme.px(30)))
            self.list.addItem(item)
            why = reason(command, self._actions.place)
            row = PaletteRow(command, texts[command.name], self._actions.keys(command.name), why)
            self.list.setItemWidget(item, row)
        self.list.setCurrentRow(0)

    def _carry_out(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        command = self._actions.owner(item.data(Qt.ItemDataRole.UserRole))
        if command is not None and not reason(command, self._actions.place):
            self.leave()
            self._actions[command.name].trigger()

    def _move(self, rows: int) -> None:
        self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + rows)))

    def _place(self) -> None:
        self.setGeometry(self._over.rect())
        width = min(theme.px(WIDE), self.width() - 40)
        height = min(theme.px(30 * ROWS + 64), self.height() - 80)
        self._card.setGeometry((self.width() - width) // 2, min(theme.px(72), 60), width, height)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """A click beside the card leaves; see QWidget.mousePressEvent."""
        if event is not None and not self._card.geometry().contains(event.position().toPoint()):
            self.leave()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Arrows, Return and Escape of the field; the window's size; see QObject.eventFilter."""
        if event is None:
            return False
        if watched is self._over:
            if event.type() == QEvent.Type.Resize:
                self._place()
            return False
        if isinstance(event, QKeyEvent):
            moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -ROWS, Qt.Key.Key_PageDown: ROWS}
            ends = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
            if event.key() not in moves and event.key() not in ends:
                return False
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
            elif event.type() == QEvent.Type.KeyPress:
                if event.key() in moves:
                    self._move(moves[Qt.Key(event.key())])
                elif event.key() == Qt.Key.Key_Escape:
                    self.leave()
                else:
                    self._carry_out()
            return True
        return False
