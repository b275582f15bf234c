"""A data set on disk: a folder of parts, each a Zarr group to which only whole episodes are committed.

Layout of a part (N frames, E episodes): ``frames/<camera>`` (N, H, W, 3) uint8 in chunks of 32 frames;
``ee_state`` (N, 14) float32 measured before the action of its row; ``action`` (N, 14) float32 commanded;
``truth/object_pose`` (N, 3) float32, absent where unknown; ``episode_ends`` (E,) int64 cumulative, written last;
``episode_kind`` (E,) int8, names in ``attrs["kinds"]``; ``episode_seed`` (E,) int64; ``episode_split`` (E,) int8.
A frame past the last episode end belongs to an episode that was cut off and is dropped when the part is reopened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import ZstdCodec

from core.camera import Camera
from core.errors import BadStore
from core.seeds import generator
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.play import KINDS

FRAMES_PER_CHUNK: Final = 32
EPISODE_FRAMES: Final = 4 * FRAMES_PER_CHUNK
SPLITS: Final = ("train", "validation", "test")
_PER_ROW: Final = {"ee_state": 14, "action": 14, "truth/object_pose": 3}
_PER_EPISODE: Final = {"episode_kind": "int8", "episode_seed": "int64", "episode_split": "int8"}
_ROWS_PER_CHUNK: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """What one episode adds to a data set: n frames, n - 1 transitions."""

    frames: dict[str, NDArray[np.uint8]]
    """Camera name -> (n, H, W, 3); empty where pictures were not asked for."""
    ee_state: NDArray[np.float32]
    """(n, 14) measured before the action of the same row."""
    action: NDArray[np.float32]
    """(n, 14) commanded."""
    object_pose: NDArray[np.float32]
    """(n, 3) true planar pose of the object: x m, y m, yaw rad."""
    kind: int
    """Index into the kinds of the part."""
    seed: int


def split_of(seed: int) -> int:
    """The split of an episode, a function of its seed alone: 0 train (90 %), 1 validation (5 %), 2 test (5 %)."""
    draw = generator(seed ^ 0x5EED).integers(100)
    return 0 if draw < 90 else 1 if draw < 95 else 2


class PartWriter:
    """Appends episodes to one part; reopening it continues after the last whole one."""

    def __init__(
        self, path: Path, about: dict[str, Any], cameras: Sequence[Camera] = g.CAMERAS, truth: bool = True
    ) -> None:
        """Open or make a part; cameras, and whether there are true poses, are of the whole part."""
        self.path = path
        self._group = _opened(path, about, cameras, truth)
        self.episodes = int(self._array("episode_ends").shape[0])
        self._frames = whole_frames(path)
        self._open = 0

    def _array(self, name: str) -> "zarr.Array[Any]":
        array = self._group[name]
        assert isinstance(array, zarr.Array)
        return array

    def append(self, episode: Episode, split: int) -> None:
        """Write one episode of a split (index into SPLITS); it exists once its end is written."""
        rows: dict[str, NDArray[Any]] = {
            "ee_state": episode.ee_state,
            "action": episode.action,
            "truth/object_pose": episode.object_pose,
        }
        rows.update({f"frames/{name}": frames for name, frames in episode.frames.items()})
        self.extend(rows)
        self.commit(episode.kind, episode.seed, split)

    def extend(self, rows: Mapping[str, NDArray[Any]]) -> None:
        """Write the next rows of every array, of an episode that commit() will end."""
        count = len(rows["action"])
        start = self._frames + self._open
        for name, values in rows.items():
            array = self._array(name)
            array.resize((start + count, *array.shape[1:]))
            array[start : start + count] = values
        self._open += count

    def commit(self, kind: int, seed: int, split: int) -> None:
        """End the episode whose rows were written; it exists from now on."""
        end = self._frames + self._open
        about = {"episode_kind": kind, "episode_seed": seed, "episode_split": split}
        for name, value in (*about.items(), ("episode_ends", end)):
            array = self._array(name)
            array.resize((self.episodes + 1,))
            array[self.episodes] = value
        self.episodes += 1
        self._frames, self._open = end, 0


def _opened(path: Path, about: dict[str, Any], cameras: Sequence[Camera], truth: bool) -> zarr.Group:
    """The group of a part, made where it is missing."""
    try:
        group = zarr.open_group(path, mode="a", zarr_format=3)
    except (OSError, ValueError, KeyError) as error:
        raise BadStore(
            f"The data part {path} cannot be opened: {error}. Delete that folder and collect again."
        ) from error
    if "episode_ends" in group:
        return group
    group.attrs.update({"kinds": [kind.name for kind in KINDS], "splits": list(SPLITS), "task": g.TASK, **about})
    compress = ZstdCodec(level=1)
    for camera in cameras:
        shape = (0, camera.height, camera.width, 3)
        chunks = (FRAMES_PER_CHUNK, *shape[1:])
        group.create_array(f"frames/{camera.name}", shape=shape, chunks=chunks, dtype="uint8", compressors=[compress])
    for name, width in _PER_ROW.items():
        if name.startswith("truth/") and not truth:
            continue
        group.create_array(
            name, shape=(0, width), chunks=(_ROWS_PER_CHUNK, width), dtype="float32", compressors=[compress]
        )
    for name, dtype in (*_PER_EPISODE.items(), ("episode_ends", "int64")):
        group.create_array(name, shape=(0,), chunks=(_ROWS_PER_CHUNK,), dtype=dtype, compressors=[compress])
    return group


def parts_of(folder: Path) -> list[Path]:
    """The parts of a data set, in order.

    Raises:
        BadStore: no such data set.
    """
    parts = sorted(folder.glob("part-*.zarr"))
    if not parts:
        raise BadStore(f"There is no data in {folder}. Run `main.py collect --set {folder.name}` first.")
    return parts


def whole_frames(path: Path) -> int:
    """Committed frames of a part; 0 where there are none yet."""
    try:
        ends = np.asarray(zarr.open_array(path / "episode_ends", mode="r")[:])
    except (OSError, ValueError, KeyError):
        return 0
    return int(ends[-1]) if len(ends) else 0
