"""The numbers of Push-T: the T, its target, and the workcell that it ships with. No simulator here.

Robot base frame: +X forward, +Y left, +Z up; metres, radians, seconds; the table plane is z = 0.
A planar pose is (x, y, yaw). Pixel (0, 0) is the centre of the upper left pixel.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.workcell import shipped_workcell

TASK: Final = "push_t"
WORKCELL: Final = shipped_workcell()
"""Where Push-T is recorded and played unless another workcell is given."""
CAMERAS: Final = WORKCELL.cameras
HOME: Final = WORKCELL.home
"""(14,) action of the resting arms."""
LIMITS: Final = WORKCELL.limits
DT: Final = WORKCELL.dt
"""Seconds of world time per control step."""
TABLE_X: Final = WORKCELL.surface.x
TABLE_Y: Final = WORKCELL.surface.y
"""The mapped square of the table, metres."""

# The T block. Object frame: origin at the centre of area, bar along x, stem towards -y.
BAR: Final = (0.16, 0.04)
STEM: Final = (0.04, 0.12)
T_HEIGHT: Final = 0.04
_STEM_AREA: Final = STEM[0] * STEM[1]
_T_AREA: Final = BAR[0] * BAR[1] + _STEM_AREA
BAR_CENTRE: Final = (0.0, (BAR[1] + STEM[1]) / 2 * _STEM_AREA / _T_AREA)
STEM_CENTRE: Final = (0.0, BAR_CENTRE[1] - (BAR[1] + STEM[1]) / 2)
_TOP = BAR_CENTRE[1] + BAR[1] / 2
_NECK = BAR_CENTRE[1] - BAR[1] / 2
_FOOT = STEM_CENTRE[1] - STEM[1] / 2
T_OUTLINE: Final = np.array(
    [
        (-BAR[0] / 2, _TOP),
        (-BAR[0] / 2, _NECK),
        (-STEM[0] / 2, _NECK),
        (-STEM[0] / 2, _FOOT),
        (STEM[0] / 2, _FOOT),
        (STEM[0] / 2, _NECK),
        (BAR[0] / 2, _NECK),
        (BAR[0] / 2, _TOP),
    ]
)
"""(8, 2) corners in the object frame, metres, counter-clockwise."""

TARGET_POSE: Final = (0.52, 0.0, np.pi / 4)
"""Where the T belongs: x m, y m, yaw rad; drawn flat on the table."""
SUCCESS_COVERAGE: Final = 0.9

FINGER_RADIUS: Final = WORKCELL.arms[0].gripper.finger_radius
MAX_GAP: Final = WORKCELL.arms[0].gripper.opened
"""Free space between the two fingers of one hand at opening 1, metres; the fingers move along tool y."""


def place(points: NDArray[np.float64], pose: NDArray[np.float64] | tuple[float, ...]) -> NDArray[np.float64]:
    """Object-frame points (..., 2) at a planar pose -> base frame (..., 2)."""
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]) + np.asarray(pose[:2]))


def to_object(points: NDArray[np.float64], pose: NDArray[np.float64] | tuple[float, ...]) -> NDArray[np.float64]:
    """Base-frame points (..., 2) -> object frame of a T at a planar pose, (..., 2)."""
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    return np.asarray((points - np.asarray(pose[:2])) @ np.array([[cos, -sin], [sin, cos]]))


def inside_t(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether object-frame points (..., 2) lie on the T, (...) bool."""
    x, y = points[..., 0], points[..., 1]
    bar = (np.abs(x - BAR_CENTRE[0]) <= BAR[0] / 2) & (np.abs(y - BAR_CENTRE[1]) <= BAR[1] / 2)
    stem = (np.abs(x - STEM_CENTRE[0]) <= STEM[0] / 2) & (np.abs(y - STEM_CENTRE[1]) <= STEM[1] / 2)
    return np.asarray(bar | stem)


def _grid_on_t(pitch: float) -> NDArray[np.float64]:
    """Sample points on the T, object frame (P, 2), one per square of `pitch` metres."""
    x = np.arange(-BAR[0] / 2 + pitch / 2, BAR[0] / 2, pitch)
    y = np.arange(_FOOT + pitch / 2, _TOP, pitch)
    points = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    return np.asarray(points[inside_t(points)])


_TARGET_POINTS = place(_grid_on_t(0.002), TARGET_POSE)


def coverage(pose: NDArray[np.float64] | tuple[float, ...]) -> float:
    """The part of the target, 0..1, that a T at this planar pose covers (2 mm samples)."""
    return float(inside_t(to_object(_TARGET_POINTS, pose)).mean())
