import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.timeline.geometry import FILM, MOST_ZOOM, NAMES, ROW, RULER, TOP, Geometry, fit_zoom, tick_steps

GEOMETRY = Geometry(width=1000, height=400, rows=12, first=20.0, zoom=4.0, scroll=2 * ROW)


@settings(deadline=None)
@given(st.floats(0, 1e5), st.floats(-10, 1e5), st.floats(1e-3, 64))
def test_nodes_and_pixels_are_inverse(node: float, first: float, zoom: float) -> None:
    geometry = Geometry(1000, 400, 3, first, zoom)
    assert geometry.node(geometry.x(node)) == pytest.approx(node, abs=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "area", "row", "node"),
    [
        (5, 5, "corner", None, 0),
        (NAMES + 40, 5, "ruler", None, 30),
        (NAMES + 41, RULER + 3, "film", None, 30),
        (NAMES + 43, RULER + FILM + 3, "lane", 2, 31),
        (20, TOP + ROW + 3, "name", 3, 0),
        (NAMES + 40, TOP + 30 * ROW, "empty", None, 30),
    ],
)
def test_what_is_at_a_point(x: float, y: float, area: str, row: int | None, node: int) -> None:
    hit = GEOMETRY.hit(x, y)
    assert (hit.area, hit.row) == (area, row)
    if area not in ("corner", "name"):
        assert hit.node == node


def test_only_lanes_that_are_seen_are_painted() -> None:
    assert GEOMETRY.visible_rows() == range(2, 12)
    assert Geometry(1000, TOP + ROW - 1, 12).visible_rows() == range(1)
    assert Geometry(1000, 50, 0).visible_rows() == range(0)
    assert Geometry(1000, TOP + 100, 5, scroll=100 * ROW).visible_rows() == range(100, 100)


@given(st.integers(0, 10**6), st.integers(100, 4000))
def test_fitting_shows_every_step_and_rescales_seldom(longest: int, width: int) -> None:
    zoom = fit_zoom(width, longest)
    assert longest * zoom < width
    assert zoom <= MOST_ZOOM


def test_a_live_run_keeps_its_scale_for_many_steps() -> None:
    scales = {fit_zoom(1000, steps) for steps in range(1000)}
    assert len(scales) < 15


@given(st.floats(1e-3, 64), st.sampled_from([0.1, 0.05, 1 / 30, 0.02]))
def test_ticks_are_apart_and_small_ones_divide_large_ones(zoom: float, dt: float) -> None:
    large, small = tick_steps(zoom, dt)
    assert large % small == 0
    if zoom > 0.02:
        assert large * zoom >= 90 or large == tick_steps(1e-9, dt)[0]
