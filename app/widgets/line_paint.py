"""Words in a painter: one line, cut with an ellipsis, its shape kept so that the next time costs little."""

from functools import lru_cache

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

from app.widgets import theme


@lru_cache(maxsize=4096)
def advance(text: str, size: int, weight: int) -> float:
    """Pixels that a line takes."""
    return QFontMetricsF(theme.font(size, QFont.Weight(weight))).horizontalAdvance(text)


@lru_cache(maxsize=4096)
def _line(text: str, size: int, weight: int, width: int) -> tuple[QStaticText, float, float]:
    """The cut line, its width and its height."""
    font = theme.font(size, QFont.Weight(weight))
    metrics = QFontMetricsF(font)
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
    line = QStaticText(cut)
    line.setTextFormat(Qt.TextFormat.PlainText)
    line.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    line.prepare(font=font)
    return line, metrics.horizontalAdvance(cut), metrics.height()


def forget() -> None:
    """Let go of the kept shapes: they hold fonts of an application that has ended, and drawing one of them crashes."""
    _line.cache_clear()
    advance.cache_clear()


def paint_words(
    painter: QPainter, area: QRectF, text: str, colour: str, size: int, weight: int, *, centred: bool = False
) -> None:
    """One line in an area, in its vertical middle; left-aligned or centred."""
    line, width, height = _line(text, size, weight, int(area.width()))
    painter.setFont(theme.font(size, QFont.Weight(weight)))
    painter.setPen(QColor(colour))
    x = area.center().x() - width / 2 if centred else area.left()
    painter.drawStaticText(QPointF(x, area.center().y() - height / 2), line)
