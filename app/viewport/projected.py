"""What lies in the scene, drawn into the pictures of calibrated cameras: the plan, the end effectors and their height.

Height is the hardest thing to see in a picture: a line drops from each end effector to the table, and a ring lies where
it would touch. The headset draws the same with app.xr.guidance.
"""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.viewport.drawing import CLEAR, Box, Shape, disc, segment
from app.widgets import theme
from core.action import POSITION, arm_slice
from core.camera import Camera

ARM_COLOURS: Final = (theme.LEFT, theme.RIGHT)
MARK: Final = 0.02
"""Radius of the mark on the table, metres: that of a gripper seen from above."""
CORNERS: Final = 12
"""Of the mark, which is a circle on the table and an ellipse in the picture."""
RING: Final = 9.0
"""Radius of the ring around an end effector, design pixels."""


def plan_shapes(plan: NDArray[np.float32], camera: Camera, area: Box, scale: float) -> list[Shape]:
    """The path (H, 14) of both arms, fading with time."""
    shapes: list[Shape] = []
    for arm in (0, 1):
        path = project(camera, area, plan[:, arm_slice(arm)][:, POSITION])
        for number, (a, b) in enumerate(pairwise(path)):
            if area_holds(area, a) and area_holds(area, b):
                colour = theme.rgba(ARM_COLOURS[arm], 0.9 - 0.6 * number / max(1, len(path) - 1))
                shapes.append(segment((a[0], a[1]), (b[0], b[1]), 2.5 * scale, colour))
    return shapes


def hand_shapes(ee_state: NDArray[np.float32], camera: Camera, area: Box, scale: float) -> list[Shape]:
    """Of both end effectors (14,): a ring, a line down to the table, and a mark where it ends."""
    shapes: list[Shape] = []
    for arm in (0, 1):
        tool = np.asarray(ee_state[arm_slice(arm)][POSITION], np.float64)
        at, foot, *mark = project(camera, area, np.array([tool, [*tool[:2], 0.0], *_circle(tool)]))
        colour = theme.rgba(ARM_COLOURS[arm])
        if not area_holds(area, at):
            continue
        if area_holds(area, foot):
            shapes += _outlined(area, [at, foot], theme.rgba(ARM_COLOURS[arm], 0.8), scale)
            shapes += _outlined(area, [*mark, mark[0]], colour, scale)
        shapes.append(disc(at[0], at[1], RING * scale, CLEAR, colour, 2 * scale))
    return shapes


def _circle(tool: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (CORNERS, 3) of the mark below a tool, metres in the base frame."""
    turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    flat = np.zeros(CORNERS)
    return np.stack([tool[0] + MARK * np.cos(turn), tool[1] + MARK * np.sin(turn), flat], 1)


def _outlined(
    area: Box, points: list[NDArray[np.float64]], colour: tuple[float, float, float, float], scale: float
) -> list[Shape]:
    """A line through points, on a darker and wider one, so that it is seen on any ground."""
    pairs = [(a, b) for a, b in pairwise(points) if area_holds(area, a) and area_holds(area, b)]
    dark = theme.rgba(theme.BACKGROUND, 0.45)
    under = [segment((a[0], a[1]), (b[0], b[1]), 4 * scale, dark) for a, b in pairs]
    return under + [segment((a[0], a[1]), (b[0], b[1]), 2 * scale, colour) for a, b in pairs]


def project(camera: Camera, area: Box, points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Base-frame points (N, 3) in metres -> places in the drawing (N, 2); NaN behind or without a calibration."""
    points = np.asarray(points, np.float64)
    pixels = np.full((len(points), 2), np.nan)
    if camera.base_to_camera is None:
        return pixels
    depth = points @ camera.base_to_camera[2, :3] + camera.base_to_camera[2, 3]
    ahead = depth > 1e-6
    pixels[ahead] = camera.project(points[ahead])
    share = (pixels + 0.5) / (camera.width, camera.height)
    return np.asarray(share * (area.width, area.height) + (area.x, area.y))


def area_holds(area: Box, point: NDArray[np.float64]) -> bool:
    """Whether a place lies in a box; NaN lies nowhere."""
    return bool(area.x <= point[0] <= area.x + area.width and area.y <= point[1] <= area.y + area.height)
