"""End effectors and their height in the pictures of calibrated cameras."""

from dataclasses import replace

import numpy as np
import pytest

from app.viewport.drawing import Box, Shape
from app.viewport.overlay import View, compose
from app.viewport.projected import ARM_COLOURS, area_holds, hand_shapes, project
from app.widgets import theme
from core.action import POSITION, arm_slice
from core.observation import Observation
from models.tasks.push_t.geometry import CAMERAS
from tests.app.fakes import STATUS

AREA = Box(100, 50, 512, 512)
TOP, FRONT = CAMERAS


def hands(height: float) -> np.ndarray:
    """(14,) both tools over the table."""
    state = np.zeros(14, np.float32)
    for arm, y in ((0, 0.1), (1, -0.1)):
        state[arm_slice(arm)][POSITION] = (0.5, y, height)
    return state


def lines(shapes: list[Shape], arm: int) -> list[Shape]:
    """The segments in the colour of an arm."""
    colour = theme.rgba(ARM_COLOURS[arm])[:3]
    return [shape for shape in shapes if shape.kind == "segment" and shape.fill[:3] == colour]


@pytest.mark.parametrize("arm", [0, 1])
def test_a_line_drops_from_each_hand_to_the_table_and_a_mark_lies_there(arm: int) -> None:
    state = hands(0.15)
    drop, *mark = lines(hand_shapes(state, FRONT, AREA, 1.0), arm)
    tool = state[arm_slice(arm)][POSITION]
    at, foot = project(FRONT, AREA, np.array([tool, [tool[0], tool[1], 0.0]]))
    assert drop.a == pytest.approx(at)
    assert drop.b == pytest.approx(foot)
    assert drop.b[1] > drop.a[1] + 20, "the table lies below the hand"
    middle = np.mean([shape.a for shape in mark], 0)
    assert middle == pytest.approx(foot, abs=2)


def test_the_mark_stays_where_it_is_while_a_hand_rises() -> None:
    low, high = (lines(hand_shapes(hands(height), FRONT, AREA, 1.0), 0) for height in (0.02, 0.2))
    assert [shape.a for shape in low[1:]] == [shape.a for shape in high[1:]]
    assert np.hypot(*np.subtract(high[0].a, high[0].b)) > 3 * np.hypot(*np.subtract(low[0].a, low[0].b))


def test_nothing_is_drawn_outside_of_the_picture_or_without_a_calibration() -> None:
    state = hands(0.1)
    state[arm_slice(1)][POSITION] = (5.0, 5.0, 0.1)
    shapes = hand_shapes(state, FRONT, AREA, 1.0)
    assert lines(shapes, 0)
    assert not lines(shapes, 1)
    assert all(area_holds(AREA, np.array(end)) for s in shapes if s.kind == "segment" for end in (s.a, s.b))
    assert hand_shapes(hands(0.1), FRONT.uncalibrated(), AREA, 1.0) == []
    unknown = hands(0.1)
    unknown[:] = np.nan
    assert hand_shapes(unknown, TOP, AREA, 1.0) == []


def test_hands_are_those_of_the_head_so_a_preview_has_none(qapp: object) -> None:
    frames = {camera.name: np.zeros((128, 128, 3), np.uint8) for camera in CAMERAS}
    status = replace(STATUS, observation=Observation(frames, hands(0.1)))
    view = View(CAMERAS, frames, status, markers=True)
    shown = len(compose(view, (1000, 500)).shapes)
    assert shown > len(compose(replace(view, markers=False), (1000, 500)).shapes)
    previewed = compose(replace(view, preview="Step 3"), (1000, 500))
    assert len(previewed.shapes) == len(compose(replace(view, preview="Step 3", markers=False), (1000, 500)).shapes)
