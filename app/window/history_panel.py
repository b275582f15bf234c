"""The list of what was done to the branches: a click goes back to that moment, or forward again."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.widgets import theme
from app.widgets.labels import PlainLabel
from core.history import History

START = "As it was opened"


class HistoryPanel(QWidget):
    """Newest at the bottom; what is undone is faint and can be done again."""

    jumped = pyqtSignal(int)
    """How many entries shall be done."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sidecontent")
        self.list = QListWidget()
        self.list.setObjectName("historylist")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setWordWrap(True)
        self.list.setAccessibleName("History")
        self.list.itemClicked.connect(self._jump)
        note = PlainLabel("Steps are never undone: they stay on their branch. A click goes to that moment.")
        note.setObjectName("note")
        note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.addWidget(self.list, 1)
        column.addWidget(note)
        self._shown: tuple[list[str], int] = ([], -1)
        self.show_history(History(), str)

    def show_history(self, history: History, words: Callable[[str], str]) -> None:
        """Show the entries; `words` puts the names of the timeline into a label."""
        entries = [*(edit.label for edit in history.done), *(edit.label for edit in reversed(history.undone))]
        shown = ([words(entry) for entry in entries], len(history.done))
        if shown == self._shown:
            return
        self._shown = shown
        self.list.clear()
        for number, text in enumerate([START, *shown[0]]):
            undone = number > shown[1]
            item = QListWidgetItem(f"↷ {_capital(text)}" if undone else _capital(text))
            item.setData(Qt.ItemDataRole.UserRole, number)
            item.setForeground(QColor(theme.TEXT_FAINT if undone else theme.TEXT))
            item.setToolTip("Do it again, up to here" if undone else "Go back to here")
            self.list.addItem(item)
        self.list.setCurrentRow(shown[1])
        self.list.scrollToItem(self.list.currentItem())

    def _jump(self, item: QListWidgetItem) -> None:
        number = item.data(Qt.ItemDataRole.UserRole)
        if number != self._shown[1]:
            self.jumped.emit(number)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
