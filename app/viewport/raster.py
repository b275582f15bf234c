"""Paints drawings with Qt's rasteriser: the window needs no OpenGL, and only the places that changed are painted.

The headset draws the same values with app.viewport.renderer.
"""

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from PyQt6 import sip
from PyQt6.QtCore import QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QRegion

from app.viewport.damage import changed_blocks, extent
from app.viewport.drawing import Box, Colour, Drawing, Picture, Shape
from app.viewport.enlarge import doubled, packed, redouble

ENLARGED: Final = 1.5
"""From this factor on a picture is interpolated by Catmull-Rom; below it, bilinear filtering looks the same."""
KEPT: Final = 200
"""Images of words that are kept."""


@dataclass(slots=True, eq=False)
class _Image:
    source: NDArray[np.uint8]
    """What the image was made of; held so that its identity stays its own."""
    enlarged: bool
    pixels: NDArray[np.uint8]
    """(H, W, 4), the memory of the image."""
    image: QImage


class Raster:
    """Paints drawings, and keeps the images of their pictures. Used by one thread."""

    def __init__(self) -> None:
        self._images: dict[str, _Image] = {}

    def paint(self, painter: QPainter, drawing: Drawing, region: QRegion) -> None:
        """Paint a drawing.

        Args:
            painter: in pixels of the drawing; clipped to `region` by the caller.
            drawing: what is to be seen.
            region: pixels of the drawing that have to be painted; the rest is left as it is.
        """
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(region.boundingRect(), colour_of(drawing.background))
        for picture in drawing.pictures:
            if region.intersects(around(picture.box)):
                self._paint_picture(painter, picture)
        for shape in drawing.shapes:
            if region.intersects(around(extent(shape))):
                paint_shape(painter, shape)
        for sprite in drawing.sprites:
            if region.intersects(around(sprite.box)):
                self._paint_picture(painter, sprite)

    def _paint_picture(self, painter: QPainter, picture: Picture) -> None:
        enlarged = picture.smooth and picture.box.width > ENLARGED * picture.pixels.shape[1]
        known = self._images.pop(picture.slot, None)
        if known is None or known.enlarged != enlarged or known.source.shape != picture.pixels.shape:
            known = made(picture.pixels, enlarged=enlarged)
        elif known.source is not picture.pixels:
            follow(known, picture.pixels)
        self._images[picture.slot] = known  # the newest last
        if len(self._images) > KEPT:
            del self._images[next(iter(self._images))]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, picture.smooth)
        painter.setOpacity(picture.opacity)
        painter.drawImage(rect_of(picture.box), known.image)
        painter.setOpacity(1.0)


def made(source: NDArray[np.uint8], *, enlarged: bool) -> _Image:
    """An image of (H, W, 3) RGB, at twice its size if wanted, or of (H, W, 4) premultiplied RGBA."""
    pixels = packed(source)
    if enlarged:
        pixels = doubled(pixels)
    height, width = pixels.shape[:2]
    has_alpha = source.shape[2] == 4
    layout = QImage.Format.Format_ARGB32_Premultiplied if has_alpha else QImage.Format.Format_RGB32
    memory = sip.voidptr(pixels.ctypes.data)
    image = QImage(memory, width, height, 4 * width, layout)  # type: ignore[call-overload]  # PyQt's types lack it
    return _Image(source, enlarged, pixels, cast(QImage, image))


def follow(known: _Image, source: NDArray[np.uint8]) -> None:
    """Bring an image up to date with another picture of the same shape."""
    blocks = list(changed_blocks(known.source, source))
    known.source = source
    if not blocks:
        return
    pixels = packed(source)
    if not known.enlarged:
        known.pixels[:] = pixels
        return
    lefts, tops, rights, bottoms = zip(*blocks, strict=True)
    redouble(known.pixels, pixels, min(lefts), min(tops), max(rights), max(bottoms))


def paint_shape(painter: QPainter, shape: Shape) -> None:
    """Paint a rounded box, its border inside the edge, or a thick segment."""
    if shape.kind == "segment":
        painter.setPen(_pen(shape.fill, 2 * shape.radius))
        painter.drawLine(QPointF(*shape.a), QPointF(*shape.b))
        return
    area = QRectF(QPointF(*shape.a), QPointF(*shape.b))
    if shape.radius <= 0 and shape.border_width <= 0:
        painter.fillRect(area, colour_of(shape.fill))
        return
    inside = shape.border_width / 2
    has_border = shape.border_width > 0
    painter.setPen(_pen(shape.border, shape.border_width) if has_border else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(colour_of(shape.fill))
    radius = max(0.0, shape.radius - inside)
    painter.drawRoundedRect(area.adjusted(inside, inside, -inside, -inside), radius, radius)


def _pen(colour: Colour, width: float) -> QPen:
    return QPen(QBrush(colour_of(colour)), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)


def colour_of(colour: Colour) -> QColor:
    """A colour of a drawing as Qt's."""
    return QColor.fromRgbF(*colour)


def rect_of(box: Box) -> QRectF:
    """A box of a drawing as Qt's."""
    return QRectF(box.x, box.y, box.width, box.height)


def around(box: Box) -> QRect:
    """The whole pixels that a box touches."""
    return rect_of(box).toAlignedRect()
