"""What one hand can do: travel, push, graze, pinch, twist, hover, rest. Each is a generator of commands.

A behaviour sees the true pose of the T: it belongs to the data engine, which runs in the simulator. ArmTargets
are seven numbers laid out as one arm of an action. Speeds are per control step of 0.1 s.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.action import GRIPPER, arm_slice
from models.tasks.push_t import geometry as g

Command = NDArray[np.float64]
ArmTargets = Iterator[Command]
LOW_Z: Final = 0.012
OVER_Z: Final = 0.058
"""Heights of the tool point: pushing, and passing over the T."""
_TURN: Final = 0.22
_SQUEEZE: Final = 0.30


@dataclass(slots=True)
class Sight:
    """What the behaviours of one episode look at; the episode loop writes it before every step."""

    object_pose: NDArray[np.float64]
    """(3,) true pose of the T: x m, y m, yaw rad."""
    ee: NDArray[np.float64]
    """(14,) measured end effectors."""


def direction(angle: float) -> NDArray[np.float64]:
    """Unit vector (2,) of an angle in the table plane."""
    return np.array([np.cos(angle), np.sin(angle)])


def wrapped(angle: float) -> float:
    """An angle in -pi .. pi."""
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


class Hand:
    """One arm: its last command, and its elementary moves."""

    def __init__(self, arm: int, sight: Sight, random: np.random.Generator) -> None:
        self.arm = arm
        self.sight = sight
        self.random = random
        self.command: Command = sight.ee[arm_slice(arm)].copy()

    @property
    def measured(self) -> Command:
        """(7,) where the arm is."""
        return self.sight.ee[arm_slice(self.arm)]

    def at(self, xy: NDArray[np.float64], z: float, yaw: float, opening: float) -> Command:
        """A command with level fingers, inside the limits; of the two equal yaws the nearer one."""
        now = self.command[5]
        near = now + wrapped(2 * (yaw - now)) / 2
        command = np.array([xy[0], xy[1], z, 0.0, 0.0, wrapped(near), opening])
        return self.inside(command)

    def inside(self, command: Command) -> Command:
        """A command clipped to the limits."""
        part = arm_slice(self.arm)
        return np.clip(command, g.LIMITS.low[part], g.LIMITS.high[part])

    def go(self, target: Command, speed: float, turn: float = _TURN) -> ArmTargets:
        """Straight to a command at `speed` metres per step; turning and gripping take what they need."""
        start = self.command.copy()
        change = target - start
        change[5] = wrapped(change[5])
        count = max(
            np.linalg.norm(change[:3]) / speed,
            np.linalg.norm(change[3:6]) / turn,
            abs(change[GRIPPER]) / _SQUEEZE,
        )
        steps = max(1, int(np.ceil(count)))
        for i in range(1, steps + 1):
            command = start + change * (i / steps)
            command[5] = wrapped(command[5])
            self.command = self.inside(command)
            yield self.command

    def rest(self, steps: int) -> ArmTargets:
        """Stand still."""
        for _ in range(steps):
            yield self.command

    def lift(self, speed: float, z: float = OVER_Z) -> ArmTargets:
        """Straight up to a height."""
        target = self.command.copy()
        target[2] = max(target[2], z)
        yield from self.go(target, speed)

    def travel(self, target: Command, speed: float, over: float = OVER_Z) -> ArmTargets:
        """Up, across and down to a command, above the T."""
        yield from self.lift(speed, over)
        above = target.copy()
        above[2] = max(target[2], over)
        yield from self.go(above, speed)
        yield from self.go(target, speed)

    def push(self, start: NDArray[np.float64], heading: float, length: float, style: "PushStyle") -> ArmTargets:
        """Come down at a point of the table, push straight, back off a little."""
        yaw = heading + (0.0 if style.wide else np.pi / 2)
        yield from self.travel(self.at(start, style.z, yaw, style.opening), style.travel)
        end = start + length * direction(heading)
        yield from self.go(self.at(end, style.z, yaw, style.opening), style.speed)
        if style.back > 0:
            back = self.command[:2] - style.back * direction(heading)
            yield from self.go(self.at(back, style.z, yaw, style.opening), style.travel)


@dataclass(frozen=True, slots=True)
class PushStyle:
    """How a push is done."""

    speed: float = 0.02
    """Metres per step while pushing."""
    travel: float = 0.045
    """Metres per step elsewhere."""
    wide: bool = False
    """Whether both fingers push side by side; else one finger leads."""
    opening: float = 0.0
    z: float = LOW_Z
    back: float = 0.015
    """Metres to back off afterwards."""

    def reach(self) -> float:
        """Distance from the tool point to the foremost point of the fingers, metres."""
        spread = g.FINGER_RADIUS + self.opening * g.MAX_GAP / 2
        return g.FINGER_RADIUS + (0.0 if self.wide else spread)


def outline_points(pitch: float = 0.01) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points on the outline and their outward normals, object frame, (P, 2) each, clear of the corners."""
    points, normals = [], []
    corners = g.T_OUTLINE
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = float(np.linalg.norm(b - a))
        along = (b - a) / length
        for t in np.arange(pitch / 2, length, pitch):
            points.append(a + t * along)
            normals.append(np.array([along[1], -along[0]]))
    return np.array(points), np.array(normals)


def clear_of_t(xy: NDArray[np.float64], yaw: float, opening: float, pose: NDArray[np.float64]) -> bool:
    """Whether the fingers of a hand at a table point could come down beside the T."""
    spread = (g.FINGER_RADIUS + opening * g.MAX_GAP / 2) * direction(yaw + np.pi / 2)
    ring = [(g.FINGER_RADIUS + 0.003) * direction(a) for a in np.arange(8) * np.pi / 4]
    points = np.array([xy + sign * spread + r for sign in (-1, 1) for r in ring])
    return not bool(g.inside_t(g.to_object(points, pose)).any())
