"""The numbers of bimanual Push-T: one place for every world, judge and operator. No simulator here.

Robot base frame: +X forward, +Y left, +Z up; metres, radians, seconds; the table plane is z = 0.
A planar pose is (x, y, yaw). Pixel (0, 0) is the centre of the upper left pixel.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.action import ActionLimits
from core.world import Camera

TASK: Final = "push_t"
DT: Final = 0.1
"""Seconds of world time per control step."""

TABLE_X: Final = (0.18, 0.82)
TABLE_Y: Final = (-0.32, 0.32)
"""The mapped square of the table, metres: 0.64 x 0.64, centre (0.5, 0)."""

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

# End effectors. The tool point lies between the fingertips, at the height of their lower end.
FINGER_RADIUS: Final = 0.009
MAX_GAP: Final = 0.08
"""Free space between the two fingers of one hand at opening 1, metres; the fingers move along tool y."""
MAX_TRANSLATION: Final = 0.06
MAX_TURN: Final = 0.6
MAX_OPENING: Final = 0.5
"""What one control step can do at most, metres, radians, opening: a farther target is approached, not reached."""

_ARM_LOW = (0.22, -0.28, 0.01, -0.5, -0.5, -np.pi, 0.0)
_ARM_HIGH = (0.78, 0.28, 0.20, 0.5, 0.5, np.pi, 1.0)
_ARM_HOME = (0.34, 0.20, 0.12, 0.0, 0.0, 0.0, 0.5)
HOME: Final = np.array([*_ARM_HOME, _ARM_HOME[0], -_ARM_HOME[1], *_ARM_HOME[2:]], dtype=np.float32)
"""(14,) action of the resting arms."""
LIMITS: Final = ActionLimits(
    np.array([*_ARM_LOW, *_ARM_LOW], dtype=np.float32), np.array([*_ARM_HIGH, *_ARM_HIGH], dtype=np.float32)
)


Point = tuple[float, float, float]


def _camera(name: str, size: int, at: Point, to: Point, up: Point, fov: float) -> Camera:
    """A camera at a point looking to another; `fov` is the vertical angle of view, radians."""
    forward = np.asarray(to) - np.asarray(at)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, up)
    right = right / np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    transform = np.eye(4)
    transform[:3, :3] = rotation
    transform[:3, 3] = -rotation @ np.asarray(at)
    focal = size / 2 / np.tan(fov / 2)
    middle = (size - 1) / 2
    return Camera(name, size, size, np.array([[focal, 0, middle], [0, focal, middle], [0, 0, 1.0]]), transform)


CAMERAS: Final = (
    # Up in the picture is +X, left is +Y. High and narrow: a raised hand at the edge stays in view.
    _camera("top", 128, (0.5, 0.0, 2.0), (0.5, 0.0, 0.0), (1.0, 0.0, 0.0), 2 * np.arctan(0.35 / 2.0)),
    # As seen by somebody sitting at the robot's base: forward is up, left is left.
    _camera("front", 128, (-0.20, 0.0, 0.68), (0.46, 0.0, 0.03), (0.0, 0.0, 1.0), np.deg2rad(43.0)),
)


def vertical_fov(camera: Camera) -> float:
    """Vertical angle of view of a camera, radians."""
    return float(2 * np.arctan(camera.height / 2 / camera.intrinsics[1, 1]))


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
