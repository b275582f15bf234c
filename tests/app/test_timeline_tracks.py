import numpy as np
import pytest

from app.thumbnails import Thumbnails, shrink
from app.timeline_strips import DRIVER, HEIGHT, strips
from app.timeline_tracks import OPERATOR, POLICY, REPLAY, UNKNOWN, Summary, Track, summarise


def track(sources: list[int], start: int = 0) -> Track:
    made = Track(start)
    for i, source in enumerate(sources):
        made.put(start + i, source, 0.9, i / len(sources))
    return made


def test_one_pixel_per_step() -> None:
    summary = summarise(track([POLICY, OPERATOR, REPLAY], start=5), 8, first=4.0, steps_per_pixel=1.0, width=6)
    assert summary.inside.tolist() == [False, True, True, True, False, False]
    assert summary.source.tolist() == [0, POLICY, OPERATOR, REPLAY, 0, 0]


def test_several_pixels_per_step() -> None:
    summary = summarise(track([POLICY, OPERATOR]), 2, first=0.0, steps_per_pixel=0.25, width=8)
    assert summary.source.tolist() == [POLICY] * 4 + [OPERATOR] * 4


def test_zooming_out_loses_no_intervention_and_no_dip() -> None:
    rng = np.random.default_rng(0)
    made = track([POLICY] * 10_000)
    for step in rng.integers(0, 10_000, 5):
        made.put(int(step), OPERATOR, 0.1, 1.0)
    summary = summarise(made, 10_000, first=0.0, steps_per_pixel=10_000 / 300, width=300)
    shown = np.flatnonzero(summary.source == OPERATOR)
    steps = np.flatnonzero(made.source == OPERATOR)
    assert set((steps / (10_000 / 300)).astype(int)) == set(shown)
    assert np.allclose(summary.trust[shown], 0.1)
    assert np.allclose(summary.progress[shown], 1.0)


@pytest.mark.parametrize("steps_per_pixel", [0.1, 0.5, 1.0, 1.7, 33.3, 5000.0])
@pytest.mark.parametrize("first", [-7.3, 0.0, 41.9, 99.0, 200.0])
def test_a_summary_agrees_with_plain_loops(first: float, steps_per_pixel: float) -> None:
    rng = np.random.default_rng(1)
    made = Track(10)
    for step in range(10, 100):
        made.put(step, int(rng.integers(1, 4)), float(rng.random()), float(rng.random()))
    got = summarise(made, 120, first, steps_per_pixel, 40)
    for pixel in range(40):
        low = int(np.floor(first + pixel * steps_per_pixel + 1e-9))
        high = low + 1
        if steps_per_pixel > 1:
            high = max(high, int(np.floor(first + (pixel + 1) * steps_per_pixel + 1e-9)))
        rows = [s - 10 for s in range(max(low, 10), min(high, 100))]
        assert got.inside[pixel] == (low < 120 and high > 10)
        assert got.source[pixel] == (max(made.source[rows]) if rows else UNKNOWN)
        if rows:
            assert got.trust[pixel] == min(made.trust[rows])
            assert got.progress[pixel] == max(made.progress[rows])


def test_steps_that_are_not_loaded_are_inside_and_unknown() -> None:
    summary = summarise(Track(0), 4, 0.0, 1.0, 6)
    assert summary.inside.tolist() == [True] * 4 + [False] * 2
    assert not summary.source.any()


def test_columns_grow_and_gaps_stay_unknown() -> None:
    made = Track(0)
    made.put(999, OPERATOR, 0.5, 0.5)
    assert made.end == 1000
    assert not made.source[:999].any()
    made.put(-1, OPERATOR, 0.5, 0.5)
    assert made.end == 1000


def summary(source: int, trust: float) -> Summary:
    columns = np.full(24, trust, np.float32)
    return Summary(np.full(24, source, np.uint8), columns, columns, np.ones(24, bool))


def test_drivers_differ_in_height_and_pattern_not_only_in_colour() -> None:
    pictures = {
        source: strips(summary(source, 0.9), 1, 0, None)[:DRIVER] != 0 for source in (UNKNOWN, POLICY, REPLAY, OPERATOR)
    }
    outlines = {source: picture.tobytes() for source, picture in pictures.items()}
    assert len(set(outlines.values())) == 4, "four outlines, colour left aside"
    heights = {source: int(picture.any(1).sum()) for source, picture in pictures.items()}
    assert heights[UNKNOWN] < heights[POLICY] < heights[REPLAY] < heights[OPERATOR] == DRIVER


def test_trust_is_told_by_height_and_unknown_trust_is_not_zero_trust() -> None:
    low, high, unknown = (strips(summary(POLICY, t), 1, 0, None) for t in (0.1, 0.95, np.nan))
    assert not np.array_equal(low, high)
    assert not np.array_equal(low, unknown)
    assert low.shape == (HEIGHT, 24)


def test_patterns_stand_still_while_the_view_moves() -> None:
    a = strips(summary(OPERATOR, 0.9), 1, 0, None)
    b = strips(summary(OPERATOR, 0.9), 1, -5, None)
    assert np.array_equal(a[:DRIVER, 5:], b[:DRIVER, :-5])


def test_thumbnails_stay_under_their_limit_and_thin_evenly() -> None:
    kept = Thumbnails(limit=64 * 64 * 3 * 100)
    for node in range(1000):
        kept.add(0, node, np.full((128, 128, 3), node % 256, np.uint8))
    assert kept.bytes <= 64 * 64 * 3 * 100
    assert kept.every == 16
    for node in (0, 333, 500, 992):
        found = kept.nearest(0, node)
        assert found is not None
        assert abs(found[0] - node) <= kept.every / 2
        assert found[1][0, 0, 0] == found[0] % 256


def test_a_branch_keeps_its_first_picture_through_all_thinning() -> None:
    kept = Thumbnails(limit=64 * 64 * 3 * 20)
    kept.add(7, 13, np.zeros((64, 64, 3), np.uint8), pinned=True)
    for node in range(500):
        kept.add(0, node, np.zeros((64, 64, 3), np.uint8))
    found = kept.nearest(7, 400)
    assert found is not None
    assert found[0] == 13
    assert kept.nearest(8, 0) is None


def test_shrinking_takes_the_mean() -> None:
    frame = np.zeros((128, 128, 3), np.uint8)
    frame[::2, ::2] = 200
    assert shrink(frame).shape == (64, 64, 3)
    assert np.all(shrink(frame) == 50)
    assert shrink(frame[:50, :70]).shape == (50, 70, 3)
