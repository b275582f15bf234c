"""What moves over the timeline: cursors, the head's dot, the range. It reads the model and decides nothing."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.timeline.geometry import FILM, NAMES, RULER, TOP, Geometry
from app.timeline.lanes import BARS, INSETS
from app.widgets import theme
from app.widgets.line_paint import advance, paint_words


def paint_cursor(
    painter: QPainter, g: Geometry, node: float, colour: str = theme.TEXT, *, handle: bool = True, solid: bool = True
) -> None:
    """A line over all lanes, with a handle in the ruler; not solid for a step that is asked for and not there yet."""
    x = round(g.x(node)) + 0.5
    if x < NAMES - 0.5 or x > g.width:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    style = Qt.PenStyle.SolidLine if solid else Qt.PenStyle.DashLine
    painter.setPen(QPen(QColor(colour), 1.5 if handle else 1, style))
    painter.drawLine(QPointF(x, RULER - 6 if handle else 0), QPointF(x, g.height))
    if handle:
        painter.setPen(Qt.PenStyle.NoPen if solid else QPen(QColor(colour), 1.5))
        painter.setBrush(QColor(colour) if solid else QColor(theme.PANEL))
        shape = [QPointF(x - 6, 5), QPointF(x + 6, 5), QPointF(x + 6, RULER - 9), QPointF(x, RULER - 2)]
        painter.drawPolygon(QPolygonF([*shape, QPointF(x - 6, RULER - 9)]))


def paint_dot(painter: QPainter, g: Geometry, row: int, node: float) -> None:
    """The head's place on its lane."""
    x, y = g.x(node), g.row_top(row) + INSETS[g.row] + BARS[g.row].driver * 0.75
    if x < NAMES or y < TOP:
        return
    size = 5.5 if g.row > 8 else 3.5
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.BACKGROUND), 2))
    painter.setBrush(QColor(theme.TEXT))
    painter.drawEllipse(QPointF(x + 0.5, y), size, size)


def paint_shown(painter: QPainter, g: Geometry, node: float) -> None:
    """Which step the pictures show while another one is asked for: a bracket in the film."""
    x = round(g.x(node)) + 0.5
    if NAMES <= x <= g.width:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(theme.ACCENT), 2))
        painter.drawPolyline(
            QPolygonF([QPointF(x + 4, TOP - 3), QPointF(x, TOP - 3), QPointF(x, RULER + 3), QPointF(x + 4, RULER + 3)])
        )


def paint_range(painter: QPainter, g: Geometry, low: int | None, high: int | None) -> None:
    """The range that is played in a loop: a bar with two brackets on the ruler, the rest of the film darker."""
    if low is None and high is None:
        return
    left = g.x(low) if low is not None else float(NAMES)
    right = g.x(high) if high is not None else float(g.width)
    painter.save()
    painter.setClipRect(QRectF(NAMES, 0, g.track_width, g.height))
    dark = theme.faded(theme.WELL, 0.6)
    if low is not None:
        painter.fillRect(QRectF(NAMES, RULER, max(0.0, left - NAMES), FILM), dark)
    if high is not None:
        painter.fillRect(QRectF(right, RULER, max(0.0, g.width - right), FILM), dark)
    painter.fillRect(QRectF(left, 0, right - left, 3), QColor(theme.ACCENT))
    painter.setPen(QPen(QColor(theme.ACCENT), 2))
    for x, inward in ((left, 6), (right, -6)):
        painter.drawPolyline(QPolygonF([QPointF(x + inward, RULER - 1), QPointF(x, RULER - 1), QPointF(x, 1)]))
    painter.restore()


def paint_speed(painter: QPainter, g: Geometry, words: str, node: int) -> None:
    """How fast the past is played, beside the cursor."""
    wide = advance(words, theme.SMALL, 600) + 14
    x = g.x(node) + 10
    x = x if x + wide < g.width else g.x(node) - 10 - wide
    area = QRectF(round(x), 2, wide, RULER - 5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.ACCENT))
    painter.drawRoundedRect(area, 8, 8)
    paint_words(painter, area, words, theme.ON_COLOUR, theme.SMALL, 600, centred=True)


def qimage(pixels: NDArray[np.uint8]) -> QImage:
    """A picture (H, W, 3) as a QImage that owns its memory."""
    height, width = pixels.shape[:2]
    return QImage(np.ascontiguousarray(pixels).tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
