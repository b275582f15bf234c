"""What the timeline knows about the steps of a branch, as columns, and their summary per screen pixel. No Qt."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.step import Source

UNKNOWN, POLICY, REPLAY, OPERATOR = 0, 1, 2, 3
"""Who drove, ordered by what must stay visible when many steps share a pixel."""
CODES: Final[dict[Source, int]] = {"policy": POLICY, "replay": REPLAY, "operator": OPERATOR}


class Track:
    """Growing columns of one branch: row j is the step `start` + j."""

    def __init__(self, start: int) -> None:
        self.start = start
        self._count = 0
        self._source = np.zeros(256, np.uint8)
        self._trust = np.full(256, np.nan, np.float32)
        self._progress = np.full(256, np.nan, np.float32)

    @property
    def end(self) -> int:
        """The step behind the last known one."""
        return self.start + self._count

    @property
    def source(self) -> NDArray[np.uint8]:
        """(N,) UNKNOWN, POLICY, REPLAY or OPERATOR."""
        return self._source[: self._count]

    @property
    def trust(self) -> NDArray[np.float32]:
        """(N,) 0..1, NaN where unknown."""
        return self._trust[: self._count]

    @property
    def progress(self) -> NDArray[np.float32]:
        """(N,) 0..1, NaN where unknown."""
        return self._progress[: self._count]

    def put(self, step: int, source: int, trust: float, progress: float) -> None:
        """Set one step at or behind `start`; steps that were skipped stay unknown."""
        row = step - self.start
        if row < 0:
            return
        self._grow(row + 1)
        self._source[row], self._trust[row], self._progress[row] = source, trust, progress

    def load(self, source: NDArray[np.uint8], trust: NDArray[np.float32], progress: NDArray[np.float32]) -> None:
        """Set the first N steps at once, for a session that was reopened: three (N,) columns."""
        count = len(source)
        self._grow(count)
        self._source[:count], self._trust[:count], self._progress[:count] = source, trust, progress

    def _grow(self, count: int) -> None:
        while count > len(self._source):
            more = len(self._source)
            self._source = np.concatenate([self._source, np.zeros(more, np.uint8)])
            self._trust = np.concatenate([self._trust, np.full(more, np.nan, np.float32)])
            self._progress = np.concatenate([self._progress, np.full(more, np.nan, np.float32)])
        self._count = max(self._count, count)


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """One value per pixel column."""

    source: NDArray[np.uint8]
    """(W,) the most important driver of the pixel's steps; UNKNOWN where nothing is known."""
    trust: NDArray[np.float32]
    """(W,) the lowest; NaN where unknown."""
    progress: NDArray[np.float32]
    """(W,) the highest; NaN where unknown."""
    inside: NDArray[np.bool_]
    """(W,) whether the branch has a step there."""


def summarise(track: Track, end: int, first: float, steps_per_pixel: float, width: int) -> Summary:
    """The columns of a track per pixel, pixel 0 beginning at step `first` (fractions of a step).

    `end` is the length of the branch, which may be more than is known of it. A pixel that covers several steps shows
    all of them: no dip of trust and no intervention is lost by zooming out.
    """
    edges = first + steps_per_pixel * np.arange(width + 1)
    if steps_per_pixel <= 1.0:
        low = np.floor(edges[:-1] + 1e-9).astype(np.int64)
        high = low + 1
    else:
        low = np.floor(edges[:-1] + 1e-9).astype(np.int64)
        high = np.maximum(np.floor(edges[1:] + 1e-9).astype(np.int64), low + 1)
    inside = (high > track.start) & (low < end)
    low, high = np.clip(low, track.start, track.end) - track.start, np.clip(high, track.start, track.end) - track.start
    known = inside & (high > low)
    source = np.zeros(width, np.uint8)
    trust, progress = np.full(width, np.nan, np.float32), np.full(width, np.nan, np.float32)
    if known.any():
        if steps_per_pixel <= 1.0:
            rows = low[known]
            source[known], trust[known], progress[known] = track.source[rows], track.trust[rows], track.progress[rows]
        else:
            pairs = np.stack([low[known], high[known]], 1).ravel()
            source[known] = _reduce(np.maximum, track.source, pairs)
            trust[known] = _reduce(np.fmin, track.trust, pairs)
            progress[known] = _reduce(np.fmax, track.progress, pairs)
    return Summary(source, trust, progress, inside)


def _reduce(operation: np.ufunc, column: NDArray[np.generic], pairs: NDArray[np.int64]) -> NDArray[np.generic]:
    """Apply an operation to column[low:high] for each (low, high) of the flat pairs; every range holds something."""
    padded = np.append(column, column[-1:])  # reduceat wants every index to exist, the last `high` included
    return np.asarray(operation.reduceat(padded, pairs)[::2])
