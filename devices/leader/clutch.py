"""When the hand counts: always, while a pedal or key holds it, or from the first clear motion after a take-over.

Most leader arms have no free button. The motion clutch is a pure function: what the hand was when the operator took
over is remembered, and the hand engages as soon as it has clearly left that place.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.geometry import relative_rotation

ClutchMode = Literal["always", "motion", "held"]


@dataclass(frozen=True, slots=True)
class MotionClutch:
    """How far the hand goes before it counts."""

    distance: float = 0.01
    """Metres from the place of the take-over."""
    angle: float = 0.12
    """Radians from the orientation of the take-over."""


@dataclass(frozen=True, slots=True, eq=False)
class ClutchState:
    """Whether the hand is engaged, and where it was when the operator took over."""

    engaged: bool = False
    position: NDArray[np.float64] | None = None
    """(3,) metres, robot base axes; None until the first pose after the take-over."""
    orientation: NDArray[np.float64] | None = None
    """(4,) quaternion xyzw, robot base axes."""


WAITING = ClutchState()
"""Right after a take-over."""


def followed(
    state: ClutchState,
    position: NDArray[np.float64],
    orientation: NDArray[np.float64],
    config: MotionClutch = MotionClutch(),
) -> ClutchState:
    """The state after the hand was seen at a pose: (3,) metres and (4,) quaternion xyzw, robot base axes."""
    if state.engaged:
        return state
    if state.position is None or state.orientation is None:
        return ClutchState(False, position, orientation)
    moved = float(np.linalg.norm(position - state.position))
    turned = float(np.linalg.norm(relative_rotation(orientation, state.orientation)))
    if moved > config.distance or turned > config.angle:
        return ClutchState(True, state.position, state.orientation)
    return state


class Clutch:
    """The clutch of one leader: pedals and keys from any thread, poses from the device's thread."""

    def __init__(self, mode: ClutchMode = "always", config: MotionClutch = MotionClutch()) -> None:
        self.mode, self._config = mode, config
        self._held = False
        self._asked, self._seen = 0, 0
        self._state = WAITING

    def take_over(self) -> None:
        """The operator took over: with mode "motion" the hand waits for its first clear motion from here."""
        self._asked += 1

    def press(self) -> None:
        """The pedal or key of the clutch went down."""
        self._held = True

    def release(self) -> None:
        """It went up, or the window lost the focus."""
        self._held = False

    def engaged(self, position: NDArray[np.float64], orientation: NDArray[np.float64]) -> bool:
        """Whether the hand counts at this pose; called for every pose, on the device's thread alone."""
        if self._seen != self._asked:
            self._seen, self._state = self._asked, WAITING
        self._state = followed(self._state, position, orientation, self._config)
        return {"always": True, "held": self._held, "motion": self._state.engaged}[self.mode]
