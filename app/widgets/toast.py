"""Messages to the user: small cards over the viewport that block nothing; errors stay until they are dismissed."""

import textwrap
import time

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.widgets import theme
from app.widgets.labels import PlainLabel
from core.events import Message

SECONDS = {"info": 4.0, "hint": 20.0, "warning": 8.0, "error": 0.0}
"""How long a card stays; 0 until it is dismissed."""
TITLES = {"hint": "First steps", "warning": "Please note", "error": "That did not work"}
"""Of cards; what is only information is one line without a title."""
ONE_LINE = 52
"""Characters of an information that fit into one line."""
MOST = 3
"""Cards on screen at once; the oldest makes room."""
REPLACED = ("info", "hint")
"""Levels with one card at a time: the newest, since what the earlier one said is done."""

TOP = 52
"""Pixels at text size 1 that stay free above the cards, for the signs on the upper edge of the pictures."""
WIDE = 420
"""Width of a card at text size 1, at most."""


class Toast(QFrame):
    """One message."""

    def __init__(self, message: Message, parent: QWidget) -> None:
        super().__init__(parent)
        self.message = message
        self.times = 1
        self.born = time.monotonic()
        self.setObjectName("toast")
        self.setProperty("level", message.level)
        self.brief = message.level not in TITLES
        self._title, text, close = PlainLabel(self._title_words()), PlainLabel(message.text), QToolButton()
        self._title.setObjectName("toasttitle")
        text.setWordWrap(not self.brief or len(message.text) > ONE_LINE)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.setText("✕")
        close.setToolTip("Dismiss")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self.hide)
        head = QHBoxLayout()
        column = QVBoxLayout(self)
        column.setSpacing(2)
        if self.brief:
            column.setContentsMargins(14, 5, 6, 5)
            head.addWidget(text, 1)
        else:
            column.setContentsMargins(14, 8, 8, 12)
            head.addWidget(self._title, 1)
        head.addWidget(close)
        column.addLayout(head)
        if not self.brief:
            column.addWidget(text)
        if message.details:
            lines = (f"{name}: {textwrap.shorten(words, 200)}" for name, words in message.details.items())
            details = PlainLabel("\n".join(lines))
            details.setObjectName("toastdetails")
            details.setWordWrap(True)
            column.addWidget(details)

    def repeat(self) -> None:
        """The same words came again: count, do not stack."""
        self.times += 1
        self.born = time.monotonic()
        if not self.brief:
            self._title.setText(f"{self._title_words()}  ×{self.times}")

    def _title_words(self) -> str:
        return TITLES.get(self.message.level, "")


class Toasts(QObject):
    """Keeps the cards in the upper right corner of a widget, below its signs; what is read and pressed lies below."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._cards: list[Toast] = []
        self._timer = QTimer(self)
        self._timer.setInterval(250)
        self._timer.timeout.connect(self._expire)
        over.installEventFilter(self)

    @property
    def cards(self) -> list[Toast]:
        """The visible cards, oldest first."""
        return [card for card in self._cards if card.isVisible()]

    def show_message(self, message: Message) -> None:
        """Show a message; the same words again only count."""
        self._expire()
        for card in self._cards:
            if (card.message.level, card.message.text) == (message.level, message.text):
                card.repeat()
                return
        if message.level in REPLACED:
            self._dismiss(message.level)
        card = Toast(message, self._over)
        self._cards.append(card)
        for old in self._cards[:-MOST]:
            old.hide()
        card.show()
        card.raise_()
        self._expire()
        self._timer.start()

    def dismiss_info(self) -> None:
        """Take away what is only information."""
        self._dismiss("info")
        self._expire()

    def _dismiss(self, level: str) -> None:
        for card in self._cards:
            if card.message.level == level:
                card.hide()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Follow the widget's size; see QObject.eventFilter."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _expire(self) -> None:
        now = time.monotonic()
        for card in self._cards:
            seconds = SECONDS.get(card.message.level, 0.0)
            if seconds and now - card.born > seconds:
                card.hide()
        for card in [card for card in self._cards if card.isHidden()]:
            self._cards.remove(card)
            card.deleteLater()
        if not self._cards:
            self._timer.stop()
        self._place()

    def _place(self) -> None:
        top = theme.px(TOP)
        for card in reversed(self._cards):
            layout = card.layout()
            if layout is None:
                continue
            wide = min(theme.px(WIDE), self._over.width() - 32)
            width = min(wide, layout.totalSizeHint().width()) if card.brief else wide
            height = (
                layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
            )
            card.setGeometry(self._over.width() - width - 16, top, width, height)
            top += height + 8
