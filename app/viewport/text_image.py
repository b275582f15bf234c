"""Words as images, so that one renderer draws them in a window, a headset and a test. Works on any thread."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from app.widgets import theme


@lru_cache(maxsize=512)
def text_image(
    text: str, size: int, colour: str = theme.TEXT, weight: int = 500, scale: float = 1.0
) -> NDArray[np.uint8]:
    """One line of text as (H, W, 4) RGBA with premultiplied alpha, cut to its line height and advance.

    Args:
        text: the line.
        size: pixel size of the font at scale 1.
        colour: of the palette.
        weight: 100 .. 900.
        scale: device pixels per pixel.
    """
    font = theme.font(max(1, round(size * scale)), QFont.Weight(weight))
    metrics = QFontMetricsF(font)
    bounds = QRectF(0, 0, metrics.horizontalAdvance(text), metrics.ascent() + metrics.descent())
    width, height = max(1, int(np.ceil(bounds.width())) + 1), max(1, int(np.ceil(bounds.height())))
    image = QImage(width, height, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(QPointF(0, metrics.ascent()), text)
    painter.end()
    bits = image.constBits()
    if bits is None:
        return np.zeros((height, width, 4), np.uint8)
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(height, image.bytesPerLine())
    return np.ascontiguousarray(rows[:, : 4 * width].reshape(height, width, 4))
