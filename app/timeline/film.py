"""Ruler and film at the top of the timeline: where the steps are, and pictures along the path to the head."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter

from app.timeline.geometry import FILM, NAMES, RULER, TOP, Geometry, tick_steps
from app.timeline.lanes import Canvas, draw_picture
from app.timeline.strips import argb
from app.timeline.words import clock
from app.widgets import theme
from app.widgets.line_paint import advance, paint_words

SIDE: Final = FILM - 7
"""Height of a picture of the film, pixels."""


def film_nodes(canvas: Canvas) -> Iterator[int]:
    """Nodes of the followed path whose pictures have room side by side."""
    model, g = canvas.model, canvas.geometry
    followed = model.followed
    if followed is None:
        return
    stride = film_stride(g, picture_width(canvas))
    first = max(0, math.floor(g.first / stride)) * stride
    yield from range(first, min(model.length(followed), math.ceil(g.last)) + 1, stride)


def film_stride(g: Geometry, width: float) -> int:
    """Nodes from one picture to the next."""
    return max(1, math.ceil((width + 2) / g.zoom))


def picture_width(canvas: Canvas) -> float:
    """Pixels of one picture of all cameras; square ones until a picture is known."""
    followed = canvas.model.followed
    found = canvas.model.picture(followed, 0) if followed is not None else None
    return SIDE * found[1].shape[1] / found[1].shape[0] if found is not None else float(SIDE)


def paint_film(canvas: Canvas, painter: QPainter) -> list[tuple[int, int]]:
    """Draw the pictures that are there; (owner, node) of those that are wanted and are not."""
    g, model = canvas.geometry, canvas.model
    painter.fillRect(QRectF(NAMES, RULER, g.track_width, FILM), QColor(theme.WELL))
    followed = model.followed
    if followed is None:
        return []
    painter.save()
    painter.setClipRect(QRectF(NAMES, RULER, g.track_width, FILM - 1))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    width = picture_width(canvas)
    stride = film_stride(g, width)
    wanted = []
    for node in film_nodes(canvas):
        found = model.picture(followed, node)
        if found is None or found[0] != node:
            wanted.append((model.owner(followed, node), node))
        if found is not None and abs(found[0] - node) <= stride:
            draw_picture(painter, QRectF(round(g.x(node)), RULER + 3, width, SIDE), found[1])
    painter.restore()
    return wanted


def paint_ruler(canvas: Canvas, painter: QPainter) -> None:
    """Ticks, and steps and seconds beside the large ones."""
    g, model = canvas.geometry, canvas.model
    painter.fillRect(QRectF(NAMES, 0, g.track_width, RULER), QColor(theme.PANEL))
    painter.fillRect(QRectF(0, 0, NAMES, TOP), QColor(theme.PANEL))
    if not len(model.rows):
        return
    painter.save()
    painter.setClipRect(QRectF(NAMES, 0, g.track_width, RULER))
    large, small = tick_steps(g.zoom, model.dt)
    _ticks(canvas, painter, small, large)
    for step in range(max(0, math.floor(g.first / large)) * large, math.ceil(g.last) + 1, large):
        x = round(g.x(step))
        if x + 40 < g.width:
            area = QRectF(x + 8, 0, 90, RULER - 6)
            words = f"{step:,}".replace(",", " ")
            paint_words(painter, area, words, theme.TEXT_DIM, theme.SMALL, 500)
            area.translate(advance(words, theme.SMALL, 500) + 5, 0)
            paint_words(painter, area, "· " + clock(step * model.dt), theme.TEXT_FAINT, theme.SMALL, 400)
    painter.restore()


def _ticks(canvas: Canvas, painter: QPainter, small: int, large: int) -> None:
    """All ticks as one image: there may be a hundred."""
    g, scale = canvas.geometry, max(1, round(canvas.ratio))
    steps = np.arange(max(0, math.floor(g.first / small)) * small, math.ceil(g.last) + 1, small)
    columns = np.round((steps - g.first) * g.zoom).astype(np.int64) * scale
    seen = (columns >= 0) & (columns < g.track_width * scale)
    pixels = np.zeros((8 * scale, g.track_width * scale), np.uint32)
    for pixel in range(scale):
        pixels[4 * scale :, columns[seen] + pixel] = argb(theme.LINE_STRONG)
        pixels[:, columns[seen & (steps % large == 0)] + pixel] = argb(theme.LINE_STRONG)
    height, width = pixels.shape
    data = pixels.tobytes()  # alive until it is drawn
    image = QImage(data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(QRectF(NAMES, RULER - 8, g.track_width, 8), image)


def paint_empty(canvas: Canvas, painter: QPainter) -> None:
    """Words where there is nothing yet."""
    g = canvas.geometry
    painter.fillRect(QRectF(0, TOP, NAMES, max(0, g.height - TOP)), QColor(theme.PANEL))
    painter.fillRect(QRectF(NAMES, TOP, g.track_width, max(0, g.height - TOP)), QColor(theme.BACKGROUND))
    painter.setFont(theme.font(13))
    painter.setPen(QColor(theme.TEXT_DIM))
    words = "Steps and branches appear here as soon as something runs."
    painter.drawText(QRectF(NAMES, TOP, g.track_width, max(40, g.height - TOP)), Qt.AlignmentFlag.AlignCenter, words)
