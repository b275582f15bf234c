"""The calibration of a leader arm: LeRobot's file format, and from ticks to radians and openings.

A file names every motor: {"shoulder_pan": {"id", "drive_mode", "homing_offset", "range_min", "range_max"}, ...}.
Ticks of a file are what the motor gives once it holds the file's offset: Present = Actual - offset on Feetech motors,
Present = Actual + offset on Dynamixel motors. Nothing is written into the motors here: what they give is taken back to
their actual ticks with the offset that they hold, and forward with the offset of the file.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.errors import BadConfig
from devices.leader.bus import TICKS
from devices.leader.table import ArmTable, Joint, Protocol, Trigger

HALF: Final = TICKS // 2 - 1
"""Ticks that the centre has in a calibrated motor: LeRobot's half turn."""
FACTORY_ZERO: Final = TICKS // 2
OFFSET_LIMIT: Final = 2047
"""Feetech motors hold an offset of 11 bits and a sign."""
RADIANS: Final = 2.0 * np.pi / TICKS


@dataclass(frozen=True, slots=True)
class MotorCalibration:
    """One motor, with LeRobot's names."""

    id: int
    drive_mode: int
    """1: counts backwards."""
    homing_offset: int
    """Ticks."""
    range_min: int
    """Ticks that the motor gives at the low end, with the offset."""
    range_max: int


Calibration = Mapping[str, MotorCalibration]
_FIELDS: Final = tuple(field.name for field in fields(MotorCalibration))


def load_calibration(path: Path, table: ArmTable) -> dict[str, MotorCalibration]:
    """A calibration file, ours or LeRobot's, checked against the arm.

    Raises:
        BadConfig: it is missing, torn, or of another arm.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"The calibration {path} cannot be read: {error}. Calibrate the arm again.") from error
    except json.JSONDecodeError as error:
        raise BadConfig(f"The calibration {path} is torn ({error}). Calibrate the arm again.") from error
    if not isinstance(values, dict):
        raise BadConfig(f"{path} is no calibration: it should name the motors. Choose another file.")
    _check_names(set(values), path, table)
    calibration = {name: _motor(name, values[name], path) for name in table.motors}
    for name, motor in calibration.items():
        _check_motor(name, motor, path, table)
    return calibration


def _check_names(given: set[str], path: Path, table: ArmTable) -> None:
    wanted = set(table.motors)
    if given != wanted:
        parts = []
        if wanted - given:
            parts.append(f"it lacks {', '.join(sorted(wanted - given))}")
        if given - wanted:
            parts.append(f"it has {', '.join(sorted(given - wanted))}")
        raise BadConfig(
            f"The calibration {path} is of another arm than the {table.words}: {' and '.join(parts)}. "
            "Choose the file of this arm, or calibrate again."
        )


def _motor(name: str, values: Any, path: Path) -> MotorCalibration:
    if not isinstance(values, dict) or not all(type(values.get(field)) is int for field in _FIELDS):
        raise BadConfig(
            f"The calibration {path} is torn: {name} should have the whole numbers {', '.join(_FIELDS)}. "
            "Calibrate the arm again."
        )
    return MotorCalibration(**{field: values[field] for field in _FIELDS})


def _check_motor(name: str, motor: MotorCalibration, path: Path, table: ArmTable) -> None:
    if motor.id != table.motors[name]:
        raise BadConfig(
            f"The calibration {path} is of another arm than the {table.words}: {name} is motor {motor.id} there, "
            f"{table.motors[name]} here. Choose the file of this arm, or calibrate again."
        )
    if table.protocol == "feetech" and abs(motor.homing_offset) > OFFSET_LIMIT:
        raise BadConfig(
            f"The calibration {path} gives {name} a homing offset of {motor.homing_offset}; a motor holds at most "
            f"+-{OFFSET_LIMIT}. The arm was centred before it was swept. Calibrate again: sweep first, then centre."
        )
    if motor.range_min >= motor.range_max:
        raise BadConfig(f"The calibration {path} gives {name} no range: it was not swept. Calibrate the arm again.")


def save_calibration(path: Path, calibration: Calibration) -> None:
    """Write a file that LeRobot reads; it is replaced whole, never half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    text = json.dumps({name: asdict(motor) for name, motor in calibration.items()}, indent=4)
    partial.write_text(text + "\n", encoding="utf-8")
    os.replace(partial, path)


def actual_ticks(present: int, held: int, protocol: Protocol) -> int:
    """The ticks of the encoder itself, from what a motor gives and the offset that it holds."""
    return present + held if protocol == "feetech" else present - held


def calibrated_ticks(actual: int, homing_offset: int, protocol: Protocol) -> int:
    """What the motor would give with the offset of the file; not wrapped."""
    return actual - homing_offset if protocol == "feetech" else actual + homing_offset


def wrapped(ticks: float) -> float:
    """Ticks from a centre, in half a turn either way."""
    return (ticks + TICKS / 2) % TICKS - TICKS / 2


def angle(joint: Joint, motor: MotorCalibration | None, actual: int, protocol: Protocol, reversed_: bool) -> float:
    """Radians of a joint in the published model.

    Args:
        joint: of the arm's table.
        motor: its calibration; None for a joint that the maker homed.
        actual: ticks of the encoder; for a joint that the maker homed what the motor gives.
        protocol: of the bus.
        reversed_: the joint counts backwards against the table.
    """
    sign = -joint.sign if reversed_ else joint.sign
    if joint.zero == "factory" or motor is None:
        return sign * wrapped(actual - FACTORY_ZERO) * RADIANS
    if protocol == "feetech" and motor.drive_mode:
        sign = -sign  # a Dynamixel motor counts backwards by itself
    ticks = calibrated_ticks(actual, motor.homing_offset, protocol)
    if joint.zero == "pose":
        return joint.pose + sign * wrapped(ticks - HALF) * RADIANS
    return sign * wrapped(ticks - (motor.range_min + motor.range_max) / 2) * RADIANS


def opening(trigger: Trigger, motor: MotorCalibration | None, actual: int, protocol: Protocol) -> float:
    """Opening of a trigger, 0 closed .. 1 open; as `angle` takes its arguments."""
    if trigger.closed is not None and trigger.opened is not None:
        fraction = (wrapped(actual - FACTORY_ZERO) * RADIANS - trigger.closed) / (trigger.opened - trigger.closed)
    elif motor is None:
        raise BadConfig(f"The trigger {trigger.name} was not calibrated. Calibrate the arm.")
    else:
        middle = (motor.range_min + motor.range_max) / 2
        ticks = wrapped(calibrated_ticks(actual, motor.homing_offset, protocol) - middle)
        fraction = ticks / (motor.range_max - motor.range_min) + 0.5
        if protocol == "feetech" and motor.drive_mode:
            fraction = 1.0 - fraction
    return float(min(max(fraction, 0.0), 1.0))
