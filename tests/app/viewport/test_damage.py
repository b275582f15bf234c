"""Which places of a drawing have to be painted again."""

import numpy as np

from app.viewport.damage import changed, changed_blocks
from app.viewport.drawing import Box, Drawing, Picture, box, segment

BLACK, RED = (0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 1.0)
GREY = np.full((128, 128, 3), 90, np.uint8)


def drawing(pixels: np.ndarray = GREY, *shapes: object, size: tuple[int, int] = (600, 600)) -> Drawing:
    return Drawing(size, BLACK, [Picture("camera", pixels, Box(10, 20, 512, 512))], shapes)  # type: ignore[arg-type]


def test_nothing_changed_is_nothing_to_paint() -> None:
    assert changed(drawing(), drawing(GREY.copy())) == []


def test_one_changed_pixel_is_a_small_place_around_it() -> None:
    after = GREY.copy()
    after[40, 100] = 255
    places = changed(drawing(), drawing(after))
    assert len(places) == 1
    place = places[0]
    assert place.x <= 10 + 4 * 97
    assert place.x + place.width >= 10 + 4 * 104
    assert place.y <= 20 + 4 * 37
    assert place.y + place.height >= 20 + 4 * 44
    assert place.width * place.height < 0.05 * 512 * 512


def test_a_shape_that_moved_is_painted_where_it_was_and_where_it_is() -> None:
    still = box(Box(500, 500, 20, 20), RED)
    before, after = segment((50, 50), (60, 60), 4, RED), segment((300, 50), (310, 60), 4, RED)
    places = changed(drawing(GREY, still, before), drawing(GREY, still, after))
    assert sorted(round(place.x) for place in places) == [47, 297]


def test_another_size_is_painted_whole() -> None:
    assert changed(drawing(), drawing(size=(700, 600))) == [Box(0, 0, 700, 600)]


def test_a_picture_that_went_leaves_its_place_to_be_painted() -> None:
    assert changed(drawing(), Drawing((600, 600), BLACK)) == [Box(10, 20, 512, 512)]


def test_blocks_of_a_picture_whose_sides_are_no_multiple_of_a_block() -> None:
    before = np.zeros((37, 50, 3), np.uint8)
    after = before.copy()
    after[36, 49] = 1
    after[0, :] = 1
    assert list(changed_blocks(before, after)) == [(0, 0, 50, 16), (48, 32, 50, 37)]
