"""What the timeline knows about the steps of a branch, as columns, and their summary per screen pixel. No Qt."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.step import SOURCES, Source

UNKNOWN, POLICY, REPLAY, OPERATOR = 0, 1, 2, 3
"""Who drove, ordered by what must stay visible when many steps share a pixel."""
CODES: Final[dict[Source, int]] = {"policy": POLICY, "replay": REPLAY, "operator": OPERATOR}
BY_SOURCE: Final = np.array([*(CODES[source] for source in SOURCES), UNKNOWN], np.uint8)
"""Code by index into core.step.SOURCES; the last entry is for an unknown source."""
NOWHERE, MEMORY, DISK = 0, 1, 2
"""Where the state of a step is kept, ordered by what must stay visible."""
BIN: Final = 16
"""Rows that one row of the next coarser columns summarises."""
COARSE: Final = 4
"""Bins that a pixel covers at least where bins stand in for steps: a bin on an edge shows a quarter pixel off."""
EXACT: Final = 4096
"""Steps that are never summed up beforehand."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Equally long columns: one row per step, or per bin of steps."""

    source: NDArray[np.uint8]
    """UNKNOWN, POLICY, REPLAY or OPERATOR; of a bin the most important."""
    trust: NDArray[np.float32]
    """0..1, NaN where unknown; of a bin the lowest."""
    progress: NDArray[np.float32]
    """0..1, NaN where unknown; of a bin the highest."""
    kept: NDArray[np.uint8]
    """NOWHERE, MEMORY or DISK; of a bin the slowest to come back."""

    @classmethod
    def empty(cls, count: int) -> "Columns":
        """Rows of which nothing is known."""
        unknown = np.full((2, count), np.nan, np.float32)
        return cls(np.zeros(count, np.uint8), unknown[0], unknown[1], np.zeros(count, np.uint8))

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, rows: Any) -> "Columns":
        """Some rows; a view where `rows` is a slice."""
        return Columns(self.source[rows], self.trust[rows], self.progress[rows], self.kept[rows])

    def put(self, rows: slice, values: "Columns") -> None:
        """Overwrite some rows."""
        self.source[rows], self.trust[rows], self.progress[rows], self.kept[rows] = (
            values.source, values.trust, values.progress, values.kept,
        )  # fmt: skip

    def reduced(self, starts: NDArray[np.int64]) -> "Columns":
        """One row per range that begins at `starts` (increasing, below the length) and ends at the next one."""
        return Columns(
            np.maximum.reduceat(self.source, starts), np.fmin.reduceat(self.trust, starts),
            np.fmax.reduceat(self.progress, starts), np.maximum.reduceat(self.kept, starts),
        )  # fmt: skip

    def grown(self, count: int) -> "Columns":
        """A copy with room for `count` rows, which are unknown."""
        more = Columns.empty(count)
        more.put(slice(0, len(self)), self)
        return more


class Track:
    """Growing columns of one branch: row j is the step `start` + j. Appending a step costs the same at any length."""

    def __init__(self, start: int) -> None:
        self.start = start
        self._count = 0
        self._rows = Columns.empty(16)
        self._bins = Columns.empty(0)
        self._binned = 0  # bins that are up to date
        self.revision = 0
        """Grows with every change of a step."""

    @property
    def end(self) -> int:
        """The step behind the last known one."""
        return self.start + self._count

    @property
    def columns(self) -> Columns:
        """Everything that is known, one row per step."""
        return self._rows[: self._count]

    @property
    def source(self) -> NDArray[np.uint8]:
        """(N,) UNKNOWN, POLICY, REPLAY or OPERATOR."""
        return self._rows.source[: self._count]

    @property
    def trust(self) -> NDArray[np.float32]:
        """(N,) 0..1, NaN where unknown."""
        return self._rows.trust[: self._count]

    @property
    def progress(self) -> NDArray[np.float32]:
        """(N,) 0..1, NaN where unknown."""
        return self._rows.progress[: self._count]

    @property
    def kept(self) -> NDArray[np.uint8]:
        """(N,) NOWHERE, MEMORY or DISK."""
        return self._rows.kept[: self._count]

    def put(self, step: int, source: int, trust: float, progress: float, kept: int = NOWHERE) -> None:
        """Set one step at or behind `start`; steps that were skipped stay unknown."""
        row = step - self.start
        if row < 0:
            return
        self._grow(row + 1)
        rows = self._rows
        rows.source[row], rows.trust[row], rows.progress[row], rows.kept[row] = source, trust, progress, kept
        self._binned = min(self._binned, row // BIN)
        self.revision += 1

    def keep(self, step: int, kept: int) -> None:
        """The state behind one known step went to another place."""
        row = step - self.start
        if 0 <= row < self._count:
            self._rows.kept[row] = kept
            self._binned = min(self._binned, row // BIN)
            self.revision += 1

    def load(
        self,
        source: NDArray[np.uint8],
        trust: NDArray[np.float32],
        progress: NDArray[np.float32],
        kept: int = NOWHERE,
    ) -> None:
        """Set the first N steps at once, for a session that was reopened: three (N,) columns."""
        count = len(source)
        self._grow(count)
        self._rows.put(slice(0, count), Columns(source, trust, progress, np.full(count, kept, np.uint8)))
        self._binned = 0
        self.revision += 1

    def bins(self) -> Columns:
        """BIN steps per row, the last row for what is left over."""
        whole = self._count // BIN
        if whole > len(self._bins):
            self._bins = self._bins.grown(max(whole, 2 * len(self._bins), 16))
        if whole > self._binned:
            new = self._rows[self._binned * BIN : whole * BIN]
            self._bins.put(slice(self._binned, whole), new.reduced(np.arange(0, len(new), BIN)))
            self._binned = whole
        if whole * BIN == self._count:
            return self._bins[:whole]
        rest = self._rows[whole * BIN : self._count].reduced(np.zeros(1, np.int64))
        if whole == len(self._bins):
            self._bins = self._bins.grown(2 * whole + 16)
        self._bins.put(slice(whole, whole + 1), rest)  # not counted as done: it still grows
        return self._bins[: whole + 1]

    def _grow(self, count: int) -> None:
        if count > len(self._rows):
            self._rows = self._rows.grown(max(count, 2 * len(self._rows)))
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
    kept: NDArray[np.uint8]
    """(W,) where the states are: the place from which they come back most slowly."""


def summarise(track: Track, end: int, first: float, steps_per_pixel: float, width: int) -> Summary:
    """The columns of a track per pixel, pixel 0 beginning at step `first` (fractions of a step).

    `end` is the length of the branch, which may be more than is known of it. A pixel that covers several steps shows
    all of them: no dip of trust and no intervention is lost by zooming out.
    """
    low = np.floor(first + steps_per_pixel * np.arange(width + 1) + 1e-9).astype(np.int64)
    high = low[:-1] + 1 if steps_per_pixel <= 1.0 else np.maximum(low[1:], low[:-1] + 1)
    low = low[:-1]
    found = Columns.empty(width)
    pixels = np.flatnonzero((high > track.start) & (low < track.end))
    if len(pixels) and track.end > track.start:
        shown = slice(int(pixels[0]), int(pixels[-1]) + 1)  # a track has no holes
        rows = np.maximum(low[shown], track.start) - track.start
        stop = min(int(high[shown][-1]), track.end) - track.start
        found.put(shown, _per_pixel(track, rows, stop, steps_per_pixel))
    inside = (high > track.start) & (low < end)
    return Summary(found.source, found.trust, found.progress, inside, found.kept)


def _per_pixel(track: Track, rows: NDArray[np.int64], stop: int, steps_per_pixel: float) -> Columns:
    """One row per pixel that begins at a row of the track; the last pixel ends before the row `stop`."""
    if steps_per_pixel <= 1.0:
        return track.columns[rows]
    if stop - rows[0] > EXACT and steps_per_pixel >= COARSE * BIN:
        return track.bins()[: -(-stop // BIN)].reduced(rows // BIN)
    return track.columns[int(rows[0]) : stop].reduced(rows - rows[0])
