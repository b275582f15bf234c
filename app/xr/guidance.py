"""End-effector guidance: where the grippers are in a camera's picture, which way they are pulled, what stops them.

Values only, in dmm of the panel; app/xr/camera_panel.py paints them.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.viewport.drawing import Box
from app.viewport.projected import area_holds, project
from app.xr.state import PanelState
from core.action import GRIPPER, POSITION, arm_slice
from core.camera import Camera
from core.events import Status

Place = tuple[float, float]

NEAR: Final = 0.03
"""Metres from a wall of the workspace within which it is drawn."""
PATCH: Final = 0.09
"""Half the side of the piece of a wall that is drawn, metres."""
LEAST_PULL: Final = 0.004
"""Metres between tool and target below which nothing pulls."""
RIM: Final = 22.0
"""dmm from the edge of a picture where the sign of a gripper stands that is out of sight."""


@dataclass(frozen=True, slots=True)
class Guide:
    """One gripper in one picture."""

    arm: int
    at: Place
    """Where it is; on the rim, towards it, where it is out of sight."""
    inside: bool
    foot: Place | None
    """Where it stands over the table; None where that is out of sight."""
    pull: Place | None
    """Where it is pulled to; None while nothing pulls."""
    engaged: bool | None
    """Whether the clutch of the driving hand is held; None while no hand drives."""
    opening: float
    """0 closed .. 1 open, in tenths."""
    stopped: bool
    """A limit cut the last command."""


@dataclass(frozen=True, slots=True)
class Wall:
    """A piece of the workspace's edge near a gripper, as a grid."""

    corners: tuple[Place, Place, Place, Place]
    lines: tuple[tuple[Place, Place], ...]
    strength: float
    """0 faint .. 1 the gripper is stopped by it."""


def guides(state: PanelState, camera: Camera, area: Box) -> tuple[Guide, ...]:
    """The grippers of a state in a camera's picture that fills an area, left and right."""
    status = state.status
    if status is None or not camera.calibrated:
        return ()
    return tuple(guide for arm in (0, 1) if (guide := _guide(state, status, camera, area, arm)) is not None)


def walls(state: PanelState, camera: Camera, area: Box) -> tuple[Wall, ...]:
    """The edges of the workspace that a gripper is near to or stopped by, while the operator drives."""
    status, limits = state.status, state.limits
    if status is None or limits is None or status.phase != "CORRECTING" or not camera.calibrated:
        return ()
    found = []
    for arm in (0, 1):
        where = arm_slice(arm)
        at = _tool(status, arm)
        low, high = limits.low[where][POSITION].astype(float), limits.high[where][POSITION].astype(float)
        for axis in range(3):
            for side, bound in ((0, low[axis]), (1, high[axis])):
                gap = abs(float(at[axis]) - float(bound))
                stopped = status.limit_hits[arm] and gap < NEAR / 2
                floor = axis == 2 and side == 0  # tools work close to the table: that is no news
                if math.isfinite(gap) and (stopped or (gap < NEAR and not floor)):
                    wall = _wall(camera, area, at, axis, float(bound), (low, high))
                    if wall is not None:
                        strength = 1.0 if stopped else round(0.7 * (1 - gap / NEAR), 1)
                        found.append(Wall(*wall, strength))
    return tuple(found)


def path(state: PanelState, camera: Camera, area: Box) -> tuple[tuple[Place, ...], ...]:
    """The policy's plan per arm, as far as it is in sight."""
    if state.plan is None:
        return ()
    lines = []
    for arm in (0, 1):
        points = project(camera, area, np.asarray(state.plan, np.float32)[:, arm_slice(arm)][:, POSITION])
        lines.append(tuple(_rounded(point) for point in points if area_holds(area, point)))
    return tuple(lines)


def _tool(status: Status, arm: int) -> NDArray[np.float32]:
    """Measured position (3,) of a tool."""
    return np.asarray(status.observation.ee_state[arm_slice(arm)][POSITION], np.float32)


def _guide(state: PanelState, status: Status, camera: Camera, area: Box, arm: int) -> Guide | None:
    position = _tool(status, arm)
    if not np.isfinite(position).all():
        return None
    table = position.copy()
    table[2] = 0.0
    at, foot = project(camera, area, np.stack([position, table]))
    drives = status.phase == "CORRECTING"
    pull = _pull(status, position, arm) if drives else None
    inside = area_holds(area, at)
    opening = float(status.observation.ee_state[arm_slice(arm)][GRIPPER])
    return Guide(
        arm=arm,
        at=_rounded(at) if inside else _on_rim(area, at),
        inside=inside,
        foot=_rounded(foot) if inside and area_holds(area, foot) else None,
        pull=_rounded(project(camera, area, pull[None])[0]) if pull is not None and inside else None,
        engaged=bool(status.clutch[arm]) and state.tracked[arm] if drives else None,
        opening=round(min(1.0, max(0.0, opening)), 1) if math.isfinite(opening) else 0.0,
        stopped=drives and status.limit_hits[arm],
    )


def _pull(status: Status, position: NDArray[np.float32], arm: int) -> NDArray[np.float32] | None:
    """Where a tool is pulled to (3,); None where that is unknown or where it is already."""
    if status.target is None:
        return None
    target = np.asarray(status.target[arm_slice(arm)][POSITION], np.float32)
    away = float(np.linalg.norm(target - position))
    return target if math.isfinite(away) and away >= LEAST_PULL else None


def _rounded(point: NDArray[np.float64]) -> Place:
    return round(float(point[0]), 1), round(float(point[1]), 1)


def _on_rim(area: Box, point: NDArray[np.float64]) -> Place:
    """Where the line from the middle of a picture to a point leaves it; below for one behind the camera."""
    middle = np.array([area.x + area.width / 2, area.y + area.height / 2])
    way = point - middle if np.isfinite(point).all() else np.array([0.0, 1.0])
    reach = np.array([area.width / 2 - RIM, area.height / 2 - RIM])
    scale = float(np.min(reach / np.maximum(np.abs(way), 1e-9)))
    return _rounded(middle + way * scale)


def _wall(
    camera: Camera,
    area: Box,
    at: NDArray[np.float32],
    axis: int,
    bound: float,
    box: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[tuple[Place, Place, Place, Place], tuple[tuple[Place, Place], ...]] | None:
    """Corners and lines of a patch of a wall around a tool, 4 x 4 cells; None where it is not in sight."""
    one, two = (k for k in range(3) if k != axis)
    a = np.linspace(max(box[0][one], at[one] - PATCH), min(box[1][one], at[one] + PATCH), 5)
    b = np.linspace(max(box[0][two], at[two] - PATCH), min(box[1][two], at[two] + PATCH), 5)
    grid = np.empty((5, 5, 3), np.float32)
    grid[..., axis], grid[..., one], grid[..., two] = bound, a[:, None], b[None, :]
    seen = project(camera, area, grid.reshape(25, 3)).reshape(5, 5, 2)
    if not np.isfinite(seen).all() or not any(area_holds(area, point) for point in seen.reshape(25, 2)):
        return None
    p = [[_rounded(seen[i, j]) for j in range(5)] for i in range(5)]
    lines = [(p[i][0], p[i][4]) for i in range(5)] + [(p[0][j], p[4][j]) for j in range(5)]
    return (p[0][0], p[0][4], p[4][4], p[4][0]), tuple(lines)
