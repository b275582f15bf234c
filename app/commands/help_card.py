"""The card of all keys, over the whole window, scrolled where it is larger; any click closes it."""

from typing import Any

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from app.commands.actions import Actions
from app.commands.command import DRIVE, LIVE, PHASE_WORDS, Command, on_page
from app.commands.key_columns import KeyColumns, KeyGroup, KeyRow
from app.widgets import theme
from app.widgets.labels import PlainLabel

COLUMNS = (("&Drive", "&Scene"), ("&Branch",), ("&Time",), ("&View", "&Help", "Keys"))
"""Menus by column of the card."""
PAGE_COLUMNS = (("&Page", "&Branch"), ("&Time",), ("&View", "&Help", "&Scene"))
"""The same where another page than driving is shown; a menu without a command of the page is left out."""
BESIDE, ABOVE = 90, 150
"""Pixels of the window that the keys leave free: margins beside them; margins, title and foot above and below."""
FOOT = "A plain letter is never a command while hands drive: letters move the arms."
PAGE_FOOT = "No key moves the arms here."


class HelpCard(QFrame):
    """Every key as it is now, by menu."""

    opened = pyqtSignal(bool)
    """It was opened, or left."""

    def __init__(self, over: QWidget, actions: Actions) -> None:
        super().__init__(over)
        self._actions = actions
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
        self._before: QWidget | None = None
        """What had the focus."""
        over.installEventFilter(self)
        self.hide()

    def set_motion(self, motion: tuple[tuple[str, str], ...]) -> None:
        """(keys, what they move) of the keyboard device."""
        self._motion = motion

    def toggle(self) -> None:
        """Show or hide."""
        if not self.isHidden():
            self.hide()
            self.opened.emit(False)
            (self._before if self._before is not None and self._before.isVisible() else self._over).setFocus()
            return
        self._build()
        self.setGeometry(self._over.rect())
        self.opened.emit(True)
        self.show()
        self.raise_()
        self._before = QApplication.focusWidget()
        self._area.setFocus()  # arrows and Page Down scroll it

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """A click closes the card; see QWidget.mousePressEvent."""
        self.toggle()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Cover the window at any size; see QObject.eventFilter."""
        if event is not None and event.type() == QEvent.Type.Resize and not self.isHidden():
            self.setGeometry(self._over.rect())
            self._build()
        return False

    def _build(self) -> None:
        """Made again each time it is opened: keys and text size may have changed."""
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
        page = self._actions.place.page
        self._area = KeyColumns(self._groups(page), self._over.size() - QSize(BESIDE, theme.px(ABOVE)))
        column.addWidget(self._area)
        foot = PlainLabel(self._foot(page))
        foot.setObjectName("stagetext")
        foot.setWordWrap(True)
        column.addWidget(foot)

    def _foot(self, page: str) -> str:
        """What holds for all keys, how the card is closed, and where keys are changed in this window."""
        close = self._actions.keys_on(page)("help")
        words = [FOOT if page == DRIVE else PAGE_FOOT, f"{close or 'A click'} closes this card."]
        return " ".join([*words, *(["Help > Keys changes keys."] if self._actions.owner("keys") is not None else [])])

    def _groups(self, page: str) -> list[KeyGroup]:
        """The menus that have a command on a page, in their order."""
        menus = [menu for column in (COLUMNS if page == DRIVE else PAGE_COLUMNS) for menu in column]
        return [self._motion_group() if menu == "Keys" else self._group(menu, page) for menu in menus]

    def _group(self, menu: str, page: str) -> KeyGroup:
        """The commands of a menu that belong to a page."""
        grid = KeyGroup(page if menu == "&Page" else menu.replace("&", ""))
        for command in self._actions.commands:
            keys = self._actions.keys(command.name)
            if keys and command.menu == menu and on_page(command, page):
                self._row(grid, keys, command.text, self._when(command) if page == DRIVE else "")
        digits = [c for c in self._actions.commands if c.name.startswith("speed_") and on_page(c, page)]
        if menu == "&Time" and digits:
            keys = tuple(key for c in digits for key in self._actions.keys(c.name))
            usual = keys == tuple(str(n) for n in range(10))
            self._row(grid, ("0 … 9",) if usual else (" ".join(keys),), "To that tenth of the branch", "")
        return grid

    def _motion_group(self) -> KeyGroup:
        grid = KeyGroup("Arms, by keyboard") if self._motion else KeyGroup("")
        for keys, word in self._motion:
            self._row(grid, (keys,), word, "")
        return grid

    @staticmethod
    def _row(group: KeyGroup, keys: tuple[str, ...], text: str, when: str) -> None:
        group.rows.append(KeyRow(keys[0], text, when))

    @staticmethod
    def _when(command: Command[Any]) -> str:
        if command.phases >= LIVE:
            return "at any time"
        return "while " + " or ".join(PHASE_WORDS[p] for p in sorted(command.phases) if p in PHASE_WORDS)
