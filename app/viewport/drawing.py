"""A picture to be drawn, as plain values: images in boxes, shapes, text. Neither OpenGL nor Qt.

Pixels of the target from the upper left, y down; colours 0..1 with straight alpha.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float, float]
"""Red, green, blue, alpha in 0..1, straight alpha."""
CLEAR: Final[Colour] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the drawing, from the upper left."""

    x: float
    y: float
    width: float
    height: float

    def grown(self, by: float) -> "Box":
        """The box with every side moved outwards by `by` pixels."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image in a box. The texture of a slot is uploaded again only when the array is another object."""

    slot: str
    pixels: NDArray[np.uint8]
    """(H, W, 3) RGB or (H, W, 4) RGBA with premultiplied alpha, row 0 at the top; never changed in place."""
    box: Box
    smooth: bool = True
    """Smooth (Catmull-Rom) or one sharp square per pixel."""
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A rounded box (from corner a to corner b) or a thick segment (from a to b), with soft edges."""

    kind: Literal["box", "segment"]
    a: tuple[float, float]
    b: tuple[float, float]
    radius: float
    """Of the corners of a box; half the thickness of a segment. Pixels."""
    fill: Colour
    border: Colour = CLEAR
    border_width: float = 0.0
    """Inside the edge, pixels."""


def box(area: Box, fill: Colour, radius: float = 0.0, border: Colour = CLEAR, border_width: float = 0.0) -> Shape:
    """A rounded rectangle."""
    return Shape(
        "box", (area.x, area.y), (area.x + area.width, area.y + area.height), radius, fill, border, border_width
    )


def frame(area: Box, colour: Colour, width: float) -> list[Shape]:
    """Four bars around an area; unlike a box with a border they touch no pixel inside it."""
    outer = area.grown(width)
    return [
        box(Box(outer.x, outer.y, outer.width, width), colour),
        box(Box(outer.x, area.y + area.height, outer.width, width), colour),
        box(Box(outer.x, area.y, width, area.height), colour),
        box(Box(area.x + area.width, area.y, width, area.height), colour),
    ]


def disc(x: float, y: float, radius: float, fill: Colour, border: Colour = CLEAR, border_width: float = 0.0) -> Shape:
    """A filled circle, or a ring when the fill is clear."""
    return Shape("box", (x - radius, y - radius), (x + radius, y + radius), radius, fill, border, border_width)


def segment(a: tuple[float, float], b: tuple[float, float], thickness: float, fill: Colour) -> Shape:
    """A thick line with round ends."""
    return Shape("segment", a, b, thickness / 2, fill)


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Everything that is to be seen, back to front: pictures, then shapes, then sprites (text)."""

    size: tuple[int, int]
    """Width and height of the target, pixels."""
    background: Colour
    pictures: Sequence[Picture] = ()
    shapes: Sequence[Shape] = ()
    sprites: Sequence[Picture] = ()
