"""From the axes of a puck to the robot base frame.

HID_Z_UP as pyspacemouse gives it: x to the right, y away from the operator, z up, right-handed; rotations about
them. Robot base frame: x forward (away from the operator, who sits behind the robot), y left, z up. So
x = Y, y = -X, z = Z, and the same for rotation vectors, since both systems are right-handed.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

AXES: Final = ("x", "y", "z", "roll", "pitch", "yaw")
"""Names of the axes in pyspacemouse: translation along, then rotation about x, y and z."""


def in_base(axes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Linear (3,) and angular (3,) deflection in the robot base frame, each number in -1..1.

    Args:
        axes: (6,) fraction of full deflection in the order of AXES, HID_Z_UP. More than 1 in size is cut: real
            pucks exceed their logical range a little.
    """
    x, y, z, roll, pitch, yaw = np.clip(axes, -1.0, 1.0)
    return np.array([y, -x, z]) + 0.0, np.array([pitch, -roll, yaw]) + 0.0  # + 0.0: no negative zero
