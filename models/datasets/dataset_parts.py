"""A data set on disk: a folder of parts, each a Zarr group to which only whole episodes are committed.

Layout of a part (N frames, E episodes): ``frames/<camera>`` (N, H, W, 3) uint8 in chunks of 32 frames;
``ee_state`` (N, 14) float32 measured before the action of its row; ``action`` (N, 14) float32 commanded;
``truth/<name>`` (N, ...) float32 what a simulator knows, absent where unknown; ``episode_ends`` (E,) int64 cumulative,
written last; ``episode_kind`` (E,) int8, names in ``attrs["kinds"]``; ``episode_seed`` (E,) int64; ``episode_split``
(E,) int8. ``attrs["task"]`` and ``attrs["workcell"]`` are what was recorded where; parts from before workcells were
stored are of the bimanual table.
A frame past the last episode end belongs to an episode that was cut off and is dropped when the part is reopened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import ZstdCodec

from core.errors import BadConfig, BadStore
from core.seeds import generator
from core.workcell import Workcell, same_workcell, stored_workcell
from models import DEFAULT_TASK

FRAMES_PER_CHUNK: Final = 32
EPISODE_FRAMES: Final = 4 * FRAMES_PER_CHUNK
SPLITS: Final = ("train", "validation", "test")
_PER_ROW: Final = {"ee_state": 14, "action": 14}
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
    truth: Mapping[str, NDArray[np.float32]]
    """Name -> (n, ...) what the simulator knows, for example object_pose (n, 3)."""
    kind: int
    """Index into the kinds of the part."""
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class PartInfo:
    """What a whole part is of."""

    task: str
    kinds: tuple[str, ...]
    """Names of the kinds of episodes."""
    workcell: Workcell
    """Its cameras are those of the pictures that are written."""
    truth: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Name -> shape of a row."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Where it comes from: further attributes, plain values."""


def split_of(seed: int) -> int:
    """The split of an episode, a function of its seed alone: 0 train (90 %), 1 validation (5 %), 2 test (5 %)."""
    draw = generator(seed ^ 0x5EED).integers(100)
    return 0 if draw < 90 else 1 if draw < 95 else 2


class PartWriter:
    """Appends episodes to one part; reopening it continues after the last whole one."""

    def __init__(self, path: Path, info: PartInfo) -> None:
        """Open or make a part.

        Raises:
            BadStore: it cannot be opened, or was recorded for another task or in another workcell.
        """
        self.path = path
        self._group = _opened(path, info)
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
        }
        rows.update({f"truth/{name}": values for name, values in episode.truth.items()})
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


def _opened(path: Path, info: PartInfo) -> zarr.Group:
    """The group of a part, made where it is missing."""
    try:
        group = zarr.open_group(path, mode="a", zarr_format=3)
    except (OSError, ValueError, KeyError) as error:
        raise BadStore(
            f"The data part {path} cannot be opened: {error}. Delete that folder and collect again."
        ) from error
    if "episode_ends" in group:
        _require_same(path, dict(group.attrs), info)
        return group
    about = {"task": info.task, "workcell": info.workcell.to_dict(), **info.about}
    group.attrs.update({"kinds": list(info.kinds), "splits": list(SPLITS), **about})
    compress = ZstdCodec(level=1)
    for camera in info.workcell.cameras:
        shape = (0, camera.height, camera.width, 3)
        chunks = (FRAMES_PER_CHUNK, *shape[1:])
        group.create_array(f"frames/{camera.name}", shape=shape, chunks=chunks, dtype="uint8", compressors=[compress])
    per_row = {name: (width,) for name, width in _PER_ROW.items()}
    for name, row in {**per_row, **{f"truth/{name}": row for name, row in info.truth.items()}}.items():
        group.create_array(
            name, shape=(0, *row), chunks=(_ROWS_PER_CHUNK, *row), dtype="float32", compressors=[compress]
        )
    for name, dtype in (*_PER_EPISODE.items(), ("episode_ends", "int64")):
        group.create_array(name, shape=(0,), chunks=(_ROWS_PER_CHUNK,), dtype=dtype, compressors=[compress])
    return group


def _require_same(path: Path, there: Mapping[str, Any], info: PartInfo) -> None:
    """Refuse to go on with a part of another task or workcell; parts from before workcells store none."""
    if there.get("task", info.task) != info.task:
        raise BadStore(
            f"The data part {path} is of the task {there['task']!r}, not {info.task!r}. Choose another folder."
        )
    if "workcell" in there and not same_workcell(workcell_of(path, there), info.workcell):
        raise BadStore(
            f"The data part {path} was recorded in the workcell {there['workcell'].get('name')!r} with other numbers "
            f"than {info.workcell.name!r} has now. Choose another folder, or delete this one."
        )


def workcell_of(path: Path, attributes: Mapping[str, Any]) -> Workcell:
    """The workcell of a part, from its attributes.

    Raises:
        BadStore: what it stores cannot be read.
    """
    try:
        return stored_workcell({key: attributes[key] for key in ("workcell",) if key in attributes})
    except BadConfig as error:
        raise BadStore(f"The data part {path} has no valid workcell. {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class SetInfo:
    """What all parts of some data sets are of."""

    task: str
    workcell: Workcell


def set_info(folders: Sequence[Path]) -> SetInfo:
    """Task and workcell of data sets.

    Raises:
        BadStore: there is no part, one cannot be read, or they differ.
    """
    found: SetInfo | None = None
    first = Path()
    for path in (part for folder in folders for part in parts_of(folder)):
        try:
            attributes = dict(zarr.open_group(path, mode="r").attrs)
        except (OSError, ValueError, KeyError) as error:
            raise BadStore(f"{path} is not a part of recorded episodes ({error!r}). Collect it once more.") from error
        one = SetInfo(str(attributes.get("task") or DEFAULT_TASK), workcell_of(path, attributes))
        if found is None:
            found, first = one, path
        elif found.task != one.task or not same_workcell(found.workcell, one.workcell):
            raise BadStore(
                f"{first} ({found.task}, workcell {found.workcell.name!r}) and {path} ({one.task}, workcell "
                f"{one.workcell.name!r}) do not belong together. Train on the data of one task and workcell."
            )
    if found is None:
        raise BadStore("No data set was named. Give at least one folder.")
    return found


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
