"""From a hand to an action: a reading and an explicit state give a delta, a command and the next state.

The chain is clutch, dead zone, curve, scale, speed limit, workspace limit. A position device moves the
tool 1:1 in space whatever the speed of the world; a rate device is integrated over the world's dt, never
over wall time. What a limit cuts is dropped, never carried over. An arm that is *unanchored* takes its
next engaged and valid reading as the new origin: whatever the hand did meanwhile counts for nothing.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.action import GRIPPER, POSITION, ROTATION, ActionLimits, BimanualDelta, arm_slice
from core.errors import BadAction
from core.geometry import relative_rotation, shortened, turned
from core.reading import ArmReading, DeviceReading, ReadingKind

PICK_UP = 0.02
"""A moving trigger this close to the commanded opening has picked it up."""
REST_TRANSLATION, REST_ROTATION = 5e-4, 5e-3
"""Metres and radians since the last step below which a tracked hand counts as resting."""


@dataclass(frozen=True, slots=True)
class ControlConfig:
    """How a hand becomes a command."""

    scale: float = 1.0
    """Tool metres per hand metre of a position device; multiplies the speed of a rate device. Rotation is 1:1."""
    dead_zone: float = 0.08
    """Fraction of full deflection of a rate device that counts as rest."""
    curve: float = 0.3
    """0 straight .. 1 cubic response of a rate device beyond its dead zone."""
    linear_speed: float = 0.2
    """Metres per world second at full deflection."""
    angular_speed: float = 0.8
    """Radians per world second at full deflection."""
    gripper_speed: float = 2.0
    """Openings per world second, of gripper buttons."""
    max_linear_speed: float = 0.5
    """Metres per world second; what is faster is cut."""
    max_angular_speed: float = 3.0
    """Radians per world second; what is faster is cut."""


@dataclass(frozen=True, slots=True, eq=False)
class ArmAnchor:
    """Where a hand was when it last counted, so that the next reading is a difference."""

    anchored: bool = False
    """False: the next engaged and valid reading becomes the origin."""
    position: NDArray[np.float64] | None = None
    """(3,) metres, of a position device."""
    orientation: NDArray[np.float64] | None = None
    """(4,) quaternion xyzw, of a position device."""
    trigger: float | None = None
    """Last opening of the operator's trigger."""
    holds_gripper: bool = False
    """Whether the trigger has picked the commanded opening up."""


FREE = ArmAnchor()


@dataclass(frozen=True, slots=True, eq=False)
class ControlState:
    """The commanded target and how the hands relate to it."""

    target: NDArray[np.float64]
    """(14,) last command, laid out as an action."""
    anchors: tuple[ArmAnchor, ArmAnchor] = (FREE, FREE)
    epoch: int = 0
    """Of the reading that was seen last; a change re-anchors."""
    made_of: "RawInput | None" = None
    """What the operator's step that led here was made of; None where the operator did not drive."""


@dataclass(frozen=True, slots=True, eq=False)
class RawInput:
    """Everything that one command was a function of, beside the world's limits and dt; again() is that function."""

    reading: DeviceReading | None
    before: ControlState
    """As it was; without its own input."""
    config: ControlConfig


@dataclass(frozen=True, slots=True, eq=False)
class ControlOutput:
    """What one reading asked for and what came of it."""

    state: ControlState
    delta: BimanualDelta
    """What the hands asked for, before the limits."""
    action: NDArray[np.float32]
    """(14,) to apply, inside the limits."""
    limit_hits: tuple[bool, bool]
    """Per arm: a speed or workspace limit cut the command."""

    idle: bool
    """Whether the hands rest; a tracked hand may tremble by REST_TRANSLATION and REST_ROTATION."""


def start(action: NDArray[np.float32], limits: ActionLimits) -> ControlState:
    """The state of hands that have not moved yet, at a commanded or measured pose (14,)."""
    return ControlState(limits.clip(action).astype(np.float64))


def follow(state: ControlState, action: NDArray[np.float32]) -> ControlState:
    """The state after an action that no hand made: the target moves along, so that a take-over does not jump."""
    return ControlState(action.astype(np.float64), epoch=state.epoch)


def reanchored(state: ControlState) -> ControlState:
    """The same target, declutched: whatever the hands do until the next reading counts for nothing."""
    return replace(state, anchors=(FREE, FREE), made_of=None)


def command(
    reading: DeviceReading | None, state: ControlState, config: ControlConfig, limits: ActionLimits, dt: float
) -> ControlOutput:
    """One control step of ``dt`` world seconds.

    Raises:
        BadAction: the reading holds a number that is not finite, or a pose of the wrong shape.
    """
    raw = RawInput(_without_presses(reading), ControlState(state.target, state.anchors, state.epoch), config)
    if reading is None:
        action = limits.clip(state.target.astype(np.float32))
        held = replace(reanchored(state), made_of=raw)
        return ControlOutput(held, BimanualDelta.zero(), action, (False, False), idle=True)
    anchors = state.anchors if reading.epoch == state.epoch else (FREE, FREE)
    target, delta, hits, following = state.target.copy(), BimanualDelta.zero(), [False, False], list(anchors)
    for arm in (0, 1):
        hand = reading.arm(arm)
        if hand is not None:
            _check(hand, reading, arm)
        if hand is None or not hand.valid or not hand.clutch:
            following[arm] = FREE
            continue
        where = arm_slice(arm)
        asked = _asked(hand, reading.kind, anchors[arm], config, dt)
        asked_gripper, following[arm] = _gripper(hand, anchors[arm], float(target[where][GRIPPER]), config, dt)
        delta.translation[arm], delta.rotation[arm], delta.gripper[arm] = *asked, asked_gripper
        target[where], hits[arm] = _limited(target[where], asked, asked_gripper, config, limits, arm, dt)
    following_state = ControlState(target, (following[0], following[1]), reading.epoch, raw)
    action = limits.clip(target.astype(np.float32))
    return ControlOutput(following_state, delta, action, (hits[0], hits[1]), idle=_rests(delta, reading.kind))


def _without_presses(reading: DeviceReading | None) -> DeviceReading | None:
    """A reading as it is recorded: presses are verbs, and those are recorded by themselves."""
    if reading is None:
        return None
    return DeviceReading(reading.device, reading.kind, reading.time, reading.epoch, reading.left, reading.right, {})


def again(state: ControlState, limits: ActionLimits, dt: float) -> ControlOutput | None:
    """The command that led to a state, once more from its raw input, bit for bit; None where no operator drove."""
    raw = state.made_of
    return None if raw is None else command(raw.reading, raw.before, raw.config, limits, dt)


def _rests(delta: BimanualDelta, kind: ReadingKind) -> bool:
    if delta.gripper.any():
        return False
    if kind == "rate":
        return not (delta.translation.any() or delta.rotation.any())
    return not (
        (np.linalg.norm(delta.translation, axis=1) > REST_TRANSLATION).any()
        or (np.linalg.norm(delta.rotation, axis=1) > REST_ROTATION).any()
    )


def _check(hand: ArmReading, reading: DeviceReading, arm: int) -> None:
    """Raise BadAction for numbers that must never reach a world."""
    if not hand.valid:
        return
    needed = {"position": hand.position, "orientation": hand.orientation}
    sizes = {"position": 3, "orientation": 4}
    if reading.kind == "rate":
        needed, sizes = {"linear": hand.linear, "angular": hand.angular}, {"linear": 3, "angular": 3}
    for name, values in needed.items():
        if values is not None and (values.shape != (sizes[name],) or not all(map(math.isfinite, values.tolist()))):
            raise BadAction(
                f"The {name} of the {('left', 'right')[arm]} hand of {reading.device!r} is not {sizes[name]} finite "
                "numbers. The reading was ignored; reconnect the device if this goes on."
            )
    if not (math.isfinite(hand.gripper or 0.0) and math.isfinite(hand.gripper_rate)):
        raise BadAction(f"The gripper of {reading.device!r} is not finite. The reading was ignored.")


def _asked(
    hand: ArmReading, kind: ReadingKind, anchor: ArmAnchor, config: ControlConfig, dt: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Translation (3,) metres and rotation (3,) radians that the hand asks for in this step."""
    translation, rotation = np.zeros(3), np.zeros(3)
    if kind == "rate":
        if hand.linear is not None:
            translation = shaped(hand.linear, config) * (config.scale * config.linear_speed * dt)
        if hand.angular is not None:
            rotation = shaped(hand.angular, config) * (config.scale * config.angular_speed * dt)
        return translation, rotation
    if anchor.anchored:
        if hand.position is not None and anchor.position is not None:
            translation = (hand.position - anchor.position) * config.scale
        if hand.orientation is not None and anchor.orientation is not None:
            rotation = relative_rotation(hand.orientation, anchor.orientation)
    return translation, rotation


def shaped(deflection: NDArray[np.float64], config: ControlConfig) -> NDArray[np.float64]:
    """Dead zone and curve of a deflection (3,) in -1..1: continuous, odd, 0 at rest and 1 at full deflection."""
    if not deflection.any():
        return np.zeros(3)
    size = np.minimum(np.abs(deflection), 1.0)
    beyond = np.maximum(size - config.dead_zone, 0.0) / (1.0 - config.dead_zone)
    return np.asarray(np.sign(deflection) * ((1.0 - config.curve) * beyond + config.curve * beyond**3))


def _gripper(
    hand: ArmReading, anchor: ArmAnchor, opening: float, config: ControlConfig, dt: float
) -> tuple[float, ArmAnchor]:
    """The asked change of the opening, and the anchor of this reading.

    A trigger is picked up softly: the commanded opening holds until the trigger reaches or crosses it.
    """
    holds = anchor.anchored and anchor.holds_gripper
    change = min(max(float(hand.gripper_rate), -1.0), 1.0) * config.gripper_speed * dt
    trigger, before = hand.gripper, anchor.trigger if anchor.anchored else None
    if trigger is not None and before is not None and trigger != before:
        trigger = min(max(trigger, 0.0), 1.0)
        crossed = (before - opening) * (trigger - opening) <= 0.0
        holds = holds or crossed or abs(trigger - opening) <= PICK_UP
        change += trigger - opening if holds else 0.0
    return change, ArmAnchor(True, hand.position, hand.orientation, hand.gripper, holds)


def _limited(
    pose: NDArray[np.float64],
    asked: tuple[NDArray[np.float64], NDArray[np.float64]],
    gripper: float,
    config: ControlConfig,
    limits: ActionLimits,
    arm: int,
    dt: float,
) -> tuple[NDArray[np.float64], bool]:
    """The next pose (7,) of an arm inside speed and workspace limits, and whether they cut anything."""
    translation, too_fast = shortened(asked[0], config.max_linear_speed * dt)
    rotation, too_quick = shortened(asked[1], config.max_angular_speed * dt)
    wanted = pose.copy()
    wanted[POSITION] += translation
    wanted[ROTATION] = turned(pose[ROTATION], rotation)
    wanted[GRIPPER] += gripper
    where = arm_slice(arm)
    inside = wanted.clip(limits.low[where].astype(np.float64), limits.high[where].astype(np.float64))
    cut = np.abs(inside - wanted)[:GRIPPER] > 1e-9  # a gripper that is fully open or closed is no news
    return inside, too_fast or too_quick or bool(cut.any())
