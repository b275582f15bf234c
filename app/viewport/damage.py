"""Which places of a drawing differ from the one before: all that has to be painted. No Qt."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from app.viewport.drawing import Box, Drawing, Picture, Shape

BLOCK = 16
"""Camera pixels; a picture is compared in squares of this side."""
REACH = 3
"""Camera pixels around a changed one whose enlargement it changes: two of Catmull-Rom and one of bilinear filtering."""


def changed(before: Drawing, after: Drawing) -> list[Box]:
    """The areas in which two drawings differ, pixels of the drawing."""
    if (before.size, before.background) != (after.size, after.background):
        return [Box(0, 0, *after.size)]
    found = [extent(shape) for shape in set(before.shapes).symmetric_difference(after.shapes)]
    found += _of_pictures(before.pictures, after.pictures)
    found += _of_pictures(before.sprites, after.sprites)
    return found


def extent(shape: Shape) -> Box:
    """A box around a shape and its soft edge."""
    reach = 1 + (shape.radius if shape.kind == "segment" else 0)
    (ax, ay), (bx, by) = shape.a, shape.b
    return Box(min(ax, bx), min(ay, by), abs(bx - ax), abs(by - ay)).grown(reach)


def _of_pictures(before: Sequence[Picture], after: Sequence[Picture]) -> list[Box]:
    """Where pictures came, went, or show something else. A slot may be used more than once: the same words twice."""
    found: list[Box] = []
    old = {_place(picture): picture for picture in before}
    new = {_place(picture): picture for picture in after}
    found += [picture.box for place, picture in old.items() if place not in new]
    for place, picture in new.items():
        known = old.get(place)
        if known is None or known.pixels.shape != picture.pixels.shape:
            found.append(picture.box)
        elif known.pixels is not picture.pixels:
            found += [_in_box(picture, *block) for block in changed_blocks(known.pixels, picture.pixels)]
    return found


def _place(picture: Picture) -> tuple[object, ...]:
    return picture.slot, picture.box, picture.smooth, picture.opacity


def _in_box(picture: Picture, left: int, top: int, right: int, bottom: int) -> Box:
    """The place in the drawing of some pixels of a picture, and of all that are interpolated from them."""
    height, width = picture.pixels.shape[:2]
    box, along, down = picture.box, picture.box.width / width, picture.box.height / height
    x0, y0 = max(0, left - REACH) * along, max(0, top - REACH) * down
    x1, y1 = min(width, right + REACH) * along, min(height, bottom + REACH) * down
    return Box(box.x + x0, box.y + y0, x1 - x0, y1 - y0)


def changed_blocks(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of changed blocks as (left, top, right, bottom) in pixels of two pictures (H, W, C) of one shape."""
    height, width, channels = after.shape
    rows, columns = -(-height // BLOCK), -(-width // BLOCK)
    differs = np.zeros((rows * BLOCK, columns * BLOCK * channels), bool)
    differs[:height, : width * channels] = (before != after).reshape(height, width * channels)
    eights = differs.view(np.uint64).reshape(rows, BLOCK, -1)  # an eighth of the numbers to look at
    blocks = np.bitwise_or.reduce(eights, 1).reshape(rows, columns, -1).any(2).tolist()
    for row, flags in enumerate(blocks):
        start = 0
        for differ, run in groupby(flags):
            stop = start + sum(1 for _ in run)
            if differ:
                yield start * BLOCK, row * BLOCK, min(stop * BLOCK, width), min((row + 1) * BLOCK, height)
            start = stop
