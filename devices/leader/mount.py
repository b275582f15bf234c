"""Orientation of a leader arm on the table: turned about the vertical axis against the robot's base frame.

An operator beside the robot, or with the leader crosswise on the table, pushes it forward and expects the tool to
go forward. The turn is a number of degrees, counted to the left as seen from above, by which the leader's own forward
axis stands off the robot's; what the leader says is turned by it.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.errors import BadConfig

PUSH: Final = 0.05
"""Metres over the table that a push needs to tell a direction."""
STILL: Final = 0.01
"""Metres over the table below which a motion is no push."""


class Mount:
    """The yaw of one leader; any thread may turn it, its own thread applies it. A turn is a new origin, no motion."""

    def __init__(self, yaw: float = 0.0) -> None:
        """Stand turned by `yaw` degrees."""
        self._state = (yaw, 0)

    @property
    def yaw(self) -> float:
        """Degrees about Z, to the left as seen from above."""
        return self._state[0]

    def turn_to(self, yaw: float) -> None:
        """Stand otherwise from now on."""
        if yaw != self._state[0]:
            self._state = (yaw, self._state[1] + 1)

    def applied(
        self, position: NDArray[np.float64], orientation: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
        """A pose of the leader in axes of the robot base frame, and how often the leader was turned.

        Args:
            position: (3,) metres, axes of the leader's base.
            orientation: (4,) quaternion xyzw, axes of the leader's base.
        """
        yaw, turns = self._state
        if yaw == 0.0:
            return position, orientation, turns
        turn = Rotation.from_euler("z", yaw, degrees=True)
        return turn.apply(position), (turn * Rotation.from_quat(orientation)).as_quat(), turns


def pushed_yaw(start: NDArray[np.float64], end: NDArray[np.float64]) -> float | None:
    """The yaw of a leader that was pushed straight forward; None where it was not pushed at all.

    Args:
        start: (3,) metres, the tool before the push in axes of the leader's base.
        end: (3,) metres, and after it.

    Returns:
        Degrees, -180 .. 180, in whole ones: a hand is no straighter.

    Raises:
        BadConfig: the push was too short to tell a direction.
    """
    x, y = (float(value) for value in (end - start)[:2])
    far = math.hypot(x, y)
    if far < STILL:
        return None
    if far < PUSH:
        raise BadConfig(
            f"That was {100 * far:.0f} cm; a push of {100 * PUSH:.0f} cm or more tells the direction. Push it further."
        )
    return float(round(-math.degrees(math.atan2(y, x)))) + 0.0
