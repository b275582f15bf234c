"""What Qt's rasteriser paints of a drawing, whole and in parts."""

import numpy as np
import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QImage, QPainter, QRegion
from pytestqt.qtbot import QtBot

from app.viewport.damage import changed
from app.viewport.drawing import CLEAR, Box, Drawing, Picture, box, disc, segment
from app.viewport.enlarge import doubled, packed, redouble
from app.viewport.raster import Raster, around

BLACK = (0.0, 0.0, 0.0, 1.0)
RED, GREEN = (1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 1.0)
SIZE = (300, 200)


def noise(seed: int, side: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def blank() -> QImage:
    image = QImage(*SIZE, QImage.Format.Format_RGB32)
    image.fill(0)
    return image


def painted(raster: Raster, drawing: Drawing, image: QImage, region: QRegion | None = None) -> np.ndarray:
    """(200, 300, 3) of an image that was painted in a region."""
    region = region if region is not None else QRegion(0, 0, *SIZE)
    painter = QPainter(image)
    painter.setClipRegion(region)
    raster.paint(painter, drawing, region)
    painter.end()
    bits = image.constBits()
    assert bits is not None
    return np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8).reshape(SIZE[1], SIZE[0], 4)[..., 2::-1].copy()


def test_pictures_lie_in_their_boxes_and_the_background_around_them(qapp: object) -> None:
    plain = np.full((32, 32, 3), (10, 200, 30), np.uint8)
    seen = painted(Raster(), Drawing(SIZE, RED, [Picture("a", plain, Box(50, 40, 128, 128))]), blank())
    assert seen[100, 100].tolist() == [10, 200, 30]
    assert seen[40, 50].tolist() == [10, 200, 30]
    assert seen[39, 50].tolist() == [255, 0, 0]
    assert seen[100, 178].tolist() == [255, 0, 0]


def test_shapes_are_round_where_they_are_round(qapp: object) -> None:
    shapes = [
        disc(100, 100, 20, CLEAR, GREEN, 4),
        segment((200, 50), (260, 50), 10, RED),
        box(Box(10, 10, 40, 20), RED, 10),
    ]
    seen = painted(Raster(), Drawing(SIZE, BLACK, (), shapes), blank())
    assert seen[100, 100].tolist() == [0, 0, 0], "inside a ring"
    assert seen[100, 118].tolist() == [0, 255, 0], "on the ring"
    assert seen[50, 230].tolist() == [255, 0, 0]
    assert seen[50, 263].tolist() == [255, 0, 0], "the round end of a segment"
    assert seen[10, 10].max() < 60, "the corner of a rounded box"
    assert seen[20, 30].tolist() == [255, 0, 0]


def test_painting_only_what_changed_leaves_the_same_picture_as_painting_all(qapp: object) -> None:
    rng, raster, image = np.random.default_rng(0), Raster(), blank()
    pixels, before = noise(0), Drawing((0, 0), BLACK)
    for number in range(20):
        pixels = pixels.copy()
        x, y = rng.integers(0, 28, 2)
        pixels[y : y + 4, x : x + 4] = rng.integers(0, 256, 3)
        shapes = [segment((20, 20), (20 + 5 * number, 90), 3, RED), disc(50 + number, 60, 6, GREEN)]
        now = Drawing(SIZE, BLACK, [Picture("a", pixels, Box(10, 10, 160, 160))], shapes)
        region = QRegion()
        for place in changed(before, now):
            region += around(place)
        part, whole = painted(raster, now, image, region), painted(Raster(), now, blank())
        assert np.abs(part.astype(int) - whole).max() <= 2
        before = now


@pytest.mark.parametrize("enlarged", [False, True])
def test_a_picture_follows_its_slot(qapp: object, enlarged: bool) -> None:
    raster, side = Raster(), 128 if enlarged else 32
    for seed in (1, 2):
        now = Drawing(SIZE, BLACK, [Picture("a", noise(seed), Box(0, 0, side, side))])
        assert np.array_equal(painted(raster, now, blank()), painted(Raster(), now, blank()))


def test_a_doubled_picture_has_no_halo() -> None:
    edge = np.full((16, 16, 3), 60, np.uint8)
    edge[:, 8:] = 200
    assert set(np.unique(doubled(packed(edge))[..., :3])) >= {60, 200}
    assert doubled(packed(edge))[..., :3].min() == 60
    assert doubled(packed(edge))[..., :3].max() == 200


def test_a_part_that_is_doubled_again_is_the_same_as_the_whole() -> None:
    before, after = noise(3), noise(3)
    after[10:14, 28:32] = 0
    kept = doubled(packed(before)).copy()
    redouble(kept, packed(after), 28, 10, 32, 14)
    assert np.array_equal(kept, doubled(packed(after)))


def test_sharp_pictures_keep_their_pixels(qapp: object) -> None:
    quarters = np.array([[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 255)]], np.uint8)
    now = Drawing(SIZE, BLACK, [Picture("a", quarters, Box(0, 0, 100, 100), smooth=False)])
    seen = painted(Raster(), now, blank())
    assert seen[48, 48].tolist() == [255, 0, 0]
    assert seen[48, 52].tolist() == [0, 255, 0]


def test_the_region_is_all_that_is_painted(qtbot: QtBot) -> None:
    image = blank()
    now = Drawing(SIZE, RED, [Picture("a", noise(0), Box(0, 0, 160, 160))])
    seen = painted(Raster(), now, image, QRegion(QRect(40, 40, 10, 10)))
    assert seen[45, 45].any()
    assert not seen[60:].any()
    assert not seen[:, 60:].any()
