"""What a task adds so that its recordings can be compared with the reference world."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.task import Scene

FollowState = Any
"""A value, one per episode; only its follower looks inside."""


class Follower(Protocol):
    """Says where the task's object is in a recording, in the frame that the reference world gives its true pose in.

    `carried` (3,) is core.world.World.object_poses of the recording world, None where that is unknown: then the pose is
    read from the picture alone.
    """

    def start(self, observation: Observation, carried: NDArray[np.float64] | None) -> FollowState:
        """From the first observation of an episode."""

    def pose(
        self, state: FollowState, observation: Observation, carried: NDArray[np.float64] | None
    ) -> NDArray[np.float64] | None:
        """(3,) x m, y m, yaw rad, base frame; None where the object is not found."""

    def scene(self, seed: int, pose: NDArray[np.float64], hands: NDArray[np.float32]) -> Scene:
        """A start of the reference world with the object at a pose and measured hands (14,), all at rest."""
