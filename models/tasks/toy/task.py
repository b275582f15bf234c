"""The toy task: push a block onto a mark. Tiny, numpy only, and judged from frames like every task."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.observation import Observation
from core.seeds import generator
from core.task import Scene

NAME = "toy"
SIZE = 32
"""Width and height of a frame, pixels."""
TARGET = np.array([0.52, 0.0])
"""Where the block belongs, metres."""
BLOCK_RADIUS = 0.045
"""Half the side of the block, metres."""
REACH = 0.03
"""Metres from the mark that count as success."""
BLOCK_COLOUR = np.array([232, 96, 40], np.float32)


def _camera(name: str, position: tuple[float, float, float], rotation: NDArray[np.float64], focal: float) -> Camera:
    base_to_camera = np.eye(4)
    base_to_camera[:3, :3] = rotation
    base_to_camera[:3, 3] = -rotation @ np.asarray(position)
    centre = (SIZE - 1) / 2
    intrinsics = np.array([[focal, 0.0, centre], [0.0, focal, centre], [0.0, 0.0, 1.0]])
    return Camera(name, SIZE, SIZE, intrinsics, base_to_camera)


CAMERAS = (
    # looks down: +X is up in the picture, +Y is left
    _camera("top", (0.5, 0.0, 1.0), np.array([[0.0, -1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]]), 50.0),
    # looks back at the robot from (1.3, 0, 0.6), towards (0.5, 0, 0): +Y is right
    _camera("front", (1.3, 0.0, 0.6), np.array([[0.0, 1.0, 0.0], [0.6, 0.0, -0.8], [-0.8, 0.0, -0.6]]), 44.0),
)


def plane_points(camera: Camera) -> NDArray[np.float64]:
    """Where the ray of each pixel meets the table z = 0, (H, W, 2) metres."""
    v, u = np.mgrid[0 : camera.height, 0 : camera.width].astype(np.float64)
    intrinsics, pose = camera.calibration()
    rays = np.stack([u, v, np.ones_like(u)], axis=-1) @ np.linalg.inv(intrinsics).T
    rotation = pose[:3, :3]
    origin = -rotation.T @ pose[:3, 3]
    directions = rays @ rotation  # row vectors: R^T applied to each ray
    distance = -origin[2] / directions[..., 2]
    return np.asarray((origin + directions * distance[..., None])[..., :2])


_TOP_POINTS = plane_points(CAMERAS[0])


def locate(observation: Observation) -> NDArray[np.float64] | None:
    """The centre (2,) of the block in metres as the top camera sees it; None where it is out of view."""
    frame = observation.frames["top"].astype(np.float32)
    weight = np.clip((frame[..., 0] - frame[..., 2] - 60.0) / 132.0, 0.0, 1.0)
    total = float(weight.sum())
    if total < 1.0:
        return None
    return np.asarray((_TOP_POINTS * weight[..., None]).sum((0, 1)) / total)


class ToyTask:
    """Push the block onto the mark."""

    name = NAME
    title = "Toy: block to mark"
    max_steps = 50

    def scene(self, seed: int) -> Scene:
        """A block somewhere on the table, not yet on the mark."""
        random = generator(seed)
        angle, distance = random.uniform(0.0, 2.0 * np.pi), random.uniform(0.09, 0.16)
        x, y = TARGET + distance * np.array([np.cos(angle), np.sin(angle)])
        return Scene(NAME, seed, {"block": (float(x), float(y))})

    def judge(self, observations: Sequence[Observation]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Progress falls linearly with the distance to the mark; success within REACH."""
        places = [locate(observation) for observation in observations]
        away = np.array([np.inf if place is None else np.linalg.norm(place - TARGET) for place in places])
        return np.clip(1.0 - away / 0.3, 0.0, 1.0).astype(np.float32), away <= REACH


def load(workcell: object = None) -> ToyTask:
    """The toy task; only its own cameras show it, whatever the workcell."""
    return ToyTask()
