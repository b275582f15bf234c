"""A recorded branch against an episode that a real robot (or anything else) recorded with the same actions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from core.errors import BadConfig, BadStore
from core.observation import Observation
from core.store.archive import open_archive
from core.task import Task
from models import TASKS, load_follower
from models.datasets.dataset_parts import parts_of, set_info
from models.truth.check import Check, Replayed, compare
from models.truth.follower import Follower
from models.truth.recorded import branches_of, corrected, recording_world, task_and_workcell


def check_episode(folder: Path, branch: int, data: Path, number: int) -> Check:
    """Hold a branch against an episode: its row i is compared with node i after the fork.

    Args:
        folder: A session.
        branch: In it.
        data: Imported data (`main.py import --as data`) of the same task and rate, with calibrated cameras.
        number: Of the episode, 0 ..

    Raises:
        BadStore: session, branch, data or episode are missing or torn.
        BadConfig: they do not fit together, or the cameras of the data are not calibrated.
    """
    archive = open_archive(folder)
    name, workcell = task_and_workcell(archive)
    about = set_info([data])
    if about.task != name:
        raise BadConfig(f"{data} shows the task {about.task!r}, the session {name!r}. Name data of the same task.")
    if abs(about.workcell.dt - workcell.dt) > 1e-6:
        raise BadConfig(
            f"{data} has steps of {about.workcell.dt:g} s, the session of {workcell.dt:g} s. "
            "Import it at the same rate."
        )
    (one,) = branches_of(archive, branch, everything=True)
    recorded = corrected(archive, one, recording_world(archive, name), load_follower(name, workcell))
    task: Task = TASKS.load(name)(about.workcell)
    real = _seen(episode(data, number), len(recorded.poses), task, load_follower(name, about.workcell))
    return compare(branch, recorded.poses[: len(real.poses)], recorded.success_at, real)


def _seen(observations: Iterator[Observation], count: int, task: Task, follower: Follower) -> Replayed:
    """Poses of the object and verdicts by pictures alone, of the first `count` rows; success counts on all rows."""
    poses, success_at, success = [], None, False
    for index, observation in enumerate(observations):
        if index < count:
            pose = follower.pose(None, observation, None)
            poses.append(np.full(3, np.nan) if pose is None else pose)
        success = bool(task.judge([observation])[1][0])
        if success and success_at is None:
            success_at = index
    return Replayed(np.array(poses), success_at, success)


def episode(data: Path, number: int) -> Iterator[Observation]:
    """The rows of one episode of a data set, one after the other.

    Raises:
        BadStore: there is no such episode, or it cannot be read.
    """
    before = 0
    for path in parts_of(data):
        try:
            group: Any = zarr.open_group(path, mode="r")
            ends = np.asarray(group["episode_ends"][:])
            cameras = sorted(group["frames"].array_keys())
        except (OSError, KeyError, ValueError) as error:
            raise BadStore(f"{path} is not a part of recorded episodes ({error!r}). Import it once more.") from error
        if number - before < len(ends):
            place = number - before
            for row in range(int(ends[place - 1]) if place else 0, int(ends[place])):
                frames = {camera: np.asarray(group[f"frames/{camera}"][row], np.uint8) for camera in cameras}
                yield Observation(frames, np.asarray(group["ee_state"][row], np.float32))
            return
        before += len(ends)
    raise BadStore(f"{data} has {before} episodes, numbered from 0; there is no episode {number}.")
