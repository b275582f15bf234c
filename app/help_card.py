"""The card of all keys, over the whole window; any click or F1 closes it."""

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.commands import COMMANDS, LIVE, Command
from app.hint_line import key_cap

PHASE_WORDS = {"AUTONOMOUS": "policy drives", "PAUSED": "paused", "CORRECTING": "you drive"}
COLUMNS = (("&Drive", "&Scene"), ("&Branch",), ("&Time", "&View"))
"""Menus by column of the card."""


class HelpCard(QFrame):
    """Every key, by menu."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
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
        self._built = False
        over.installEventFilter(self)
        self.hide()

    def set_motion(self, motion: tuple[tuple[str, str], ...]) -> None:
        """(keys, what they move) of the keyboard device."""
        self._motion = motion

    def toggle(self) -> None:
        """Show or hide."""
        if not self.isHidden():
            self.hide()
            return
        if not self._built:
            self._build()
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """A click closes the card; see QWidget.mousePressEvent."""
        self.hide()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Cover the window at any size; see QObject.eventFilter."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
        return False

    def _build(self) -> None:
        self._built = True
        title = QLabel("All keys")
        title.setObjectName("stagetitle")
        self._column.addWidget(title)
        columns = QHBoxLayout()
        columns.setSpacing(36)
        for menus in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(10)
            for menu in menus:
                column.addLayout(self._group(menu))
            column.addStretch(1)
            columns.addLayout(column)
        if self._motion:
            columns.addLayout(self._motion_group())
        self._column.addLayout(columns)
        foot = QLabel(
            "A plain letter is never a command while hands drive: letters move the arms. F1 closes this card."
        )
        foot.setObjectName("stagetext")
        self._column.addWidget(foot)

    def _group(self, menu: str) -> QGridLayout:
        grid = self._titled(menu.replace("&", ""))
        for command in (c for c in COMMANDS if c.menu == menu and c.keys):
            self._row(grid, command.keys[:1], command.text, self._when(command))
        return grid

    def _motion_group(self) -> QVBoxLayout:
        grid = self._titled("Arms, by keyboard")
        for keys, word in self._motion:
            self._row(grid, (keys,), word, "")
        column = QVBoxLayout()
        column.addLayout(grid)
        column.addStretch(1)
        return column

    @staticmethod
    def _titled(title: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        head = QLabel(title.upper())
        head.setObjectName("section")
        grid.addWidget(head, 0, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        return grid

    @staticmethod
    def _row(grid: QGridLayout, keys: tuple[str, ...], text: str, when: str) -> None:
        at = grid.rowCount()
        grid.addWidget(key_cap(keys[0]), at, 0, Qt.AlignmentFlag.AlignLeft)
        words = QLabel(text)
        words.setToolTip(when)
        grid.addWidget(words, at, 1)

    @staticmethod
    def _when(command: Command) -> str:
        if command.phases >= LIVE:
            return "at any time"
        return "while " + " or ".join(PHASE_WORDS[p] for p in sorted(command.phases) if p in PHASE_WORDS)
