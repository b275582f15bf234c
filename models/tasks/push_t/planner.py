"""What the hands do next, from what is seen now: pose of the T and measured end effectors. Pure functions.

One hand takes the T astride its stem (or bar), closes, carries and turns it onto the target, opens, rises and goes
home; the other one stays home. Nothing is remembered between calls: which hand, which grip and how far along it is
follow from where everything is, so a run can start from any state and be cut off anywhere. The costs of a grip
fall as its hand comes nearer, which makes a choice its own reason to stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.action import GRIPPER, arm_slice
from models.tasks.push_t import geometry as g

Floats = NDArray[np.float64]
X, Y, Z, YAW = 0, 1, 2, 5
LOW_Z: Final = 0.012
"""Tool height while holding, metres."""
OVER_Z: Final = 0.058
"""Tool height at which fingers pass over the T, metres."""
CRUISE_Z: Final = 0.11
OPEN: Final = 0.95
SQUEEZE: Final = 0.30
"""Commanded opening while holding; the 4 cm of the T stop the fingers at 0.5."""
_ASKEW: Final = 0.5
"""How far the T may lag behind the hand that turns it and still count as held, radians."""
_HELD_OPENING: Final = 0.60
_RELEASED_OPENING: Final = 0.80
_EDGE: Final = 0.004
_OWN_SIDE: Final = 0.03
"""How far a hand reaches across the middle without being thought worse of, metres."""
_WRONG_SIDE_COST: Final = 600.0
"""Steps per metre beyond that."""
_ROOM: Final = 0.12
"""A hand does not come down while the other one is low and nearer than this, metres."""

GripName = Literal["any", "stem", "bar"]
HandName = Literal["near", "far"]


@dataclass(frozen=True, slots=True)
class Style:
    """How the operator works; alternatives of one correction differ in it. Speeds are per control step of 0.1 s."""

    carry: float = 0.009
    """Metres, with the T in the hand."""
    turn: float = 0.065
    """Radians, with the T in the hand."""
    travel: float = 0.015
    """Metres, with nothing in the hand."""
    swivel: float = 0.12
    """Radians, with nothing in the hand."""
    squeeze: float = 0.2
    """Change of the opening."""
    hand: HandName = "near"
    """The hand that works: the one on whose side the T lies, or the other one."""
    grip: GripName = "any"


@dataclass(frozen=True, slots=True)
class Grip:
    """A place to take the T: object-frame x, y (m) and yaw of the hand (rad); the fingers close along its y axis."""

    name: GripName
    x: float
    y: float
    yaw: float
    cost: float
    """Steps that it is thought worse than the best one."""


STYLES: Final = (Style(), Style(grip="bar"), Style(hand="far"), Style(grip="bar", hand="far"))
"""Ways of making the same correction; the first one demonstrates."""

_NECK_Y: Final = g.STEM_CENTRE[1] + g.STEM[1] / 2
_FOOT_Y: Final = g.STEM_CENTRE[1] - g.STEM[1] / 2
GRIPS: Final = (
    Grip("stem", 0.0, _NECK_Y - 0.034, np.pi / 2, 0.0),
    Grip("stem", 0.0, _NECK_Y - 0.070, np.pi / 2, 12.0),
    Grip("stem", 0.0, _NECK_Y - 0.100, np.pi / 2, 25.0),
    Grip("bar", -0.052, g.BAR_CENTRE[1], 0.0, 15.0),
    Grip("bar", 0.052, g.BAR_CENTRE[1], 0.0, 15.0),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """A hand and how it takes the T."""

    arm: int
    xy: Floats
    """(2,) where the tool point goes down, base frame, metres."""
    yaw: float
    """Of the hand there, within -pi .. pi."""
    cost: float


def wrapped(angle: float) -> float:
    """An angle in -pi .. pi."""
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


def plan(pose: Floats | None, ee_state: NDArray[np.float32], style: Style | None = None) -> NDArray[np.float32]:
    """The next end-effector targets.

    Args:
        pose: (3,) x m, y m, yaw rad of the T; None where it is not seen: the hands then clear the view.
        ee_state: (14,) measured.
        style: how to work.

    Returns:
        (14,) action inside the limits, at most one control step away from what is measured. Where the T lies well
        and the hands are home, it is the resting pose.
    """
    style = style or Style()
    ee = ee_state.astype(np.float64)
    hands = [ee[arm_slice(arm)] for arm in range(2)]
    targets = [_homeward(hands[arm], arm, pose, style) for arm in range(2)]
    if pose is not None:
        holder = next((arm for arm in range(2) if astride(hands[arm], pose)), None)
        if holder is not None:
            targets[holder] = _with_the_t(hands[holder], pose, style)
        elif not lies_well(pose, closed=False):
            choice = min(_choices(pose, hands, style), key=lambda c: c.cost, default=None)
            if choice is not None:
                targets[choice.arm] = _towards(hands[choice.arm], hands[1 - choice.arm], choice, style)
    return g.LIMITS.clip(np.concatenate(targets).astype(np.float32))


def lies_well(pose: Floats, closed: bool) -> bool:
    """Whether the T needs no more work; a closed hand is more particular than one that would have to come back."""
    if not closed:
        return g.coverage(pose) >= 0.94
    gap = np.hypot(pose[0] - g.TARGET_POSE[0], pose[1] - g.TARGET_POSE[1])
    return bool(gap < 0.002 and abs(wrapped(pose[2] - g.TARGET_POSE[2])) < 0.015)


def astride(hand: Floats, pose: Floats) -> bool:
    """Whether the fingers of a low hand (7,) are on both sides of the stem or of the bar."""
    if hand[Z] > 0.035:
        return False
    x, y = g.to_object(hand[:2], pose)
    free = hand[GRIPPER] * g.MAX_GAP / 2 - 0.018  # how far off the middle the fingers can be
    off = wrapped(2 * (hand[YAW] - pose[2])) / 2
    on_bar = abs(off) < _ASKEW and 0.030 < abs(x) < 0.072 and abs(y - g.BAR_CENTRE[1]) < free
    on_stem = abs(off) > np.pi / 2 - _ASKEW and _FOOT_Y + 0.008 < y < _NECK_Y - 0.012 and abs(x) < free
    return bool(on_bar or on_stem)


def _moved(hand: Floats, target: Floats, travel: float, style: Style) -> Floats:
    """The hand (7,) one step nearer to a target (7,): all parts arrive as soon as they can."""
    new = target.copy()
    gap = target[:3] - hand[:3]
    new[:3] = hand[:3] + gap * min(1.0, travel / max(float(np.linalg.norm(gap)), 1e-9))
    turn = target[3:6] - hand[3:6]
    new[3:6] = hand[3:6] + turn * min(1.0, style.swivel / max(float(np.linalg.norm(turn)), 1e-9))
    new[GRIPPER] = hand[GRIPPER] + np.clip(target[GRIPPER] - hand[GRIPPER], -style.squeeze, style.squeeze)
    return new


def _homeward(hand: Floats, arm: int, pose: Floats | None, style: Style) -> Floats:
    """Straight up, then home."""
    home = g.HOME[arm_slice(arm)].astype(np.float64)
    target = home.copy()
    above = hand[Z] > OVER_Z or np.linalg.norm(hand[:2] - home[:2]) < 0.02
    if not above or (hand[Z] < CRUISE_Z - 0.03 and pose is not None and np.linalg.norm(hand[:2] - pose[:2]) < 0.05):
        target = hand.copy()
        target[Z] = CRUISE_Z
        target[3:5] = 0.0
        return _moved(hand, target, style.travel, style)
    new = _moved(hand, target, style.travel, style)
    new[YAW] = hand[YAW] + np.clip(home[YAW] - hand[YAW], -style.swivel, style.swivel)
    return new


def _with_the_t(hand: Floats, pose: Floats, style: Style) -> Floats:
    """The T is between the fingers: close, carry, and once it is on its target, open and rise."""
    target = hand.copy()
    target[3:5] = 0.0
    closed = hand[GRIPPER] < _HELD_OPENING
    if lies_well(pose, closed):
        if hand[GRIPPER] < _RELEASED_OPENING:
            target[GRIPPER] = OPEN
        else:
            target[Z] = CRUISE_Z
        return _moved(hand, target, style.travel, style)
    target[Z], target[GRIPPER] = LOW_Z, SQUEEZE
    if closed:
        target[[X, Y, YAW]] = _carried(hand, pose, style)
    new = _moved(hand, target, 1.0, style)
    new[YAW] = target[YAW]
    return new


def _carried(hand: Floats, pose: Floats, style: Style) -> Floats:
    """(3,) x, y, yaw of a hand that moves the T one step towards its target.

    The yaw stays within -pi .. pi all the way: the end is on the same branch, so the turn may be the longer one.
    """
    gap = np.array(g.TARGET_POSE[:2]) - pose[:2]
    end = wrapped(hand[YAW] + g.TARGET_POSE[2] - pose[2])
    turn = end - hand[YAW]
    share = min(1.0, style.carry / max(float(np.linalg.norm(gap)), 1e-9), style.turn / max(abs(turn), 1e-9))
    next_pose = np.array([*(pose[:2] + share * gap), pose[2] + share * turn])
    return np.array([*g.place(g.to_object(hand[:2], pose), next_pose), hand[YAW] + share * turn])


def _choices(pose: Floats, hands: list[Floats], style: Style) -> Iterator[_Choice]:
    """Every way to take the T that is within reach, with the steps that it is thought to take."""
    low, high = g.LIMITS.low[:2] + _EDGE, g.LIMITS.high[:2] - _EDGE
    for grip in GRIPS:
        if style.grip not in ("any", grip.name):
            continue
        xy = g.place(np.array([grip.x, grip.y]), pose)
        if (xy < low).any() or (xy > high).any():
            continue
        first = wrapped(pose[2] + grip.yaw)
        for yaw in (first, first - np.copysign(np.pi, first)):
            end = wrapped(yaw + g.TARGET_POSE[2] - pose[2])
            for arm in range(2):
                side = 1.0 if (arm == 0) == (style.hand == "near") else -1.0
                across = max(0.0, -side * float(xy[1]) - _OWN_SIDE)
                reach = float(np.linalg.norm(hands[arm][:2] - xy)) / style.travel
                swivel = abs(yaw - hands[arm][YAW]) / style.swivel
                cost = grip.cost + reach + swivel + abs(end - yaw) / style.turn + _WRONG_SIDE_COST * across
                yield _Choice(arm, xy, yaw, cost)


def _towards(hand: Floats, other: Floats, choice: _Choice, style: Style) -> Floats:
    """Rise, cross above the T, turn, come down with the fingers on both sides."""
    off = float(np.linalg.norm(hand[:2] - choice.xy))
    turn = choice.yaw - hand[YAW]
    aligned = off < 0.008 and abs(turn) < 0.12
    target = np.array([*choice.xy, 0.0, 0.0, 0.0, choice.yaw, OPEN])
    in_the_way = other[Z] < OVER_Z + 0.02 and np.linalg.norm(other[:2] - choice.xy) < _ROOM
    if aligned and hand[GRIPPER] > 0.85 and not in_the_way:
        target[Z] = LOW_Z
    elif hand[Z] < OVER_Z - 0.006:
        target[:2], target[YAW] = hand[:2], hand[YAW]
        target[Z] = CRUISE_Z
    else:
        # a funnel: the nearer, the lower
        target[Z] = float(np.clip(OVER_Z + 0.004 + 0.5 * (off - 0.006) + 0.03 * (abs(turn) - 0.1), OVER_Z, CRUISE_Z))
    new = _moved(hand, target, style.travel, style)
    new[YAW] = hand[YAW] + np.clip(target[YAW] - hand[YAW], -style.swivel, style.swivel)
    return new
