"""A sheet to paint a panel on: a QImage and a QPainter whose unit is one dmm. Works on any thread.

QPixmap does not, so icons and pictures are QImages here.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QByteArray, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen
from PyQt6.QtSvg import QSvgRenderer

from app import icons, theme
from app.xr.sizes import BODY, DENSITY, RADIUS

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE: Final = Qt.AlignmentFlag.AlignCenter
_EVEN: Final = 2
"""Image widths and heights are multiples of this."""


class Sheet:
    """Paint in dmm from the upper left corner, then call finish()."""

    def __init__(self, size: tuple[int, int], fill: str = theme.PANEL, density: float = DENSITY) -> None:
        self.width, self.height = size
        self.density = density
        pixels = tuple(_EVEN * round(side * density / _EVEN) for side in size)
        self.image = QImage(*pixels, QImage.Format.Format_ARGB32_Premultiplied)
        self.image.fill(0)
        self.painter = QPainter(self.image)
        self.painter.setRenderHints(
            QPainter.RenderHint.Antialiasing
            | QPainter.RenderHint.TextAntialiasing
            | QPainter.RenderHint.SmoothPixmapTransform
        )
        self.painter.scale(pixels[0] / size[0], pixels[1] / size[1])
        self.outline = QPainterPath()
        self.outline.addRoundedRect(QRectF(0, 0, *size), RADIUS, RADIUS)
        self.painter.fillPath(self.outline, QColor(fill))

    def finish(self) -> QImage:
        """The image, Format_RGBA8888_Premultiplied, row 0 at the top."""
        self.painter.end()
        return self.image.convertToFormat(QImage.Format.Format_RGBA8888_Premultiplied)

    def text(
        self,
        area: QRectF,
        words: str,
        colour: str = theme.TEXT,
        size: int = BODY,
        weight: int = 500,
        place: Qt.AlignmentFlag = LEFT,
    ) -> float:
        """One line in an area, cut with an ellipsis; returns the width that it takes, dmm."""
        shown = elided(words, size, weight, int(area.width()))
        self.painter.setFont(theme.font(size, QFont.Weight(weight)))
        self.painter.setPen(QColor(colour))
        self.painter.drawText(area, int(place), shown)
        return advance(shown, size, weight)

    def box(
        self,
        area: QRectF,
        fill: QColor | str | None,
        radius: float = 8,
        line: QColor | str | None = None,
        width: float = 2,
    ) -> None:
        """A rounded rectangle."""
        self.painter.setPen(QPen(QColor(line), width) if line is not None else Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(fill) if fill is not None else Qt.BrushStyle.NoBrush)
        inset = width / 2 if line is not None else 0.0
        self.painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), radius, radius)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        """A filled circle."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(fill))
        self.painter.drawEllipse(QPointF(x, y), radius, radius)

    def icon(self, name: str, x: float, y: float, size: float, colour: str = theme.TEXT) -> None:
        """A line icon with its upper left corner at a place."""
        self.painter.drawImage(QRectF(x, y, size, size), icon_image(name, round(size * self.density), colour))

    def tag(
        self,
        x: float,
        y: float,
        words: str,
        colour: str,
        size: int,
        *,
        fill: QColor | str,
        height: float = 40,
        align: float = 0.0,
    ) -> float:
        """A badge with words; `align` 0 puts its left, 0.5 its middle, 1 its right edge at x. Returns its width."""
        width = advance(words, size, 600) + 24
        area = QRectF(x - align * width, y, width, height)
        self.box(area, fill, height / 2)
        self.text(area, words, colour, size, 600, CENTRE)
        return width


def picture(pixels: NDArray[np.uint8]) -> QImage:
    """A frame (H, W, 3) RGB as a QImage of its own memory, in the format that paints fastest."""
    height, width = pixels.shape[:2]
    image = QImage(np.ascontiguousarray(pixels).tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def array(image: QImage) -> NDArray[np.uint8]:
    """An image of this folder as (H, W, 4) RGBA with premultiplied alpha, row 0 at the top; a copy."""
    bits = image.constBits()
    if bits is None:
        return np.zeros((image.height(), image.width(), 4), np.uint8)
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return np.ascontiguousarray(rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4))


@lru_cache(maxsize=256)
def icon_image(name: str, pixels: int, colour: str) -> QImage:
    """An icon of assets/icons in a colour of the palette. Raises FileNotFoundError where there is no such file."""
    svg = (icons.FOLDER / f"{name}.svg").read_text("utf-8").replace("currentColor", colour)
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return image


@lru_cache(maxsize=4096)
def advance(words: str, size: int, weight: int) -> float:
    """The width of a line, dmm."""
    return QFontMetricsF(theme.font(size, QFont.Weight(weight))).horizontalAdvance(words)


@lru_cache(maxsize=4096)
def elided(words: str, size: int, weight: int, width: int) -> str:
    """A line cut to a width, dmm."""
    if advance(words, size, weight) <= width:
        return words
    metrics = QFontMetricsF(theme.font(size, QFont.Weight(weight)))
    return metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)
