"""Small helpers of widgets that show words: a label that shortens its middle, and styles that follow a property."""

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets.labels import PlainLabel, plain_tip


class Elided(PlainLabel):
    """A label that shows as much of a text as fits, and all of it as a tool tip: for paths, and names of others."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__()
        self._full, self._mode = "", mode
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def full(self) -> str:
        """The whole text."""
        return self._full

    def show_text(self, text: str) -> None:
        """Show a text."""
        if text != self._full:
            self._full = text
            self.setToolTip(plain_tip(text))
            self._elide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._elide()

    def _elide(self) -> None:
        self.setText(QFontMetrics(self.font()).elidedText(self._full, self._mode, self.width()))


def polish(widget: QWidget) -> None:
    """Apply the style sheet again after a property that it asks for has changed."""
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)
