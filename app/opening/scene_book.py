"""Starts that no seed of the task describes: a recorded step, or pictures. Kept by the hash of what they show."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import BranchTree
from core.errors import BadConfig
from core.observation import Observation
from core.task import Scene, Task

FIRST_SEED = 1 << 48
"""Seeds from here on are hashes of observations; a task's own seeds are smaller."""


def content_seed(observation: Observation) -> int:
    """FIRST_SEED or more, the same for the same frames and end effectors."""
    digest = hashlib.sha256()
    for name in sorted(observation.frames):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(observation.frames[name]).tobytes())
    digest.update(np.ascontiguousarray(observation.ee_state, np.float32).tobytes())
    return FIRST_SEED + int.from_bytes(digest.digest()[:6], "big") % FIRST_SEED


def next_seed(tree: BranchTree) -> int:
    """The task's seed after the last one that was started; scenes made from pictures have none."""
    seeds = [b.scene_seed for b in tree.branches.values() if b.parent is None and b.scene_seed < FIRST_SEED]
    return max(seeds, default=-1) + 1


class SceneBook:
    """A task with more starts: every scene that was added, and those of the task's seeds."""

    def __init__(self, task: Task, folder: Path | None) -> None:
        self.task, self.name, self.title, self.max_steps = task, task.name, task.title, task.max_steps
        self._folder = folder
        self._scenes: dict[int, Observation] = {}

    def add(self, observation: Observation) -> int:
        """Keep a start, in the session's folder too; its seed."""
        seed = content_seed(observation)
        self._scenes[seed] = observation
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            arrays: dict[str, Any] = {f"frame_{name}": frame for name, frame in observation.frames.items()}
            with (self._folder / f"{seed}.npz").open("wb") as file:
                np.savez_compressed(file, ee_state=observation.ee_state, **arrays)
        return seed

    def scene(self, seed: int) -> Scene:
        """The start of a seed.

        Raises:
            BadConfig: the start was made from a picture that is not here any more.
        """
        if seed < FIRST_SEED:
            return self.task.scene(seed)
        if seed not in self._scenes:
            self._scenes[seed] = self._stored(seed)
        return Scene(self.name, seed, {}, self._scenes[seed])

    def forget(self) -> None:
        """Remove what was kept, where the session itself left nothing behind."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def judge(self, observations: Sequence[Observation]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """See Task.judge."""
        return self.task.judge(observations)

    def _stored(self, seed: int) -> Observation:
        path = self._folder / f"{seed}.npz" if self._folder is not None else None
        if path is None or not path.is_file():
            raise BadConfig(
                f"Scene {seed} was started from a picture that was not kept ({path or 'nothing is recorded'}). "
                "Start it from the picture again."
            )
        with np.load(path, allow_pickle=False) as arrays:
            frames = {name.removeprefix("frame_"): arrays[name] for name in arrays.files if name != "ee_state"}
            return Observation(frames, arrays["ee_state"])
