"""Where the T is in a recording: found in the first picture, then moved as the world's object moves."""

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.task import Scene
from core.workcell import Workcell
from models.tasks.push_t import geometry as g
from models.tasks.push_t.perception import find_t


def offset_of(observation: Observation, pose: NDArray[np.float64], workcell: Workcell) -> NDArray[np.float64] | None:
    """(3,) planar pose of the T in the frame of a world's object at `pose` (3,); None where no T is seen."""
    found = find_t(observation.frames, observation.ee_state, workcell=workcell)
    return None if found is None else _between(pose, found.pose)


def moved(pose: NDArray[np.float64], offset: NDArray[np.float64]) -> NDArray[np.float64]:
    """A planar pose (3,) in the frame of another one, in the base frame."""
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    x, y = cos * offset[0] - sin * offset[1], sin * offset[0] + cos * offset[1]
    return np.array([pose[0] + x, pose[1] + y, pose[2] + offset[2]])


def _between(pose: NDArray[np.float64], t: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverse of moved: the offset that leads from a pose to `t`."""
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    x, y = t[0] - pose[0], t[1] - pose[1]
    return np.array([cos * x + sin * y, cos * y - sin * x, t[2] - pose[2]])


class PushTFollower:
    """See models.truth.follower.Follower. Its state is the offset (3,) or None."""

    def __init__(self, workcell: Workcell) -> None:
        self._workcell = workcell

    def start(self, observation: Observation, carried: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        """Where the T lies in the frame of the world's object."""
        return None if carried is None else offset_of(observation, carried, self._workcell)

    def pose(
        self, state: NDArray[np.float64] | None, observation: Observation, carried: NDArray[np.float64] | None
    ) -> NDArray[np.float64] | None:
        """By the carried pose where there is one, else by the judge's own perception."""
        if state is not None and carried is not None:
            return moved(carried, state)
        found = find_t(observation.frames, observation.ee_state, workcell=self._workcell)
        return None if found is None else found.pose

    def scene(self, seed: int, pose: NDArray[np.float64], hands: NDArray[np.float32]) -> Scene:
        """See Follower."""
        numbers = {"object_pose": tuple(map(float, pose)), "ee": tuple(map(float, hands))}
        return Scene(g.TASK, seed, {**numbers, "look": "shipped"})


def load(workcell: Workcell) -> PushTFollower:
    """The follower of the task in a workcell."""
    return PushTFollower(workcell)
