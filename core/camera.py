"""A static camera of a workcell, calibrated or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadConfig

Point = Sequence[float]
Calibration = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Intrinsics (3, 3) pixels and base_to_camera (4, 4) metres."""


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A pinhole camera, OpenCV axes (x right, y down, z forward). Pixel (0, 0) is the centre of the upper left one."""

    name: str
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    intrinsics: NDArray[np.float64] | None = None
    """(3, 3) pixels; None where the camera is not calibrated."""
    base_to_camera: NDArray[np.float64] | None = None
    """(4, 4) rigid transform from the robot base frame, metres; None where the camera is not calibrated."""

    @property
    def calibrated(self) -> bool:
        """Whether points of the robot base frame can be projected into its pictures."""
        return self.intrinsics is not None and self.base_to_camera is not None

    def calibration(self) -> Calibration:
        """Intrinsics and pose.

        Raises:
            BadConfig: the camera is not calibrated.
        """
        if self.intrinsics is None or self.base_to_camera is None:
            raise BadConfig(
                f"The camera {self.name!r} is not calibrated, and its calibration is needed here. Give its intrinsics "
                "and base_to_camera in the workcell file, or leave the camera out."
            )
        return self.intrinsics, self.base_to_camera

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Base-frame points (..., 3) in metres -> pixels (..., 2), x right, y down.

        Raises:
            BadConfig: the camera is not calibrated.
        """
        intrinsics, pose = self.calibration()
        seen = points @ pose[:3, :3].T + pose[:3, 3]
        pixels = seen @ intrinsics.T
        return np.asarray(pixels[..., :2] / pixels[..., 2:3])

    def uncalibrated(self) -> "Camera":
        """The same camera without its calibration."""
        return Camera(self.name, self.width, self.height)

    def to_dict(self) -> dict[str, Any]:
        """Plain values; from_dict reads them."""
        return {
            "name": self.name,
            "width": self.width,
            "height": self.height,
            "intrinsics": None if self.intrinsics is None else self.intrinsics.tolist(),
            "base_to_camera": None if self.base_to_camera is None else self.base_to_camera.tolist(),
        }

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Camera":
        """Read what to_dict made, or a camera of a workcell file, which may say `at`, `to`, `up` and `fov` instead.

        Raises:
            BadConfig: something is missing or does not fit; in words.
        """
        try:
            name, width, height = str(values["name"]), int(values["width"]), int(values["height"])
            if "at" in values:
                at, to, up = (tuple(float(v) for v in values[key]) for key in ("at", "to", "up"))
                return looking(name, width, height, at, to, up, float(values["fov"]))
            matrices = [values.get(key) for key in ("intrinsics", "base_to_camera")]
            arrays = [None if matrix is None else np.asarray(matrix, np.float64) for matrix in matrices]
        except (KeyError, TypeError, ValueError) as error:
            raise BadConfig(f"A camera of the workcell cannot be read: {error!r} in {dict(values)!r:.200}.") from error
        for key, array, shape in zip(("intrinsics", "base_to_camera"), arrays, ((3, 3), (4, 4)), strict=True):
            if array is not None and (array.shape != shape or not np.isfinite(array).all()):
                raise BadConfig(f"The {key} of the camera {name!r} must be {shape} finite numbers, not {array.shape}.")
        if (arrays[0] is None) != (arrays[1] is None):
            raise BadConfig(
                f"The camera {name!r} has only half a calibration. Give both, intrinsics and base_to_camera."
            )
        return Camera(name, width, height, arrays[0], arrays[1])


def looking(name: str, width: int, height: int, at: Point, to: Point, up: Point, fov: float) -> Camera:
    """A calibrated camera at a point (m, base frame) looking to another; `fov` is its vertical angle of view, rad."""
    forward = np.asarray(to) - np.asarray(at)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, up)
    right = right / np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    transform = np.eye(4)
    transform[:3, :3] = rotation
    transform[:3, 3] = -rotation @ np.asarray(at)
    focal = height / 2 / np.tan(fov / 2)
    middle = (width - 1) / 2, (height - 1) / 2
    return Camera(name, width, height, np.array([[focal, 0, middle[0]], [0, focal, middle[1]], [0, 0, 1.0]]), transform)


def vertical_fov(camera: Camera) -> float:
    """Vertical angle of view of a calibrated camera, radians."""
    return float(2 * np.arctan(camera.height / 2 / camera.calibration()[0][1, 1]))


def require_calibrated(cameras: Sequence[Camera], who: str) -> None:
    """Refuse cameras without a calibration.

    Args:
        cameras: All that are used.
        who: What needs the calibration, for the words.

    Raises:
        BadConfig: which camera is not calibrated, and what to do.
    """
    for camera in cameras:
        if not camera.calibrated:
            raise BadConfig(
                f"{who} needs calibrated cameras, and the camera {camera.name!r} is not calibrated. Give its "
                "intrinsics and base_to_camera in the workcell file and import or record the data again with it, or "
                "leave this camera out."
            )
