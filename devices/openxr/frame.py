"""From the axes of OpenXR to those of the robot's base.

OpenXR: +X right, +Y up, -Z forward. Base: +X forward, +Y left, +Z up. After a re-centring, forward is
where the head looked then: positions and rotations are turned about the vertical first.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

BASE_OF_XR: Final[NDArray[np.float64]] = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""R: base vector = R @ OpenXR vector."""


def base_of_xr(heading: float = 0.0) -> NDArray[np.float64]:
    """(3, 3) from OpenXR axes to base axes for an operator who looks `heading` radians to the left of -Z."""
    c, s = math.cos(heading), math.sin(heading)
    back = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])  # undoes the turn about +Y
    return np.asarray(BASE_OF_XR @ back)


def position_in_base(position: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3,) metres in base axes."""
    return np.asarray(matrix @ position)


def orientation_in_base(orientation: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4,) quaternion xyzw of the same rotation told in base axes: R q R^T turns about R times the axis of q."""
    out = np.append(matrix @ orientation[:3], orientation[3])
    return np.asarray(out / np.linalg.norm(out))


def heading_of(orientation: NDArray[np.float64]) -> float:
    """Radians to the left of -Z that something of this OpenXR orientation (4,) xyzw looks, up stays up."""
    x, y, z, w = (float(part) for part in orientation)
    forward_x, forward_z = -2.0 * (x * z + y * w), -(1.0 - 2.0 * (x * x + y * y))
    if math.hypot(forward_x, forward_z) < 1e-3:  # looks straight up or down: its edge says where forward is
        forward_x, forward_z = 2.0 * (x * y - z * w), 2.0 * (y * z + x * w)
        if y * z < x * w:  # up
            forward_x, forward_z = -forward_x, -forward_z
    return math.atan2(-forward_x, -forward_z)
