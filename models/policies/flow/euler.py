"""From noise to a chunk along a learned velocity field, in equal Euler steps (numpy).

Time runs from 0, noise, to 1, the chunk; on the straight path between the two the velocity is chunk - noise
(flow matching, Lipman et al. 2023; the action expert of pi0, Black et al. 2024).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Velocity = Callable[[Floats, Floats], Floats]
"""Points on the paths (B, H, 14) and their times (B,) -> velocities (B, H, 14)."""


def integrate(noise: Floats, velocity: Velocity, steps: int) -> Floats:
    """From noise (B, H, 14) to chunks, clipped to -1 .. 1 at the end."""
    x, stride = noise, np.float32(1.0 / steps)
    for step in range(steps):
        time = np.full(len(x), np.float32(step / steps), np.float32)
        x = x + stride * velocity(x, time)
    return np.clip(x, np.float32(-1.0), np.float32(1.0))
