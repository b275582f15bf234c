"""Data sets on disk -> what the policy trainer keeps in memory; shrunk pictures are kept for the next reading."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.errors import BadStore
from models.policies.chunks.config import ChunkConfig
from models.policies.chunks.encoder import POSE_DIM
from models.policies.chunks.scaling import Floats, shrink
from models.training.policy.windows import Windows, pose_target

SPLITS = {"train": 0, "validation": 1, "test": 2}


def read_windows(
    folders: Sequence[Path],
    config: ChunkConfig,
    split: str,
    kinds: Sequence[str] = (),
    most: int | None = None,
    cache: Path | None = None,
    say: Callable[[int, int], None] = lambda done, total: None,
    left_out: bool = False,
) -> Windows:
    """Read one split of some data sets into memory.

    Args:
        folders: data sets, each a folder of part-*.zarr.
        config: cameras and sizes.
        split: "train", "validation" or "test".
        kinds: episode kinds to keep; all where empty.
        most: at most this many episodes, evenly spread.
        cache: folder where shrunk pictures are kept for the next reading.
        say: called with the number of episodes read so far and of all.
        left_out: read the episodes that the same call without it leaves out because of `most`.

    Raises:
        BadStore: nothing to read, or a part of another layout.
    """
    chosen = [
        (group, start, end) for folder in folders for group, start, end in _episodes(folder, SPLITS[split], kinds)
    ]
    step = max(1, -(-len(chosen) // most)) if most else 1
    chosen = [one for place, one in enumerate(chosen) if (place % step == 0) != left_out]
    if not chosen:
        named = f" of the kinds {', '.join(kinds)}" if kinds else ""
        where = ", ".join(str(folder) for folder in folders)
        raise BadStore(f"There is no {split} episode{named} in {where}. Record some first: `main.py demonstrate`.")
    lengths = np.array([end - start for _, start, end in chosen], np.int64)
    total, side = int(lengths.sum()), config.image_size
    frames = np.empty((total, len(config.cameras), side, side, 3), np.uint8)
    at, parts = 0, []
    for done, (group, start, end) in enumerate(chosen):
        frames[at : at + end - start] = _cached(group, start, end, config, cache)
        parts.append(_columns(group, start, end))
        at += end - start
        say(done + 1, len(chosen))
    ends = np.cumsum(lengths)
    states, actions, poses = (np.concatenate(column) for column in zip(*parts, strict=True))
    first, last = np.repeat(ends - lengths, lengths), np.repeat(ends - 1, lengths)
    return Windows(frames, states, actions, first, last, poses, len(chosen))


def _episodes(folder: Path, split: int, kinds: Sequence[str]) -> list[tuple[Any, int, int]]:
    """Whole episodes of a data set: the group of the part, first row, row behind the last."""
    found = []
    for path in sorted(folder.glob("part-*.zarr")):
        try:
            group: Any = zarr.open_group(path, mode="r")
            ends = np.asarray(group["episode_ends"][:])
            names = list(group.attrs["kinds"])
            kind, of = (np.asarray(group[f"episode_{name}"][: len(ends)]) for name in ("kind", "split"))
        except (KeyError, ValueError, FileNotFoundError) as error:
            raise BadStore(f"{path} is not a part of recorded episodes ({error!r}). Collect it once more.") from error
        starts = np.concatenate([[0], ends[:-1]])
        for i in range(len(ends)):
            if of[i] == split and (not kinds or names[kind[i]] in kinds) and ends[i] - starts[i] > 1:
                found.append((group, int(starts[i]), int(ends[i])))
    return found


def _cached(group: Any, start: int, end: int, config: ChunkConfig, cache: Path | None) -> NDArray[np.uint8]:
    """Shrunk frames of one episode, (n, V, S, S, 3), from the cache where it has them.

    What was measured belongs to the key: another recording in the same place has other pictures.
    """
    if cache is None:
        return _shrunk(group, start, end, config)
    measured = hashlib.sha256(np.ascontiguousarray(group["ee_state"][start:end]).tobytes()).hexdigest()
    key = f"{group.store_path} {start} {end} {config.cameras} {config.image_size} {measured}"
    path = cache / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial.npy")  # another process may fill the same cache
        np.save(partial, _shrunk(group, start, end, config))
        partial.replace(path)
    frames: NDArray[np.uint8] = np.load(path)
    return frames


def _shrunk(group: Any, start: int, end: int, config: ChunkConfig) -> NDArray[np.uint8]:
    """Shrunk frames of one episode, (n, V, S, S, 3)."""
    views = []
    for camera in config.cameras:
        if f"frames/{camera}" not in group:
            raise BadStore(f"{group.store_path} has no frames of the camera {camera!r}.")
        stored = group[f"frames/{camera}"]
        if stored.shape[1:] != (config.frame_size, config.frame_size, 3):
            raise BadStore(f"{group.store_path}: frames of {stored.shape[1:]}, the policy wants {config.frame_size}.")
        views.append(shrink(np.asarray(stored[start:end]), config.image_size))
    return np.stack(views, axis=1)


def _columns(group: Any, start: int, end: int) -> tuple[Floats, Floats, Floats]:
    """Measured states, actions, pose targets of some rows."""
    states, actions = (np.asarray(group[name][start:end], np.float32) for name in ("ee_state", "action"))
    if states.shape[1] != ACTION_DIM or not (np.isfinite(states).all() and np.isfinite(actions).all()):
        raise BadStore(
            f"{group.store_path}: rows {start}..{end} hold states or actions that are not 14 finite numbers."
        )
    if "truth/object_pose" not in group:
        return states, actions, np.full((end - start, POSE_DIM), np.nan, np.float32)
    return states, actions, pose_target(np.asarray(group["truth/object_pose"][start:end], np.float32))
