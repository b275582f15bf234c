"""What the T and the hands cover of a picture: signed distances on the table, pixel rays, hidden pixels.

A pixel sees the T when its ray passes through the outline at some height between the table and the top of the
block; a few heights are enough, since the block is low. Everything here is geometry of calibrated cameras.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.action import POSITION, ROTATION, arm_slice
from core.camera import Camera
from models.tasks.push_t import geometry as g

_REACH: Final = 0.20
"""Half side of the table of distances, metres."""
_PITCH: Final = 0.001

# Parts of a hand that hide the table: two ends in the tool frame (m) and a radius (m). Fingers follow the opening.
_PALM: Final = (((0.0, -0.026, 0.082), (0.0, 0.026, 0.082)), 0.016)
_WRIST: Final = (((0.0, 0.0, 0.082), (0.0, 0.0, 0.156)), 0.018)
_FINGER_TIP, _FINGER_ROOT, _FINGER_HIDES = 0.005, 0.075, 0.011
_SLACK_PIXELS: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Rays:
    """Where the pixels of a camera look."""

    camera: Camera
    points: NDArray[np.float32]
    """(L, H * W, 2) crossings of each pixel's ray with L heights, base frame x, y, metres."""


@cache
def distance_table() -> NDArray[np.float32]:
    """(N * N, 3) signed distance to the outline of the T (m, negative inside) and its gradient, 1 mm grid."""
    axis = np.arange(-_REACH, _REACH + _PITCH / 2, _PITCH)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1)
    nearest = np.full(points.shape[:2], np.inf)
    for a, b in zip(g.T_OUTLINE, np.roll(g.T_OUTLINE, -1, axis=0), strict=True):
        along = np.clip(((points - a) @ (b - a)) / ((b - a) @ (b - a)), 0.0, 1.0)
        nearest = np.minimum(nearest, np.linalg.norm(points - a - along[..., None] * (b - a), axis=-1))
    signed = np.where(g.inside_t(points), -nearest, nearest)
    gradient = np.gradient(signed, _PITCH)
    return np.stack([signed, *gradient], -1).reshape(-1, 3).astype(np.float32)


def distances(points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Signed distance (...) in metres and gradient (..., 2) of object-frame points (..., 2)."""
    table = distance_table()
    size = round(2 * _REACH / _PITCH) + 1
    cell = np.clip(np.rint((points + _REACH) / _PITCH).astype(np.int32), 0, size - 1)
    found = table[cell[..., 0] * size + cell[..., 1]]
    gradient = found[..., 1:]
    beside = points - (cell * np.float32(_PITCH) - np.float32(_REACH))
    return found[..., 0] + (gradient * beside).sum(-1), gradient


@cache
def rays(camera: Camera, levels: int) -> Rays:
    """Rays of a camera at `levels` heights from the table to the top of the T."""
    rows, columns = np.mgrid[: camera.height, : camera.width]
    pixels = np.stack([columns, rows, np.ones_like(rows)], -1).reshape(-1, 3).astype(np.float64)
    intrinsics, pose = camera.calibration()
    rotation, shift = pose[:3, :3], pose[:3, 3]
    origin = -rotation.T @ shift
    directions = (pixels @ np.linalg.inv(intrinsics).T) @ rotation
    heights = np.linspace(0.0, g.T_HEIGHT, levels)
    far = (heights[:, None] - origin[2]) / directions[None, :, 2]
    points = origin[:2] + far[..., None] * directions[None, :, :2]
    return Rays(camera, points.astype(np.float32))


def hidden(camera: Camera, pixels: NDArray[np.intp], ee_state: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether flat pixel indices (P,) lie on a hand at a measured end-effector state (14,); (P,) bool."""
    at = np.stack([pixels % camera.width, pixels // camera.width], -1).astype(np.float32)
    ends, radii = _hand_parts(ee_state.astype(np.float64))
    intrinsics, pose = camera.calibration()
    seen = ends @ pose[:3, :3].T + pose[:3, 3]
    focal = intrinsics[0, 0]
    reach = (radii * focal / seen[..., 2].min(axis=1) + _SLACK_PIXELS).astype(np.float32)
    image = camera.project(ends).astype(np.float32)
    covered = np.zeros(len(pixels), np.bool_)
    if not len(pixels):
        return covered
    low, high = at.min(0), at.max(0)
    near = (np.maximum(image[:, 0], image[:, 1]) + reach[:, None] > low).all(1)
    near &= (np.minimum(image[:, 0], image[:, 1]) - reach[:, None] < high).all(1)
    for (a, b), radius in zip(image[near], reach[near], strict=True):
        line, x, y = b - a, at[:, 0] - a[0], at[:, 1] - a[1]
        along = np.clip((x * line[0] + y * line[1]) / max(float(line @ line), 1e-9), 0.0, 1.0)
        x -= along * line[0]
        y -= along * line[1]
        covered |= x * x + y * y < radius * radius
    return covered


def _hand_parts(ee_state: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends (8, 2, 3) of the capsules of both hands, base frame, metres, and their radii (8,)."""
    ends, radii = [], []
    for arm in range(2):
        numbers = ee_state[arm_slice(arm)]
        rotation = Rotation.from_rotvec(numbers[ROTATION]).as_matrix()
        finger = numbers[6] * g.MAX_GAP / 2 + g.FINGER_RADIUS
        parts = [_PALM, _WRIST]
        for sign in (-1.0, 1.0):
            parts.append((((0.0, sign * finger, _FINGER_TIP), (0.0, sign * finger, _FINGER_ROOT)), _FINGER_HIDES))
        for segment, radius in parts:
            ends.append(np.asarray(segment) @ rotation.T + numbers[POSITION])
            radii.append(radius)
    return np.array(ends), np.array(radii)
