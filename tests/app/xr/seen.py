"""The arrangement as seen from a head: panels in perspective, painted far to near. Enough for the eye and for tests."""

import math
from collections.abc import Mapping

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPolygonF, QTransform

from app.xr.arrangement import Layer
from app.xr.panels import Panel
from app.xr.pose import Pose, Vector, distance

SLICES = 24
"""Flat pieces of a curved panel."""


def seen(
    panels: Mapping[str, Panel], layers: Mapping[str, Layer], eye: Pose, size: tuple[int, int], fov: float
) -> QImage:
    """A picture of size (width, height) pixels; `fov` is the horizontal angle of view, radians."""
    image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    dusk = QLinearGradient(0, 0, 0, size[1])
    for at, colour in ((0.0, "#07080A"), (0.55, "#0B0D11"), (1.0, "#12151A")):
        dusk.setColorAt(at, QColor(colour))
    painter.fillRect(image.rect(), dusk)
    far = sorted(layers, key=lambda name: -distance(layers[name].pose.position, eye.position))
    back = eye.inverse()
    for name in far:
        whole = panels[name].image
        pieces = SLICES if layers[name].radius else 1
        for i in range(pieces):
            u0, u1 = i / pieces, (i + 1) / pieces
            corners = [back.point(corner(layers[name], u, v)) for u, v in ((u0, 0), (u1, 0), (u1, 1), (u0, 1))]
            if any(z > -0.05 for _, _, z in corners):
                continue
            scale = size[0] / 2 / math.tan(fov / 2)
            there = QPolygonF(
                [QPointF(size[0] / 2 - x / z * scale, size[1] / 2 + y / z * scale) for x, y, z in corners]
            )
            x0, x1 = round(u0 * whole.width()), min(whole.width(), round(u1 * whole.width()) + (i < pieces - 1))
            source = QRectF(x0, 0, x1 - x0, whole.height())
            here = QPolygonF(
                [QPointF(u * whole.width(), v * whole.height()) for u, v in ((u0, 0), (u1, 0), (u1, 1), (u0, 1))]
            )
            transform = QTransform()
            if QTransform.quadToQuad(here, there, transform):
                painter.setTransform(transform)
                painter.drawImage(source, whole, source)
                painter.resetTransform()
    painter.end()
    return image


def corner(layer: Layer, u: float, v: float) -> Vector:
    """A point of a panel in the space of its anchor; u to the right and v down, 0 .. 1."""
    y = (0.5 - v) * layer.height
    if not layer.radius:
        return layer.pose.point(((u - 0.5) * layer.width, y, 0.0))
    angle = (u - 0.5) * layer.central_angle
    return layer.cylinder.point((layer.radius * math.sin(angle), y, -layer.radius * math.cos(angle)))
