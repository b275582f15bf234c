"""Action codecs of exports: absolute targets as recorded, or relative to what was measured."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, ARM_DIM, ARMS, CODEC, GRIPPER, POSITION, ROTATION, arm_slice
from core.geometry import rotations
from models.datasets.export.options import ActionCodec

Floats = NDArray[np.float32]

CODECS: Final[dict[ActionCodec, str]] = {"absolute": CODEC, "delta": "bimanual-ee-delta-rotvec-v1"}
"""Full names, as they stand beside the data."""
MEANING: Final[dict[ActionCodec, str]] = {
    "absolute": "per arm (left, right): target position m, rotation vector rad, gripper 0 closed .. 1 open; "
    "robot base frame",
    "delta": "per arm (left, right): target minus measured position m, rotation vector rad of target = delta * "
    "measured, gripper absolute 0 closed .. 1 open; robot base frame",
}
NUMBERS: Final = tuple(f"{arm}_{number}" for arm in ARMS for number in ("x", "y", "z", "rx", "ry", "rz", "gripper"))
"""Names of the 14 numbers of a state or an action."""


def encoded(codec: ActionCodec, action: Floats, state: Floats) -> Floats:
    """Absolute targets (n, 14) at measured states (n, 14) -> actions of a codec, (n, 14) float32; NaN stays NaN."""
    if codec == "absolute":
        return action
    delta = np.full((len(action), ACTION_DIM), np.nan, np.float32)
    known = np.isfinite(action).all(1)
    target, measured = action[known].astype(np.float64), state[known].astype(np.float64)
    rows = np.empty_like(target)
    for arm in range(len(ARMS)):
        to, at = target[:, arm_slice(arm)], measured[:, arm_slice(arm)]
        out = rows[:, arm_slice(arm)]
        out[:, POSITION] = to[:, POSITION] - at[:, POSITION]
        out[:, ROTATION] = _turns(to[:, ROTATION], at[:, ROTATION])
        out[:, GRIPPER] = to[:, GRIPPER]
    delta[known] = rows
    return delta


def targets_of(changes: NDArray[np.floating], measured: NDArray[np.floating]) -> NDArray[np.float64]:
    """Absolute targets of changes that were commanded at measured poses, all (n, 7) or (n, 14).

    The inverse of ``encoded("delta", ...)``, up to full turns of a rotation vector.
    """
    targets = changes.astype(np.float64)
    vectors = rotations().from_rotvec
    for arm in range(changes.shape[1] // ARM_DIM):
        to, at = targets[:, arm_slice(arm)], measured[:, arm_slice(arm)].astype(np.float64)
        to[:, POSITION] += at[:, POSITION]
        to[:, ROTATION] = (vectors(to[:, ROTATION]) * vectors(at[:, ROTATION])).as_rotvec()
    return targets


def _turns(to: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotation vectors (n, 3) that turn ``at`` into ``to``, left-composed."""
    if not len(to):
        return np.zeros((0, 3))
    vectors = rotations().from_rotvec
    return np.asarray((vectors(to) * vectors(at).inv()).as_rotvec(), np.float64)
