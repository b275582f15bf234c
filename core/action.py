"""The 14 numbers of one control step, and the delta that an operator asks for.

Robot base frame: +X forward, +Y left, +Z up; metres, radians, seconds. The tool frame is chosen so that
the home pose (gripper pointing down) is the identity rotation, which keeps rotation vectors far from
their singularity.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import BadAction

ARMS: Final = ("left", "right")
ARM_DIM: Final = 7
ACTION_DIM: Final = 14
POSITION: Final = slice(0, 3)
ROTATION: Final = slice(3, 6)
GRIPPER: Final = 6
CODEC: Final = "bimanual-ee-absolute-rotvec-v1"
"""Name of the action layout, written beside every recording."""
LIMIT_SLACK: Final = 1e-3
"""How far beyond a limit a number still counts as rounding, metres, radians or opening."""


def arm_slice(arm: int) -> slice:
    """The place of arm 0 (left) or 1 (right) among the 14 numbers."""
    return slice(arm * ARM_DIM, (arm + 1) * ARM_DIM)


@dataclass(frozen=True, slots=True, eq=False)
class BimanualDelta:
    """What the operator asked for in one control step, robot base frame, left-composed."""

    translation: NDArray[np.float64]
    """(2, 3) metres per control step, arm order left, right."""
    rotation: NDArray[np.float64]
    """(2, 3) rotation vectors, radians per control step; new = delta * old."""
    gripper: NDArray[np.float64]
    """(2,) change of the commanded opening."""

    @staticmethod
    def zero() -> "BimanualDelta":
        """No motion of either arm."""
        return BimanualDelta(np.zeros((2, 3)), np.zeros((2, 3)), np.zeros(2))


@dataclass(frozen=True, slots=True, eq=False)
class ActionLimits:
    """The box of actions that a world was made for."""

    low: NDArray[np.float32]
    """(14,) lowest value of each number."""
    high: NDArray[np.float32]
    """(14,) highest value of each number."""

    def clip(self, action: NDArray[np.float32]) -> NDArray[np.float32]:
        """The nearest action inside the box, (..., 14) float32."""
        return np.clip(action, self.low, self.high).astype(np.float32)

    def checked(self, values: object) -> NDArray[np.float32]:
        """An action as (14,) float32 inside the box; what rounding put outside is brought back.

        Raises:
            BadAction: not 14 finite numbers, or one beyond the box.
        """
        action = checked_action(values)
        outside = np.flatnonzero((action < self.low - LIMIT_SLACK) | (action > self.high + LIMIT_SLACK))
        if len(outside):
            i = int(outside[0])
            raise BadAction(
                f"Number {i} of the action is {action[i]:.3f}, outside {self.low[i]:.3f} .. {self.high[i]:.3f}. "
                "Clip it with spec.limits.clip. The step was not taken."
            )
        return self.clip(action)


def checked_action(values: object) -> NDArray[np.float32]:
    """An action as (14,) float32.

    Raises:
        BadAction: not 14 finite numbers.
    """
    try:
        action = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BadAction(f"An action is {ACTION_DIM} numbers; this one is not numeric: {error}.") from error
    if action.shape != (ACTION_DIM,):
        raise BadAction(f"An action has shape ({ACTION_DIM},); this one has {action.shape}.")
    if not np.isfinite(action).all():
        where = ", ".join(str(i) for i in np.flatnonzero(~np.isfinite(action)))
        raise BadAction(f"An action must be finite; numbers {where} are NaN or infinite. The step was not taken.")
    return action
