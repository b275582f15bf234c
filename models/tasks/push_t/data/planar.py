"""The planar Push-T of diffusion_policy and gym-pusht on our table: which pixel is which point.

That world is 512 x 512 pixels, x right, y down. Its T is ours, seen from above: a bar of 120 x 30 pixels and a stem
of 30 x 90, which are 16 x 4 and 4 x 12 cm here. So a pixel is 16 cm / 120, and the frame is turned and moved such
that its goal (body at (256, 256), angle 45 degrees) lies on our target. The pusher is one closed hand near the table;
the other hand stays at home.
"""

from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import BadConfig
from core.observation import Observation
from core.task import Scene
from core.workcell import Workcell
from models.tasks.push_t import geometry as g

METRES: Final = g.BAR[0] / 120.0
"""Of a pixel."""
GOAL: Final = (256.0, 256.0, np.pi / 4)
"""Body of the T at its goal: x, y pixels, angle radians (clockwise in the picture)."""
CENTROID: Final = (15.0 * 3600 + 75.0 * 2700) / 6300
"""From the body's origin, the middle of the bar's outer edge, down the stem to the centre of area, pixels."""
PUSHER_Z: Final = 0.02
"""Height of the pusher, metres: between table and the top of the T."""
TURN: Final = 180
"""Degrees by which its pictures are turned, so that they lie as our top view does."""
RATE: Final = 10.0
"""Rows per second of the public recordings."""


def _centres(body: NDArray[np.float64]) -> NDArray[np.float64]:
    """Body poses (..., 3) -> centres of area (..., 2) in pixels."""
    turned = np.stack([-np.sin(body[..., 2]), np.cos(body[..., 2])], -1)
    return np.asarray(body[..., :2] + CENTROID * turned)


_ORIGIN: Final = _centres(np.array(GOAL))


def points(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 2) pixels -> (..., 2) metres, robot base frame."""
    apart = (pixels - _ORIGIN) * METRES
    return np.asarray(np.stack([apart[..., 1] + g.TARGET_POSE[0], apart[..., 0] + g.TARGET_POSE[1]], -1))


def object_poses(body: NDArray[np.float64]) -> NDArray[np.float32]:
    """Poses of the T's body (n, 3), pixels and radians -> our planar poses (n, 3): x m, y m, yaw rad in -pi .. pi."""
    yaw = g.TARGET_POSE[2] + GOAL[2] - body[..., 2]
    around = (yaw + np.pi) % (2 * np.pi) - np.pi
    return np.concatenate([points(_centres(body)), around[..., None]], axis=-1).astype(np.float32)


def hands(pixels: NDArray[np.float64], arm: int, workcell: Workcell = g.WORKCELL) -> NDArray[np.float32]:
    """Where the pusher is (n, 2) pixels -> both end effectors (n, 14)."""
    rows = np.repeat(workcell.home[None].astype(np.float64), len(pixels), axis=0)
    hand = rows[:, 7 * arm : 7 * arm + 7]
    hand[:, :2], hand[:, 2], hand[:, 6] = points(pixels), PUSHER_Z, 0.0
    return rows.astype(np.float32)


class Planar:
    """As a layout of models/datasets/layouts.py."""

    task = g.TASK
    width = 2
    rate = RATE
    turn = TURN
    truth: Final = MappingProxyType({"object_pose": (3,)})

    def hands(self, values: NDArray[np.float64], arm: int, workcell: Workcell) -> NDArray[np.float32]:
        """The pusher is one arm (n, 2) -> (n, 14); the other stays at home."""
        return hands(values, arm, workcell)

    def truth_of(self, state: NDArray[np.float64]) -> dict[str, NDArray[np.float32]]:
        """The pose of the T, where the state has five numbers."""
        return {"object_pose": object_poses(state[:, 2:5])} if state.shape[1] == 5 else {}

    def draw(self, truth: dict[str, NDArray[np.float32]], ee_state: NDArray[np.float32]) -> Observation:
        """The start, drawn by the reference world: its own pictures look otherwise, and no second camera sees it.

        Raises:
            BadConfig: the data do not contain the pose of the T.
        """
        if "object_pose" not in truth:
            raise BadConfig(
                "This data set shows the planar Push-T without the pose of its T (a state of 5 numbers); a "
                "learned world cannot start from pictures that look otherwise. Use --as data."
            )
        from models.worlds.reference.world import load as load_world  # the simulator only loads where it draws

        world, pose = load_world(task=g.TASK), truth["object_pose"][0]
        where = {"object_pose": tuple(map(float, pose)), "ee": tuple(map(float, g.LIMITS.clip(ee_state)))}
        (state,) = world.reset([Scene(g.TASK, 0, {**where, "look": "shipped"})], [0])
        return world.observe([state])[0]


def load() -> Planar:
    """The layout."""
    return Planar()
