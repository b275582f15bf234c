"""The card of all keys, over the whole window; any click or F1 closes it."""

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QMouseEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.commands.hint_line import KeysOf, key_cap
from app.commands.table import COMMANDS, LIVE, PHASE_WORDS, Command
from app.widgets import theme
from app.widgets.labels import PlainLabel

COLUMNS = (("&Drive", "&Scene"), ("&Branch",), ("&Time",), ("&View", "Keys"))
"""Menus by column of the card."""
PAGE_COLUMNS = (("Page",), ("&View", "&Scene"))
"""The same where another page than driving is shown: its keys, and of the menus what is possible there."""
FOOT = (
    "A plain letter is never a command while hands drive: letters move the arms. F1 closes this card. "
    "Keys are changed in the operator's profile."
)
PAGE_FOOT = "No key moves the arms here. F5 goes back to driving, F1 closes this card."


class HelpCard(QFrame):
    """Every key as it is now, by menu."""

    opened = pyqtSignal(bool)
    """It was opened, or left."""

    def __init__(self, over: QWidget, keys_of: KeysOf) -> None:
        super().__init__(over)
        self._keys_of = keys_of
        self.setObjectName("stage")
        self._over = over
        self._card = QFrame()
        self._card.setObjectName("stagecard")
        self._column = QVBoxLayout(self._card)
        self._column.setContentsMargins(28, 22, 28, 22)
        self._column.setSpacing(14)
        outer = QVBoxLayout(self)
        outer.addWidget(self._card, 0, Qt.AlignmentFlag.AlignCenter)
        self._motion: tuple[tuple[str, str], ...] = ()
        self._title = ""
        self._page: QWidget | None = None
        over.installEventFilter(self)
        self.hide()

    def set_motion(self, motion: tuple[tuple[str, str], ...]) -> None:
        """(keys, what they move) of the keyboard device."""
        self._motion = motion

    def set_page(self, title: str, page: QWidget | None) -> None:
        """Whose keys are told: those of a page, which are its actions; None is driving."""
        self._title, self._page = title, page

    def toggle(self) -> None:
        """Show or hide."""
        if not self.isHidden():
            self.hide()
            self.opened.emit(False)
            return
        self._build()
        self.setGeometry(self._over.rect())
        self.opened.emit(True)
        self.show()
        self.raise_()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """A click closes the card; see QWidget.mousePressEvent."""
        self.toggle()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Cover the window at any size; see QObject.eventFilter."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
        return False

    def _build(self) -> None:
        """Made anew each time it is opened: keys and text size may have changed."""
        old = self._column.takeAt(0)
        if old is not None and (before := old.widget()) is not None:
            before.hide()
            before.deleteLater()
        inner = QWidget()
        self._column.addWidget(inner)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        title = PlainLabel("All keys")
        title.setObjectName("stagetitle")
        column.addWidget(title)
        columns = QHBoxLayout()
        columns.setSpacing(theme.px(24))
        for menus in COLUMNS if self._page is None else PAGE_COLUMNS:
            part = QVBoxLayout()
            part.setSpacing(10)
            for menu in menus:
                groups = {"Keys": self._motion_group, "Page": self._page_group}
                part.addLayout(groups[menu]() if menu in groups else self._group(menu))
            part.addStretch(1)
            columns.addLayout(part)
        column.addLayout(columns)
        foot = PlainLabel(FOOT if self._page is None else PAGE_FOOT)
        foot.setObjectName("stagetext")
        column.addWidget(foot)

    def _group(self, menu: str) -> QGridLayout:
        grid = self._titled(menu.replace("&", ""))
        here = (c for c in COMMANDS if c.menu == menu and (self._page is None or "REVIEW" in c.phases))
        for command in here:
            keys = self._keys_of(command.name)
            if keys:
                self._row(grid, keys, command.text, self._when(command))
        if menu == "&Time":
            digits = [key for n in range(10) for key in self._keys_of(f"speed_{n}")]
            usual = digits == [str(n) for n in range(10)]
            self._row(grid, ("0 … 9",) if usual else (" ".join(digits),), "Speed: 2, 15, 05 is 0.5", "")
        return grid

    def _page_group(self) -> QGridLayout:
        """The actions of the page in their order; its digits, which are many, in one row."""
        grid = self._titled(self._title)
        for action in self._page.actions() if self._page is not None else ():
            keys = tuple(key.toString(QKeySequence.SequenceFormat.PortableText) for key in action.shortcuts())
            if keys and not action.objectName().startswith("speed_"):
                self._row(grid, keys, action.text(), "")
        if self._page is not None and any(a.objectName().startswith("speed_") for a in self._page.actions()):
            self._row(grid, ("0 … 9",), "Speed: 0 is half", "")
        return grid

    def _motion_group(self) -> QGridLayout:
        grid = self._titled("Arms, by keyboard") if self._motion else QGridLayout()
        for keys, word in self._motion:
            self._row(grid, (keys,), word, "")
        return grid

    @staticmethod
    def _titled(title: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        head = PlainLabel(title.upper())
        head.setObjectName("section")
        grid.addWidget(head, 0, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        return grid

    @staticmethod
    def _row(grid: QGridLayout, keys: tuple[str, ...], text: str, when: str) -> None:
        at = grid.rowCount()
        grid.addWidget(key_cap(keys[0]), at, 0, Qt.AlignmentFlag.AlignLeft)
        words = PlainLabel(text)
        words.setToolTip(when)
        grid.addWidget(words, at, 1)

    @staticmethod
    def _when(command: Command) -> str:
        if command.phases >= LIVE:
            return "at any time"
        return "while " + " or ".join(PHASE_WORDS[p] for p in sorted(command.phases) if p in PHASE_WORDS)
