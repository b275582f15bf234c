"""What covers the viewport while there is nothing to see: loading, empty, or a failure with ways to go on."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QFrame, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.widgets import theme
from app.widgets.flow_layout import FlowLayout
from app.widgets.labels import PlainLabel

WIDTH = 460
"""Of the card, pixels at text size 1."""
Way = tuple[str, Callable[[], object]]
"""Text of a button and what it does."""


class Placeholder(QFrame):
    """A card in the middle of a widget, covering it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("stage")
        self._over = over
        self._title, self._text, self._bar = PlainLabel(), PlainLabel(), QProgressBar()
        self._title.setObjectName("stagetitle")
        self._text.setObjectName("stagetext")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._acts: list[Callable[[], object]] = []
        self._buttons: list[QPushButton] = []
        self._ways = FlowLayout(spacing=8)
        card = QFrame()
        card.setObjectName("stagecard")
        column = QVBoxLayout(card)
        column.setContentsMargins(28, 24, 28, 24)
        column.setSpacing(12)
        for part in (self._title, self._text, self._bar):
            column.addWidget(part)
        column.addLayout(self._ways)
        self._card = card
        middle = QWidget()
        middle.setObjectName("stagemiddle")
        around = QVBoxLayout(middle)
        around.addWidget(card, 0, Qt.AlignmentFlag.AlignCenter)
        area = QScrollArea()
        area.setObjectName("stagearea")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(middle)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        over.installEventFilter(self)
        self.hide()

    @property
    def words(self) -> str:
        """Title and text, for tests and screen readers."""
        return f"{self._title.text()} {self._text.text()}" if not self.isHidden() else ""

    def show_loading(self, title: str, text: str, ways: Sequence[Way] = ()) -> None:
        """Long work of unknown length, with words on what is done now."""
        self._bar.setRange(0, 0)
        self._present(title, text, ways, "loading")

    def show_failure(self, title: str, text: str, ways: Sequence[Way] = ()) -> None:
        """An error in words, and ways on."""
        self._present(title, text, ways, "failure")

    def _present(self, title: str, text: str, ways: Sequence[Way], kind: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self._bar.setVisible(kind == "loading")
        self.setProperty("kind", kind)
        style = self.style()
        if style is not None:
            style.polish(self._title)
        self._offer(ways)
        for button in self._buttons:  # an early Space means Run, and must not cancel what is loading
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus if kind == "loading" else Qt.FocusPolicy.StrongFocus)
        self._cover()
        self.show()
        self.raise_()

    def _cover(self) -> None:
        self.setGeometry(self._over.rect())
        self._card.setFixedWidth(max(200, min(theme.px(WIDTH), self._over.width() - 40)))

    def _offer(self, ways: Sequence[Way]) -> None:
        """A button per way; the same buttons stay, so that new words do not swallow a click."""
        self._acts = [act for _, act in ways]
        if [button.text() for button in self._buttons] == [words for words, _ in ways]:
            return
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [QPushButton(words) for words, _ in ways]
        for number, button in enumerate(self._buttons):
            button.clicked.connect(lambda _checked=False, number=number: self._acts[number]())
            self._ways.addWidget(button)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Cover the widget at any size; see QObject.eventFilter."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._cover()
        return False
