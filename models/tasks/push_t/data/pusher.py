"""A pusher that knows the true pose: greedy pushes and pinches that bring the T to its target.

A finger that sticks to a body sliding under viscous resistance moves it by a twist that is known in closed
form (Lynch and Mason, 1996, with the ellipsoidal limit surface); the pusher tries many contacts in its head,
takes the best, looks again.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.strokes import (
    LOW_Z,
    ArmTargets,
    Hand,
    PushStyle,
    clear_of_t,
    direction,
    outline_points,
    wrapped,
)

Floats = NDArray[np.float64]
_TURN_RADIUS2: Final = 0.0025
"""Resistance to turning over resistance to sliding, metres squared."""
_FRICTION: Final = 0.35
_LENGTHS: Final = (0.01, 0.02, 0.035, 0.055, 0.08)
_SUBSTEP: Final = 0.005
_POINTS, _NORMALS = outline_points(0.01)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One push, base frame."""

    start: Floats
    """(2,) where the tool point comes down, metres."""
    heading: float
    length: float
    """Travel of the tool point, metres."""
    style: PushStyle
    error: float
    """What is expected to be left: root mean square of the corners' distances, metres."""


def pose_error(pose: Floats) -> float:
    """Root mean square distance of the corners of the T from where they belong, metres."""
    gap = g.place(g.T_OUTLINE, pose) - g.place(g.T_OUTLINE, g.TARGET_POSE)
    return float(np.sqrt((gap**2).sum(-1).mean()))


def _pushed(pose: Floats, contact: Floats, motion: Floats) -> Floats:
    """The pose after a sticking contact (2,) in the object frame moved by (2,) in the base frame."""
    arm = g.place(contact, (0.0, 0.0, pose[2]))
    across = np.array([-arm[1], arm[0]])
    force = np.linalg.solve(np.eye(2) + np.outer(across, across) / _TURN_RADIUS2, motion)
    turn = float(across @ force) / _TURN_RADIUS2
    return np.asarray(pose + np.array([force[0], force[1], turn]))


def _sticks(pose: Floats, contact: Floats, normal: Floats, heading: float) -> bool:
    """Whether the force of a sticking push lies inside the friction cone."""
    motion = direction(heading - pose[2])
    across = np.array([-contact[1], contact[0]])
    force = np.linalg.solve(np.eye(2) + np.outer(across, across) / _TURN_RADIUS2, motion)
    inward = -float(normal @ force)
    return inward > 0 and abs(float(force @ np.array([-normal[1], normal[0]]))) < _FRICTION * inward


def best_push(pose: Floats, random: np.random.Generator, speed: float) -> Plan | None:
    """The push that leaves the smallest error, or None where none helps."""
    style = PushStyle(speed=speed, travel=0.055, back=0.0)
    best: Plan | None = None
    for k in random.permutation(len(_POINTS))[:40]:
        inward = np.arctan2(-_NORMALS[k][1], -_NORMALS[k][0]) + pose[2]
        for tilt in (-0.3, 0.0, 0.3):
            heading = wrapped(float(inward + tilt))
            if not _sticks(pose, _POINTS[k], _NORMALS[k], heading):
                continue
            touch = g.place(_POINTS[k], pose) - style.reach() * direction(heading)
            gap = 0.008
            start = touch - gap * direction(heading)
            if not (_reachable(start) and clear_of_t(start, heading + np.pi / 2, 0.0, pose)):
                continue
            moved, done = pose, 0.0
            for length in _LENGTHS:
                while done < length - 1e-9:
                    moved = _pushed(moved, _POINTS[k], _SUBSTEP * direction(heading))
                    done += _SUBSTEP
                error = pose_error(moved)
                if (best is None or error < best.error) and _reachable(touch + length * direction(heading)):
                    best = Plan(start, heading, gap + length, style, error)
    return best if best is not None and best.error < pose_error(pose) - 0.0005 else None


def _reachable(xy: Floats) -> bool:
    return bool((xy >= g.LIMITS.low[:2]).all() and (xy <= g.LIMITS.high[:2]).all())


def nearer_arm(xy: Floats) -> int:
    """The arm on whose side a table point lies: 0 left, 1 right."""
    return 0 if xy[1] > 0 else 1


def pinch_and_carry(hand: Hand, goal: Floats, grip: Floats, speed: float) -> ArmTargets:
    """Take the T by stem or bar at an object-frame point, slide it to a planar pose, open the gripper, leave.

    `grip` is (x, y, yaw) of the hand in the object frame; the fingers close along the hand's y axis.
    """
    random = hand.random
    xy = g.place(grip[:2], hand.sight.object_pose)
    yaw = hand.sight.object_pose[2] + grip[2]
    yield from hand.travel(hand.at(xy, LOW_Z, yaw, 0.95), 0.045)
    closed = hand.command.copy()
    closed[6] = random.uniform(0.25, 0.42)
    yield from hand.go(closed, speed)
    yield from hand.rest(1)
    for _ in range(40):
        pose = hand.sight.object_pose
        gap, turn = goal[:2] - pose[:2], wrapped(float(goal[2] - pose[2]))
        if np.linalg.norm(gap) < 0.002 and abs(turn) < 0.015:
            break
        share = min(1.0, speed / max(float(np.linalg.norm(gap)), 1e-9), 0.14 / max(abs(turn), 1e-9))
        new = np.array([*(pose[:2] + share * gap), pose[2] + share * turn])
        held = g.to_object(hand.measured[:2], pose)
        command = hand.command.copy()
        command[:2] = g.place(held, new)
        command[5] = wrapped(float(hand.measured[5] + share * turn))
        hand.command = hand.inside(command)
        yield hand.command
    opened = hand.command.copy()
    opened[6] = 0.95
    yield from hand.go(opened, speed)
    yield from hand.lift(0.04, 0.09)


def random_grip(random: np.random.Generator) -> Floats:
    """Where to pinch the T: across the stem or across the bar, object frame (x, y, yaw)."""
    if random.random() < 0.6:
        return np.array([0.0, random.uniform(-0.09, -0.005), np.pi / 2])
    side = random.choice([-1.0, 1.0])
    return np.array([side * random.uniform(0.032, 0.068), g.BAR_CENTRE[1], 0.0])
