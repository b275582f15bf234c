"""Rendered frames of a T at a known pose, and how far a detection is from it."""

import numpy as np

from core.observation import Observation
from core.task import Scene
from models.tasks.push_t import geometry as g
from models.tasks.push_t.perception import Detection
from models.worlds.reference.world import ReferenceWorld

NOWHERE = (1.6, 1.2, 0.0)
"""A pose of the T that no camera sees."""


def seen(
    world: ReferenceWorld, pose: object, ee: object = tuple(float(v) for v in g.HOME), look: str = "shipped"
) -> Observation:
    parameters = {"object_pose": tuple(np.asarray(pose, float)), "ee": tuple(np.asarray(ee, float)), "look": look}
    (state,) = world.reset([Scene(g.TASK, 0, parameters)], [0])
    return world.observe([state])[0]


def hands(left: tuple[float, ...], right: tuple[float, ...]) -> tuple[float, ...]:
    """Two level hands, each (x, y, z, yaw, opening), as 14 numbers."""
    return tuple(v for x, y, z, yaw, opening in (left, right) for v in (x, y, z, 0.0, 0.0, yaw, opening))


def errors(found: Detection, pose: object) -> tuple[float, float]:
    """Millimetres and degrees."""
    gap = found.pose - np.asarray(pose, float)
    return float(np.hypot(*gap[:2]) * 1e3), float(abs(np.rad2deg((gap[2] + np.pi) % (2 * np.pi) - np.pi)))
