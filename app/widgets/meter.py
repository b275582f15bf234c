"""A thin horizontal gauge with its value in words, so that no meaning depends on colour alone."""

import math

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets import theme


class Meter(QWidget):
    """Shows 0..1, or that the value is unknown."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._value = math.nan
        self._words = "unknown"
        self._colour = QColor(theme.TEXT_DIM)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    @property
    def words(self) -> str:
        """The value as the user reads it."""
        return self._words

    def show_value(self, value: float, words: str, colour: str) -> None:
        """Show a value 0..1 (NaN draws an empty, dashed gauge) with its words and colour."""
        if (value, words) == (self._value, self._words) or (math.isnan(value) and words == self._words):
            return
        self._value, self._words, self._colour = value, words, QColor(colour)
        self.setAccessibleDescription(words)
        self.update()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size needs another height; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return QSize(160, self.fontMetrics().height() + 14)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """See QWidget.paintEvent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        text = QRectF(0, 0, self.width(), line)
        painter.setPen(QColor(theme.TEXT_DIM))
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._words)
        bar = QRectF(0.5, line + 5.5, self.width() - 1, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.LINE))
        painter.drawRoundedRect(bar, 2.5, 2.5)
        if not math.isnan(self._value):
            bar.setWidth(max(bar.height(), bar.width() * min(1.0, max(0.0, self._value))))
            painter.setBrush(self._colour)
            painter.drawRoundedRect(bar, 2.5, 2.5)
        painter.end()
