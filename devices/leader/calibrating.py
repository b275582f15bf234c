"""The steps of a calibration as values, without a screen: the application and the command line show them.

Sweep first, then centre. An encoder counts 0..4095 and starts again; centring first and sweeping then gives torn
ranges for an arm that was not quite in the middle. Here the motion is followed across the seam, the range is known
first, and the centre of a joint with a range is the middle of what was swept.

    state = begin(table)
    state = saw(state, actual)      # as often as the bus gives ticks
    state = advance(state)          # the operator pressed "next"; BadConfig says what is missing
    if state.step is Step.DONE: save_calibration(path, result(state))
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from core.errors import BadConfig
from devices.leader.bus import TICKS
from devices.leader.calibration import HALF, OFFSET_LIMIT, MotorCalibration, wrapped
from devices.leader.table import ArmTable

SWEPT: Final = 300
"""Ticks (26 degrees) that a joint has to move to count as swept."""
TURNED: Final = 60
"""Ticks (5 degrees) that tell a direction."""
DEGREES: Final = 360.0 / TICKS


class Step(enum.Enum):
    """What the operator does now."""

    SWEEP = "sweep"
    CENTRE = "centre"
    DIRECTIONS = "directions"
    FORWARD = "forward"
    """Of the run, which knows where the tool is: the orientation of the arm on the table."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Track:
    """One motor, followed across the seam of its encoder."""

    now: int
    """Ticks since the encoder's zero, not wrapped."""
    low: int
    """The lowest of the sweep."""
    high: int
    """The highest of the sweep."""
    centre: int | None = None
    """In the centre pose."""


@dataclass(frozen=True, slots=True)
class Calibrating:
    """Progress of a calibration."""

    table: ArmTable
    step: Step = Step.SWEEP
    tracks: Mapping[str, Track] = field(default_factory=dict)
    drive_modes: Mapping[str, int] = field(default_factory=dict)
    """Of motors that count backwards by themselves; absent: 0."""


def begin(table: ArmTable, reversed_motors: Mapping[str, bool] | None = None) -> Calibrating:
    """A calibration that was just started.

    Args:
        table: the arm.
        reversed_motors: which motors count backwards by themselves, from the bus.

    Raises:
        BadConfig: this kind of arm needs none.
    """
    if not table.needs_calibration:
        raise BadConfig(f"The {table.words} needs no calibration: its motors are homed by the maker.")
    return Calibrating(table, drive_modes={name: int(back) for name, back in (reversed_motors or {}).items()})


def saw(state: Calibrating, actual: Mapping[str, int]) -> Calibrating:
    """The state after one whole frame of encoder ticks."""
    if state.step is Step.DONE:
        return state
    tracks = dict(state.tracks)
    for name in state.table.motors:
        ticks, track = actual[name], tracks.get(name)
        if track is None:
            tracks[name] = Track(ticks, ticks, ticks)
            continue
        now = track.now + int(wrapped(ticks - track.now))
        if state.step is Step.SWEEP:
            tracks[name] = replace(track, now=now, low=min(track.low, now), high=max(track.high, now))
        else:
            tracks[name] = replace(track, now=now)
    return replace(state, tracks=tracks)


def swept_motors(table: ArmTable) -> tuple[str, ...]:
    """Motors that have a range to sweep."""
    joints = tuple(joint.name for joint in table.joints if joint.zero != "factory" and not joint.full_turn)
    trigger = table.trigger
    return (*joints, trigger.name) if trigger is not None and trigger.closed is None else joints


def progress(state: Calibrating) -> dict[str, float]:
    """Degrees that each motor was swept so far, in the order of the arm."""
    tracks = state.tracks
    return {
        name: (tracks[name].high - tracks[name].low) * DEGREES if name in tracks else 0.0
        for name in swept_motors(state.table)
    }


def instruction(state: Calibrating) -> str:
    """What the operator does now, in words."""
    table = state.table
    if state.step is Step.SWEEP:
        return f"Move each of these from one end to the other, then go on: {_listed(swept_motors(table))}."
    if state.step is Step.CENTRE:
        return f"Hold the arm still in the centre pose, then go on: {table.centre_pose}."
    if state.step is Step.DIRECTIONS:
        turns = "; ".join(f"{joint.towards} ({joint.name})" for joint in table.joints if joint.towards)
        return f"From the centre pose, move every joint a little this way, then go on: {turns}."
    return "Done."


def advance(state: Calibrating) -> Calibrating:
    """The next step.

    Raises:
        BadConfig: something is missing in this step, in words; the state stays.
    """
    if not state.tracks:
        raise BadConfig("The arm has not given a position yet. Check its cable and its power.")
    if state.step is Step.SWEEP:
        _check_sweep(state)
        return replace(state, step=Step.CENTRE if needs_pose(state.table) else Step.DONE)
    if state.step is Step.CENTRE:
        centred = replace(state, tracks={name: replace(t, centre=t.now) for name, t in state.tracks.items()})
        _check_centre(centred)
        measured = state.table.directions == "measured"
        return replace(centred, step=Step.DIRECTIONS if measured else Step.DONE)
    if state.step is Step.DIRECTIONS:
        _check_directions(state)
        return replace(state, step=Step.DONE)
    return state


def result(state: Calibrating) -> dict[str, MotorCalibration]:
    """The calibration of a state that is done, in LeRobot's terms."""
    if state.step is not Step.DONE:
        raise BadConfig("The calibration is not finished.")
    return {name: _calibrated(state, name) for name in state.table.motors}


def turned_joints(state: Calibrating) -> tuple[str, ...]:
    """Joints that count backwards against the table, where directions were measured."""
    if state.table.directions != "measured":
        return ()
    return tuple(joint.name for joint in state.table.joints if _turned(state, joint.name) * joint.sign < 0)


def needs_pose(table: ArmTable) -> bool:
    """Whether the arm has to be held in its centre pose."""
    return any(joint.full_turn or joint.zero == "pose" for joint in table.joints)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _turned(state: Calibrating, name: str) -> int:
    track = state.tracks[name]
    return track.now - (track.now if track.centre is None else track.centre)


def _check_sweep(state: Calibrating) -> None:
    still = [name for name in swept_motors(state.table) if state.tracks[name].high - state.tracks[name].low < SWEPT]
    if still:
        words = ", ".join(f"{name} ({progress(state)[name]:.0f} degrees)" for name in still)
        raise BadConfig(f"Not swept yet: {words}. Move each from one end to the other, then go on.")
    beyond = [name for name in swept_motors(state.table) if state.tracks[name].high - state.tracks[name].low >= TICKS]
    if beyond:
        raise BadConfig(
            f"{_listed(tuple(beyond))} turned more than once around; a joint with ends cannot. Check that its horn is "
            "screwed on, then begin the calibration again."
        )


def _check_centre(state: Calibrating) -> None:
    for joint in state.table.joints:
        if joint.zero != "pose" or joint.full_turn:
            continue
        motor = _calibrated(state, joint.name)
        if motor.range_min < 0 or motor.range_max >= TICKS:
            raise BadConfig(
                f"In this pose {joint.name} is {max(-motor.range_min, motor.range_max - TICKS) * DEGREES:.0f} degrees "
                f"too far from the middle of its range. Hold the arm so: {state.table.centre_pose}."
            )


def _check_directions(state: Calibrating) -> None:
    still = [joint.name for joint in state.table.joints if joint.towards and abs(_turned(state, joint.name)) < TURNED]
    if still:
        raise BadConfig(f"Not moved yet: {_listed(tuple(still))}. Move each a little the way it is said, then go on.")


def _calibrated(state: Calibrating, name: str) -> MotorCalibration:
    """One motor: its reference (the middle of the sweep, or the centre pose) gets the ticks of a half turn."""
    table, track = state.table, state.tracks[name]
    joint = next((joint for joint in table.joints if joint.name == name), None)
    from_pose = joint is not None and (joint.full_turn or joint.zero == "pose")
    reference = track.centre if from_pose and track.centre is not None else (track.low + track.high) // 2
    if table.protocol == "feetech":
        offset = min(max(int(wrapped(reference - HALF)), -OFFSET_LIMIT), OFFSET_LIMIT)
        reference = offset + HALF + round((reference - HALF - offset) / TICKS) * TICKS
    else:
        offset = HALF - reference
    low, high = (0, TICKS - 1) if joint is not None and joint.full_turn else (
        track.low - reference + HALF,
        track.high - reference + HALF,
    )  # fmt: skip
    return MotorCalibration(table.motors[name], state.drive_modes.get(name, 0), offset, low, high)
