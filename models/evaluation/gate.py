"""Which steps of an attempt need the verdict of the task's judge: what a task may say about itself."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation

GateState = Any
"""A value, one per attempt; only its gate looks inside."""


class Gate(Protocol):
    """Spares verdicts that cannot be a success. The verdict itself always comes from the judge and from pictures.

    Object poses (3,) are those of core.world.World.object_poses, measured hands (14,) those of World.measured.
    """

    def start(self, observation: Observation, pose: NDArray[np.float64]) -> GateState:
        """From the first observation of an attempt and the object pose there."""

    def may_succeed(self, state: GateState, pose: NDArray[np.float64], hands: NDArray[np.float32]) -> bool:
        """Whether the judge could find a success now."""

    def after(
        self, state: GateState, pose: NDArray[np.float64], hands: NDArray[np.float32], progress: float
    ) -> GateState:
        """The state after the judge was asked here and found `progress` (0..1) but no success."""
