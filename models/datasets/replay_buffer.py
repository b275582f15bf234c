"""Replay buffers of diffusion_policy and UMI: a Zarr v2 group with all episodes end to end."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadStore
from models.datasets.source import MOST_ROWS, Column, SourceEpisode
from models.datasets.zarr2 import Array, Files


class ReplayBufferSource:
    """A models.datasets.source.Source; rows per second are not in the format, but this program's exports store them."""

    format = "diffusion_policy replay buffer"

    def __init__(self, path: Path) -> None:
        """Read what there is.

        Raises:
            BadStore: not a replay buffer, or torn.
        """
        self.folder, self._files = path, Files(path)
        attributes = [self._files.json(f"{group}.zattrs") or {} for group in ("", "data/", "meta/")]
        self.about: dict[str, Any] = {key: value for found in attributes for key, value in found.items()}
        fps = self.about.get("fps")
        self.fps: float | None = float(fps) if isinstance(fps, int | float) and 0 < fps < 10_000 else None
        ends = _ends(Array(self._files, "meta/episode_ends"), path)
        lengths = np.diff(ends, prepend=0)
        self.episodes = tuple(SourceEpisode(i, int(n)) for i, n in enumerate(lengths))
        self._starts = ends - lengths
        self.columns: dict[str, Column] = {}
        self.cameras: dict[str, tuple[int, int]] = {}
        for name in self._files.arrays("data"):
            shape = _shape(self._files, name)
            if shape[0] != ends[-1]:
                raise BadStore(
                    f"{path}: {name!r} has {shape[0]} rows, the last episode ends at {ends[-1]}: the buffer was cut "
                    "off while it was written. Copy it once more."
                )
            if len(shape) == 4 and shape[3] == 3:
                self.cameras[name] = shape[1], shape[2]
            else:
                self.columns[name] = Column(math.prod(shape[1:]))
        self._arrays: dict[str, Array] = {}
        self._scales: dict[str, float] = {}

    def rows(self, episode: SourceEpisode, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """See Source.rows."""
        start = int(self._starts[episode.number])
        found = {name: self._array(name).rows(start, start + episode.length) for name in names}
        return {name: np.asarray(rows, np.float64).reshape(episode.length, -1) for name, rows in found.items()}

    def frames(self, episode: SourceEpisode, camera: str, wanted: NDArray[np.int64]) -> Iterator[NDArray[np.uint8]]:
        """See Source.frames."""
        for frame in self._array(camera).each(wanted + self._starts[episode.number]):
            if frame.dtype == np.uint8:
                yield frame
            else:
                yield np.clip(np.rint(frame * self._scale(camera)), 0, 255).astype(np.uint8)

    def _scale(self, camera: str) -> float:
        """What makes the brightness of a camera of floats 0 .. 255: Push-T keeps 0 .. 255, others 0 .. 1."""
        if camera not in self._scales:
            array = self._array(camera)
            first = array.rows(0, min(16, array.shape[0]))
            self._scales[camera] = 255.0 if float(np.nanmax(first)) <= 1.0 else 1.0
        return self._scales[camera]

    def _array(self, name: str) -> Array:
        if name not in self._arrays:
            self._arrays[name] = Array(self._files, f"data/{name}")
        return self._arrays[name]


def _shape(files: Files, name: str) -> tuple[int, ...]:
    """Of an array; also of one that cannot be read, as long as it is not used. At least one number."""
    about = files.json(f"data/{name}/.zarray") or {}
    try:
        return tuple(int(size) for size in about["shape"]) or (0,)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise BadStore(f"data/{name}/.zarray in {files.path} is torn: {error!r}. Copy the buffer once more.") from error


def _ends(array: Array, path: Path) -> NDArray[np.int64]:
    if len(array.shape) != 1 or array.dtype.kind not in "iu" or not 0 < array.shape[0] <= MOST_ROWS:
        raise BadStore(f"{path}: meta/episode_ends is {array.dtype} {array.shape}, not a list of whole numbers.")
    ends = array.rows(0, array.shape[0]).astype(np.int64)
    lengths = np.diff(ends, prepend=0)
    if lengths.min() < 1 or lengths.max() > MOST_ROWS:
        raise BadStore(
            f"{path}: meta/episode_ends does not ascend (episode {int(np.argmin(lengths))} has {int(lengths.min())} "
            "rows). Copy the buffer once more."
        )
    return ends
