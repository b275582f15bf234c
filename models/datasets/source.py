"""What an importer needs of a foreign data set, whatever its format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

MOST_ROWS: Final = 2_000_000
"""Of one episode: 18 hours at 30 Hz; more is a damaged file."""
MOST_BYTES: Final = 256 << 20
"""Of one decoded piece (a chunk, a picture, a member of an archive): more is a bomb, not a recording."""


@dataclass(frozen=True, slots=True)
class Column:
    """Numbers of each row."""

    width: int
    names: tuple[str, ...] = ()
    """What they are called, where the data set says."""


@dataclass(frozen=True, slots=True)
class SourceEpisode:
    """One recorded attempt."""

    number: int
    length: int
    """Rows."""
    task: str = ""
    """In words, where the data set says."""


class Source(Protocol):
    """A data set that is opened for reading; every refusal is a BadStore in words."""

    @property
    def folder(self) -> Path:
        """Where it is."""

    @property
    def format(self) -> str:
        """For the user: "LeRobot v3.0"."""

    @property
    def fps(self) -> float | None:
        """Rows per second; None where the data do not say."""

    @property
    def columns(self) -> Mapping[str, Column]:
        """Columns of numbers."""

    @property
    def cameras(self) -> Mapping[str, tuple[int, int]]:
        """Column of pictures -> height, width; (0, 0) where only the picture itself says."""

    @property
    def episodes(self) -> Sequence[SourceEpisode]:
        """All attempts, in order."""

    @property
    def about(self) -> Mapping[str, Any]:
        """Attributes of the whole data set, unchanged."""

    def rows(self, episode: SourceEpisode, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """Column -> (length, width) finite or not, of one episode."""

    def frames(self, episode: SourceEpisode, camera: str, wanted: NDArray[np.int64]) -> Iterator[NDArray[np.uint8]]:
        """One (H, W, 3) RGB picture for each wanted row, which ascend."""
