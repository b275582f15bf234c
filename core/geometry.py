"""Rotations of small deltas: rotation vectors in radians, quaternions xyzw, robot base frame."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

FULL_TURN = 2.0 * np.pi


def rotations() -> Any:
    """Scipy's Rotation. Its first import takes 0.2 s, for which no window should wait: call it where one may."""
    from scipy.spatial.transform import Rotation

    return Rotation


def relative_rotation(now: NDArray[np.float64], then: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation vector (3,) that turns quaternion ``then`` into ``now``: now = delta * then."""
    if np.array_equal(now, then):
        return np.zeros(3)  # rest is exactly zero, not a rounding error
    rotation = rotations()
    delta = rotation.from_quat(now) * rotation.from_quat(then).inv()
    return np.asarray(delta.as_rotvec(), dtype=np.float64)


def turned(rotation: NDArray[np.float64], delta: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation vector (3,) of ``delta * rotation``, the representative that is nearest to ``rotation``.

    A rotation has many vectors, one per full turn about its axis; the nearest one does not flip its sign
    where the angle passes 180 degrees, so a limit there stops the hand instead of throwing it around.
    """
    if not delta.any():
        return rotation.copy()
    vectors = rotations().from_rotvec
    product = np.asarray((vectors(delta) * vectors(rotation)).as_rotvec(), np.float64)
    angle = float(np.linalg.norm(product))
    if angle < 1e-9:
        return product
    axis = product / angle
    turns = np.round((float(axis @ rotation) - angle) / FULL_TURN)
    return np.asarray(product + axis * (turns * FULL_TURN), dtype=np.float64)


def shortened(vector: NDArray[np.float64], limit: float) -> tuple[NDArray[np.float64], bool]:
    """The vector, no longer than ``limit``, and whether it had to be cut."""
    length = math.sqrt(vector.dot(vector))  # the same number as np.linalg.norm, in a tenth of the time
    if length <= limit:
        return vector, False
    return vector * (limit / length), True
