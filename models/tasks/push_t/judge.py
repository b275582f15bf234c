"""How well the T lies, from frames and end-effector state only: the same judge for every world.

Success: the T that is found in the pictures covers at least 0.9 of the target. Progress is what a person would call
half done: 0.6 of it is the coverage (full at 0.9), 0.2 nearness (0 at 30 cm and beyond), 0.2 alignment (0 at 180
degrees). Where no T is seen, progress is 0 and nothing has succeeded.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.workcell import Workcell
from models.tasks.push_t import geometry as g
from models.tasks.push_t.perception import Detection, find_t

COVERED_SHARE: Final = 0.6
NEAR_SHARE: Final = 0.2
ALIGNED_SHARE: Final = 0.2
FAR: Final = 0.30
"""Metres from the target at which nearness is 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The verdict on one observation."""

    detection: Detection | None
    coverage: float
    """Part of the target that the T covers, 0..1."""
    progress: float
    success: bool


def verdict(observation: Observation, workcell: Workcell = g.WORKCELL) -> Verdict:
    """Judge one observation of a workcell; a pure function of its pictures and end-effector state."""
    detection = find_t(observation.frames, observation.ee_state, workcell=workcell)
    if detection is None:
        return Verdict(None, 0.0, 0.0, False)
    covered = g.coverage(detection.pose)
    return Verdict(detection, covered, progress(detection.pose, covered), covered >= g.SUCCESS_COVERAGE)


def progress(pose: NDArray[np.float64], covered: float) -> float:
    """0..1 for a planar pose (3,) that covers `covered` of the target."""
    gap = float(np.hypot(*(pose[:2] - np.array(g.TARGET_POSE[:2]))))
    turn = abs((pose[2] - g.TARGET_POSE[2] + np.pi) % (2 * np.pi) - np.pi)
    near = 1.0 - min(gap / FAR, 1.0)
    aligned = 1.0 - float(turn) / np.pi
    return COVERED_SHARE * min(covered / g.SUCCESS_COVERAGE, 1.0) + NEAR_SHARE * near + ALIGNED_SHARE * aligned
