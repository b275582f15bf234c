"""A sheet to paint a panel on: a QImage and a QPainter whose unit is one dmm. Works on any thread.

QPixmap does not, so icons and pictures are QImages here.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QByteArray, QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen
from PyQt6.QtSvg import QSvgRenderer

from app.widgets import icons, theme
from app.xr.sizes import BODY, DENSITY, RADIUS

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE: Final = Qt.AlignmentFlag.AlignCenter


class Sheet:
    """Paint in dmm from the upper left corner, then call finish()."""

    def __init__(
        self,
        size: tuple[int, int],
        fill: str = theme.PANEL,
        density: float = DENSITY,
        ground: QImage | None = None,
    ) -> None:
        self.width, self.height = size
        self.density = density
        pixels = round(size[0] * density), round(size[1] * density)
        self.image = ground.copy() if ground is not None else QImage(*pixels, QImage.Format.Format_ARGB32_Premultiplied)
        if ground is None:
            self.image.fill(QColor(fill))
        self.painter = QPainter(self.image)
        self.painter.setRenderHints(
            QPainter.RenderHint.Antialiasing
            | QPainter.RenderHint.TextAntialiasing
            | QPainter.RenderHint.SmoothPixmapTransform
        )
        self.painter.scale(density, density)
        self.outline = QRectF(0, 0, *size)

    def finish(self) -> QImage:
        """The image with its corners rounded, Format_RGBA8888_Premultiplied, row 0 at the top."""
        self.painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOut)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.fillPath(self._corners(), QColor(theme.WELL))
        self.painter.end()
        self.image.convertTo(QImage.Format.Format_RGBA8888_Premultiplied)  # in place; painted in what is fastest
        return self.image

    def _corners(self) -> QPainterPath:
        """What lies outside the rounded corners: cheaper to take away at the end than to clip everything by."""
        path = QPainterPath()
        for x, y, start in ((0, 0, 90), (0, self.height, 180), (self.width, self.height, 270), (self.width, 0, 0)):
            dx, dy = (RADIUS if x == 0 else -RADIUS), (RADIUS if y == 0 else -RADIUS)
            path.moveTo(x, y)
            path.arcTo(QRectF(x + dx - RADIUS, y + dy - RADIUS, 2 * RADIUS, 2 * RADIUS), start, 90)
            path.closeSubpath()
        return path

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
        self.blit(x, y, icon_image(name, round(size * self.density), colour))

    def blit(self, x: float, y: float, image: QImage) -> None:
        """An image pixel by pixel, its upper left corner at the pixel nearest to a place: sharp, and fast."""
        self.painter.save()
        self.painter.resetTransform()
        self.painter.drawImage(QPoint(round(x * self.density), round(y * self.density)), image)
        self.painter.restore()

    def fill(self, area: QRectF, colour: QColor | str) -> None:
        """A rectangle whose edges are brought to whole pixels: soft edges would cost fifty times as much."""
        left, top = round(area.left() * self.density), round(area.top() * self.density)
        width = max(1, round(area.right() * self.density) - left)
        height = max(1, round(area.bottom() * self.density) - top)
        self.painter.save()
        self.painter.resetTransform()
        self.painter.fillRect(left, top, width, height, QColor(colour))
        self.painter.restore()

    def upright(self, x: float, top: float, bottom: float, width: float, colour: QColor | str) -> None:
        """A vertical line."""
        self.fill(QRectF(x - width / 2, top, width, bottom - top), colour)

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
    """A frame (H, W, 3) RGB as a QImage that owns its memory, in the format that paints fastest."""
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
