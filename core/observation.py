"""What is seen and measured at one step."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """Frames of the cameras and the measured end effectors at one instant."""

    frames: Mapping[str, NDArray[np.uint8]]
    """Camera name -> (H, W, 3) RGB, row 0 at the top."""
    ee_state: NDArray[np.float32]
    """(14,) measured, laid out as an action: per arm position m, rotation vector rad, opening 0..1."""


def same_observation(a: Observation, b: Observation) -> bool:
    """Whether two observations agree bit for bit."""
    return (
        a.frames.keys() == b.frames.keys()
        and all(np.array_equal(a.frames[k], b.frames[k]) for k in a.frames)
        and np.array_equal(a.ee_state, b.ee_state)
    )
