"""What calibrated static cameras say about the table: rays through pixels, and points into pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The cameras as arrays for the networks."""

    projection: NDArray[np.float32]
    """(V, 3, 4) base-frame metres -> homogeneous pixels."""
    origin: NDArray[np.float32]
    """(V, 3) camera centres, base frame, metres."""
    slope: NDArray[np.float32]
    """(V, 2, H, W) d(x, y) / dz along the ray of each pixel's centre."""
    focal: NDArray[np.float32]
    """(V,) pixels."""

    @staticmethod
    def of(cameras: Sequence[Camera]) -> "Views":
        """The arrays of these cameras, all of one size."""
        projections, origins, slopes, focals = [], [], [], []
        for camera in cameras:
            intrinsics, pose = camera.calibration()
            rotation, shift = pose[:3, :3], pose[:3, 3]
            rows, columns = np.mgrid[0 : camera.height, 0 : camera.width].astype(np.float64)
            pixels = np.stack([columns, rows, np.ones_like(rows)])
            rays = np.einsum("ij,jhw->ihw", rotation.T @ np.linalg.inv(intrinsics), pixels)
            projections.append(intrinsics @ np.concatenate([rotation, shift[:, None]], 1))
            origins.append(-rotation.T @ shift)
            slopes.append(rays[:2] / rays[2:3])
            focals.append(intrinsics[0, 0])
        return Views(*(np.asarray(a, np.float32) for a in (projections, origins, slopes, focals)))
