"""Kept images of the bars of lanes, cut into tiles that lie at fixed device columns of the episode.

A tile depends neither on the scroll position nor on the left edge of the view. Panning, scrolling and a new branch use
the kept images again. All tiles that are missing, as after a zoom, are drawn in one pass over their columns.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.timeline.strips import Sizes, strips
from app.timeline.tracks import BIN, COARSE, EXACT, Columns, Summary, Track

TILE: Final = 512
"""Device columns of a tile; column 0 is step 0."""
MOST_BYTES: Final = 48 * 2**20
"""Of kept images; above it, only those of the last paint are kept."""


class Span(NamedTuple):
    """Device columns of one branch, and all that its image depends on at one Look."""

    branch: int
    revision: int
    """Track.revision."""
    end: int
    """Length of the branch."""
    dim: bool
    """Of a discarded branch."""
    left: int
    right: int
    """Behind the last column."""


@dataclass(frozen=True, slots=True)
class Look:
    """How all spans of a view are drawn."""

    zoom: float
    """Device pixels per step."""
    sizes: Sizes
    """In device pixels."""
    unit: int
    """Device pixels of a stripe."""
    gaps: bool
    """Whether single steps are told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """One tile."""

    pixels: NDArray[np.uint32]
    """(H, W) opaque ARGB, 0 where nothing is drawn."""
    drawn: NDArray[np.bool_]
    """(H, W) where something is."""


class BarImages:
    """Keeps the images of one Look."""

    def __init__(self) -> None:
        self._look: Look | None = None
        self._kept: dict[Span, Bar] = {}
        self._bytes = 0
        self.drawn = 0
        """Tiles that were drawn so far."""

    def take(self, spans: Sequence[Span], look: Look, track: Callable[[int], Track]) -> list[Bar]:
        """The image of each span; `track` returns the columns of a branch."""
        if look != self._look:
            self._look, self._kept, self._bytes = look, {}, 0
        missing = [span for span in spans if span not in self._kept]
        for dim in (False, True):
            some = [span for span in missing if span.dim == dim]
            if some:
                self._add(some, draw(some, look, track))
        found = [self._kept[span] for span in spans]
        if self._bytes > MOST_BYTES:
            self._kept = dict(zip(spans, found, strict=True))
            self._bytes = sum(map(_bytes, self._kept.values()))
        return found

    def _add(self, spans: Sequence[Span], bars: Sequence[Bar]) -> None:
        self._kept.update(zip(spans, bars, strict=True))
        self._bytes += sum(map(_bytes, bars))
        self.drawn += len(bars)


def tiles(span: Span, low: int, high: int) -> Iterator[Span]:
    """The parts of a span on the tiles that columns low..high touch."""
    low, high = max(low, span.left), min(high, span.right)
    for tile in range(low // TILE, -(-high // TILE) if high > low else low // TILE):
        yield span._replace(left=max(span.left, tile * TILE), right=min(span.right, (tile + 1) * TILE))


def draw(spans: Sequence[Span], look: Look, track: Callable[[int], Track]) -> list[Bar]:
    """Draw spans, all dim or none, in one pass."""
    widths = np.array([span.right - span.left for span in spans])
    ends = np.cumsum(widths)
    columns = np.arange(ends[-1]) + np.repeat([s.left for s in spans] - ends + widths, widths)
    summary = summarise_spans([(track(s.branch), s.end) for s in spans], widths, columns, 1 / look.zoom)
    gaps = None
    if look.gaps:
        steps = np.round((columns + 1) / look.zoom)
        gaps = np.flatnonzero(np.round(steps * look.zoom) == columns + 1)
    origin = np.arange(len(columns)) - columns
    pixels = strips(summary, look.sizes, look.unit, origin, dim=spans[0].dim, gaps=gaps)
    parts = [np.ascontiguousarray(pixels[:, end - width : end]) for end, width in zip(ends, widths, strict=True)]
    return [Bar(part, part != 0) for part in parts]


def summarise_spans(
    lanes: Sequence[tuple[Track, int]], widths: NDArray[np.int64], columns: NDArray[np.int64], steps_per_pixel: float
) -> Summary:
    """What tracks.summarise() returns of several lanes, side by side.

    Args:
        lanes: (columns of a branch, its length) of each span.
        widths: device columns of each span, none of them 0.
        columns: of all spans, side by side; device column 0 begins at step 0.
        steps_per_pixel: of a device column.
    """
    low = np.floor(steps_per_pixel * columns + 1e-9).astype(np.int64)
    high = low + 1
    if steps_per_pixel > 1.0:
        high = np.maximum(high, np.floor(steps_per_pixel * (columns + 1) + 1e-9).astype(np.int64))
    bounds = np.array([(track.start, track.end, end) for track, end in lanes], np.int64)
    start, stop, end = np.repeat(bounds, widths, axis=0).T
    found = Columns.empty(len(columns))
    known = np.flatnonzero((high > start) & (low < stop) & (stop > start))
    if len(known):
        spans = np.repeat(np.arange(len(lanes)), widths)[known]
        rows = np.maximum(low[known] - start[known], 0)
        stops = np.minimum(high[known], stop[known]) - start[known]
        values = _per_pixel([track for track, _ in lanes], spans, rows, stops, steps_per_pixel)
        found.source[known], found.trust[known] = values.source, values.trust
        found.progress[known], found.kept[known] = values.progress, values.kept
    inside = (high > start) & (low < end)
    return Summary(found.source, found.trust, found.progress, inside, found.kept)


def _per_pixel(
    tracks: Sequence[Track], spans: NDArray[np.int64], rows: NDArray[np.int64], stops: NDArray[np.int64],
    steps_per_pixel: float,
) -> Columns:  # fmt: skip
    """One row per pixel of the tracks that `spans` names (increasing), from a row of its track to a stop."""
    firsts = np.flatnonzero(np.diff(spans, prepend=-1))
    lasts = np.append(firsts[1:], len(spans)) - 1
    parts, offsets, at = [], np.empty(len(firsts), np.int64), 0
    coarse = np.zeros(len(firsts), np.bool_)
    bounds = zip(spans[firsts].tolist(), rows[firsts].tolist(), stops[lasts].tolist(), strict=True)
    for number, (span, begin, stop) in enumerate(bounds):
        part, skipped = tracks[span].columns[begin:stop], begin
        if stop - begin > EXACT and steps_per_pixel >= COARSE * BIN:
            coarse[number], skipped = True, begin // BIN
            part = tracks[span].bins()[skipped : -(-stop // BIN)]
        parts.append(part)
        offsets[number] = at - skipped
        at += len(part)
    counts = lasts - firsts + 1
    rows = np.where(np.repeat(coarse, counts), rows // BIN, rows) + np.repeat(offsets, counts)
    joined = Columns(*(np.concatenate([getattr(part, name) for part in parts])
                       for name in ("source", "trust", "progress", "kept")))  # fmt: skip
    return joined[rows] if steps_per_pixel <= 1.0 else joined.reduced(rows)


def lane_span(track: Track, branch: int, fork: int, end: int, zoom: float, *, dim: bool) -> Span:
    """All columns of a lane, at `zoom` device pixels per step."""
    return Span(branch, track.revision, end, dim, math.floor(fork * zoom), math.ceil(end * zoom))


def _bytes(bar: Bar) -> int:
    return bar.pixels.nbytes + bar.drawn.nbytes
