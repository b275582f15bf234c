import numpy as np
import pytest

from app.timeline.bars import TILE, BarImages, Look, Span, lane_span, summarise_spans, tiles
from app.timeline.strips import FULL
from app.timeline.tracks import OPERATOR, POLICY, Track, summarise


def track(start: int, count: int, seed: int) -> Track:
    rng, made = np.random.default_rng(seed), Track(start)
    trust = rng.random(count, np.float32)
    trust[rng.random(count) < 0.2] = np.nan
    made.load(rng.integers(0, 4, count).astype(np.uint8), trust, rng.random(count, np.float32))
    return made


@pytest.mark.parametrize("zoom", [28.3, 3.7, 1.0, 0.9, 0.3, 0.01])
def test_lanes_side_by_side_are_summed_up_as_each_alone(zoom: float) -> None:
    lanes = [(track(0, 9000, 1), 9000), (track(70, 40, 2), 130), (Track(5), 30), (track(3000, 17, 3), 3017)]
    spans = [(10, 500), (int(60 * zoom), int(60 * zoom) + 90), (0, 40), (int(3000 * zoom), int(3000 * zoom) + 3)]
    widths = np.array([right - left for left, right in spans])
    columns = np.concatenate([np.arange(left, right) for left, right in spans])
    got, at = summarise_spans(lanes, widths, columns, 1 / zoom), 0
    for (made, end), (left, right) in zip(lanes, spans, strict=True):
        alone, part = summarise(made, end, left / zoom, 1 / zoom, right - left), slice(at, at + right - left)
        for name in ("source", "trust", "progress", "inside", "kept"):
            assert np.array_equal(
                getattr(got, name)[part], getattr(alone, name), equal_nan=name in ("trust", "progress")
            )
        at += right - left


def test_tiles_lie_at_fixed_columns_and_cover_what_is_seen() -> None:
    whole = Span(0, 0, 400, False, 100, 4 * TILE + 9)
    near, panned = list(tiles(whole, 90, TILE + 1)), list(tiles(whole, 200, TILE + 300))
    assert [(t.left, t.right) for t in near] == [(100, TILE), (TILE, 2 * TILE)]
    assert panned == near
    assert not list(tiles(whole, 4 * TILE + 9, 5 * TILE))
    assert not list(tiles(whole, -50, 100))


def test_only_tiles_that_are_new_or_changed_are_drawn() -> None:
    made, images = track(0, 300, 4), BarImages()
    look = Look(4.0, FULL, 1, False)

    def draw() -> int:
        before = images.drawn
        whole = lane_span(made, 0, 0, made.end, look.zoom, dim=False)
        images.take(list(tiles(whole, 0, 1200)), look, lambda branch: made)
        return images.drawn - before

    assert draw() == 3
    assert draw() == 0
    made.put(4, OPERATOR, 0.5, 0.5)
    assert draw() == 3, "the track changed"
    made.put(300, POLICY, 0.5, 0.5)
    assert draw() == 3, "the branch grew"
