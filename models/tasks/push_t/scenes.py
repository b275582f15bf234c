"""Starts of bimanual Push-T: a pure function of the seed."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from core.action import arm_slice
from core.seeds import generator
from models.tasks.push_t.geometry import HOME, LIMITS, coverage

START_X: Final = (0.34, 0.68)
START_Y: Final = (-0.19, 0.19)
"""Where the centre of the T may start, metres: within reach from every side."""
MAX_START_COVERAGE: Final = 0.5
_JITTER: Final = np.array([0.015, 0.015, 0.012, 0.03, 0.03, 0.10, 0.08])
"""Half range of the resting arms around home: metres, radians, opening."""


def start_parameters(seed: int, look: str = "shipped") -> Mapping[str, Any]:
    """Parameters of core.task.Scene for a seed.

    Returns:
        ``object_pose``: (x m, y m, yaw rad) of the T, ``ee``: 14 numbers laid out as an action, ``look``: a name of
        models/worlds/reference/looks.py. A start covers less than half of the target.
    """
    random = generator(seed)
    while True:
        pose = (random.uniform(*START_X), random.uniform(*START_Y), random.uniform(-np.pi, np.pi))
        if coverage(pose) < MAX_START_COVERAGE:
            break
    ee = HOME.astype(np.float64)
    for arm in range(2):
        ee[arm_slice(arm)] += random.uniform(-_JITTER, _JITTER)
    return {
        "object_pose": tuple(float(v) for v in pose),
        "ee": tuple(float(v) for v in LIMITS.clip(ee.astype(np.float32))),
        "look": look,
    }
