"""Markers of the timeline as shapes that are told apart without colour: diamond, disc, flag."""

from typing import Final

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.widgets import theme
from core.branch_tree import MarkerKind

COLOURS: Final[dict[MarkerKind, str]] = {"failure": theme.FAILURE, "success": theme.SUCCESS, "note": theme.ACCENT}
SIZE: Final = 6.5
"""Half the height of a marker, pixels."""


def paint_marker(
    painter: QPainter, kind: MarkerKind, x: float, y: float, *, dim: bool = False, size: float = 1.0
) -> None:
    """Draw a marker around a point: failure is a diamond with a cross, success a disc with a tick, note a flag."""
    painter.save()
    painter.translate(x, y)
    painter.scale(size, size)
    _paint(painter, kind, dim)
    painter.restore()


def _paint(painter: QPainter, kind: MarkerKind, dim: bool) -> None:
    x = y = 0.0
    colour = QColor(theme.TEXT_FAINT if dim else COLOURS[kind])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.BACKGROUND), 1.5))
    painter.setBrush(colour)
    sign = QPen(QColor(theme.ON_COLOUR), 1.6)
    sign.setCapStyle(Qt.PenCapStyle.RoundCap)
    if kind == "failure":
        reach = SIZE + 1.0
        corners = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        painter.setPen(sign)
        painter.drawLine(QPointF(x - 2, y - 2), QPointF(x + 2, y + 2))
        painter.drawLine(QPointF(x - 2, y + 2), QPointF(x + 2, y - 2))
    elif kind == "success":
        painter.drawEllipse(QPointF(x, y), SIZE, SIZE)
        painter.setPen(sign)
        painter.drawPolyline(
            QPolygonF([QPointF(x - 2.8, y + 0.2), QPointF(x - 0.8, y + 2.2), QPointF(x + 2.8, y - 2.2)])
        )
    else:
        painter.drawPolygon(QPolygonF([QPointF(x, y - SIZE), QPointF(x + 10, y - 3), QPointF(x, y + 0.5)]))
        painter.setPen(QPen(colour, 1.6))
        painter.drawLine(QPointF(x, y - SIZE), QPointF(x, y + SIZE))
