"""Recorded play as the trainer sees it: frames, actions, measured end effectors. Never the truth group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from core.errors import BadStore

SPLITS = {"train": 0, "validation": 1, "test": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """One whole recorded run."""

    part: int
    start: int
    """First frame in its part."""
    length: int
    kind: str
    seed: int
    split: int
    name: str
    """Part and first frame, and which data set from the second on; stays the same while more parts are collected."""


class Play:
    """Folders of `part-XXX.zarr` groups, opened for reading."""

    def __init__(self, folders: Sequence[Path], cameras: Sequence[str], limit: int | None = None) -> None:
        """Open every complete part.

        Args:
            folders: each holds part-*.zarr.
            cameras: names, in the order of the networks' views.
            limit: keep only this many episodes per part.

        Raises:
            BadStore: nothing to read, or a part of another layout.
        """
        self.folders, self.cameras = tuple(folders), tuple(cameras)
        self._groups: list[Any] = []
        self.episodes: list[Episode] = []
        for at, folder in enumerate(folders):
            known = len(self.episodes)
            for path in sorted(folder.glob("part-*.zarr")):
                try:
                    self._add(f"set-{at}-{path.stem}" if at else path.stem, zarr.open_group(path, mode="r"), limit)
                except (KeyError, ValueError, FileNotFoundError) as error:
                    raise BadStore(f"{path} is not a part of recorded play ({error!r}). Collect it again.") from error
            if len(self.episodes) == known:
                raise BadStore(f"{folder} holds no recorded episode. Run `main.py collect` first.")

    def _add(self, stem: str, group: Any, limit: int | None) -> None:
        ends = np.asarray(group["episode_ends"][:])
        if len(ends) == 0:
            return
        kinds = list(group.attrs["kinds"])
        columns = [np.asarray(group[f"episode_{name}"][: len(ends)]) for name in ("kind", "seed", "split")]
        starts = np.concatenate([[0], ends[:-1]])
        part = len(self._groups)
        self._groups.append(group)
        for start, end, kind, seed, split in list(zip(starts, ends, *columns, strict=True))[:limit]:
            name = f"{stem}-{start:06d}"
            self.episodes.append(Episode(part, int(start), int(end - start), kinds[kind], int(seed), int(split), name))

    def of(self, split: str) -> list[Episode]:
        """The episodes of "train", "validation" or "test"."""
        return [e for e in self.episodes if e.split == SPLITS[split]]

    def ee_state(self, episode: Episode) -> NDArray[np.float32]:
        """(n, 14) measured before each action."""
        return self._column(episode, "ee_state")

    def action(self, episode: Episode) -> NDArray[np.float32]:
        """(n, 14) commanded."""
        return self._column(episode, "action")

    def _column(self, episode: Episode, name: str) -> NDArray[np.float32]:
        rows = slice(episode.start, episode.start + episode.length)
        return np.asarray(self._groups[episode.part][name][rows], np.float32)

    def frames(self, episode: Episode, camera: str, count: int | None = None) -> NDArray[np.uint8]:
        """(n, H, W, 3) of one camera, the first `count` frames where given."""
        length = episode.length if count is None else min(count, episode.length)
        rows = slice(episode.start, episode.start + length)
        return np.asarray(self._groups[episode.part][f"frames/{camera}"][rows])

    def groups_of(self, episodes: Sequence[Episode], size: int) -> Iterator[list[Episode]]:
        """The episodes in groups of similar length, longest first."""
        order = sorted(episodes, key=lambda e: -e.length)
        for i in range(0, len(order), size):
            yield order[i : i + size]


def background(play: Play, most: int = 400) -> NDArray[np.uint8]:
    """The per-pixel median of first, middle and last frames, (V, H, W, 3)."""
    episodes = play.of("train") or play.episodes
    stride = max(1, len(episodes) // most)
    chosen = episodes[::stride]
    views = []
    for camera in play.cameras:
        stack = np.concatenate([play.frames(e, camera)[[0, e.length // 2, e.length - 1]] for e in chosen])
        views.append(np.median(stack, axis=0).astype(np.uint8))
    return np.stack(views)
