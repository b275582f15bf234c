import numpy as np
import pytest

from app.timeline.strips import FULL, strips
from app.timeline.thumbnails import Thumbnails, shrink
from app.timeline.tracks import DISK, MEMORY, NOWHERE, OPERATOR, POLICY, REPLAY, UNKNOWN, Summary, Track, summarise


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
    assert not summarise(Track(7), 30, 0.0, 5.0, 6).source.any(), "a pixel over the start of nothing"


def test_columns_grow_and_gaps_stay_unknown() -> None:
    made = Track(0)
    made.put(999, OPERATOR, 0.5, 0.5)
    assert made.end == 1000
    assert not made.source[:999].any()
    made.put(-1, OPERATOR, 0.5, 0.5)
    assert made.end == 1000


def summary(source: int, trust: float, kept: int = NOWHERE) -> Summary:
    columns = np.full(24, trust, np.float32)
    return Summary(
        np.full(24, source, np.uint8), columns, columns, np.ones(24, bool), np.full(24, kept, np.uint8)
    )  # fmt: skip


def bars(summary: Summary, origin: int = 0) -> np.ndarray:
    return strips(summary, FULL, 1, origin)


def test_drivers_differ_in_height_and_pattern_not_only_in_colour() -> None:
    pictures = {
        source: bars(summary(source, 0.9))[: FULL.driver] != 0 for source in (UNKNOWN, POLICY, REPLAY, OPERATOR)
    }
    outlines = {source: picture.tobytes() for source, picture in pictures.items()}
    assert len(set(outlines.values())) == 4, "four outlines, colour left aside"
    heights = {source: int(picture.any(1).sum()) for source, picture in pictures.items()}
    assert heights[UNKNOWN] < heights[POLICY] < heights[REPLAY] < heights[OPERATOR] == FULL.driver


def test_trust_is_encoded_by_height_and_unknown_trust_is_not_zero_trust() -> None:
    low, high, unknown = (bars(summary(POLICY, t)) for t in (0.1, 0.95, np.nan))
    assert not np.array_equal(low, high)
    assert not np.array_equal(low, unknown)
    assert low.shape == (FULL.height, 24)


def test_patterns_stand_still_while_the_view_moves() -> None:
    a = bars(summary(OPERATOR, 0.9))
    b = bars(summary(OPERATOR, 0.9), -5)
    assert np.array_equal(a[: FULL.driver, 5:], b[: FULL.driver, :-5])


def test_thumbnails_stay_under_their_limit_and_thin_evenly() -> None:
    kept = Thumbnails(limit=64 * 64 * 3 * 100)
    for node in range(1000):
        kept.add(0, node, [np.full((128, 128, 3), node % 256, np.uint8)])
    assert kept.bytes <= 64 * 64 * 3 * 100
    assert kept.every == 16
    for node in (0, 333, 500, 992):
        found = kept.nearest(0, node)
        assert found is not None
        assert abs(found[0] - node) <= kept.every / 2
        assert found[1][0, 0, 0] == found[0] % 256


def test_a_branch_keeps_its_first_picture_through_all_thinning() -> None:
    kept = Thumbnails(limit=64 * 64 * 3 * 20)
    kept.add(7, 13, [np.zeros((64, 64, 3), np.uint8)], pinned=True)
    for node in range(500):
        kept.add(0, node, [np.zeros((64, 64, 3), np.uint8)])
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


def test_the_place_of_the_states_is_encoded_by_pattern() -> None:
    lines = {
        kept: (bars(summary(POLICY, 0.9, kept))[FULL.driver + FULL.gap : FULL.driver + FULL.gap + FULL.kept] != 0)
        for kept in (NOWHERE, MEMORY, DISK)
    }
    assert lines[MEMORY].all()
    assert not lines[NOWHERE].any()
    assert lines[DISK].any()
    assert not lines[DISK].all()


def test_bins_follow_every_change_of_a_step() -> None:
    rng = np.random.default_rng(2)
    made = Track(3)
    for _ in range(400):
        step = 3 + int(rng.integers(0, 1500))
        made.put(step, int(rng.integers(1, 4)), float(rng.random()), float(rng.random()), int(rng.integers(0, 3)))
        if rng.random() < 0.2:
            made.keep(step, DISK)
        starts = np.arange(0, len(made.columns), 16)
        whole, bins = made.columns.reduced(starts), made.bins()
        assert np.array_equal(whole.source, bins.source)
        assert np.array_equal(whole.trust, bins.trust, equal_nan=True)
        assert np.array_equal(whole.kept, bins.kept)


def test_a_million_steps_lose_no_intervention_and_put_it_within_a_pixel() -> None:
    count, width = 1_000_000, 900
    made = Track(0)
    source = np.full(count, POLICY, np.uint8)
    rare = np.random.default_rng(3).integers(0, count, 40)
    source[rare] = OPERATOR
    made.load(source, np.where(source == OPERATOR, 0.1, 0.9).astype(np.float32), np.zeros(count, np.float32))
    shown = np.flatnonzero(summarise(made, count, 0.0, count / width, width).source == OPERATOR)
    there = rare / (count / width)
    assert all(np.abs(shown - at).min() <= 1 for at in there)
    assert all(np.abs(there - at).min() <= 1.5 for at in shown)


def test_many_branches_do_not_fill_the_memory_with_their_first_pictures() -> None:
    kept = Thumbnails(limit=64 * 64 * 3 * 50)
    for branch in range(500):
        kept.add(branch, 1, [np.zeros((64, 64, 3), np.uint8)], pinned=True)
    assert kept.bytes <= 64 * 64 * 3 * 50


def test_a_picture_that_is_looked_for_is_kept_whatever_the_spacing() -> None:
    kept = Thumbnails(limit=64 * 64 * 3 * 4)
    for node in range(64):
        kept.add(0, node, [np.zeros((64, 64, 3), np.uint8)])
    assert kept.at(0, 33) is None
    kept.look(0, 33, [np.full((64, 64, 3), 7, np.uint8), np.full((128, 128, 3), 9, np.uint8)])
    found = kept.at(0, 33)
    assert found is not None
    assert found.shape == (64, 128, 3)
    assert (found[0, 0, 0], found[0, 100, 0]) == (7, 9)
