"""Control states as named arrays of fixed shape, the raw input of operators' steps included. NaN means absent."""

from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.control import ArmAnchor, ControlConfig, ControlState, RawInput
from core.errors import BadAction
from core.reading import ArmReading, DeviceReading, ReadingKind
from core.world import PackedState

KINDS: Final[tuple[ReadingKind, ...]] = ("position", "rate")
_HAND: Final = 18
"""Present, position 3, orientation 4, linear 3, angular 3, gripper, gripper rate, clutch, valid."""
_ANCHOR: Final = 10
"""Anchored, position 3, orientation 4, trigger, holds the gripper."""
_SETTINGS: Final = tuple(field.name for field in fields(ControlConfig))
_INPUT: Final = {
    "input_hands": (2, _HAND), "input_about": (2 + len(_SETTINGS),), "input_target": (ACTION_DIM,),
    "input_anchors": (2, _ANCHOR), "input_epochs": (2,),
}  # fmt: skip


def pack_control(state: ControlState) -> PackedState:
    """A control state as named arrays; those that begin with "input" only where an operator drove."""
    arrays: dict[str, NDArray[Any]] = {
        "target": state.target,
        "anchors": _anchor_rows(state.anchors),
        "epoch": np.array([state.epoch], np.int64),
    }
    if (raw := state.made_of) is not None:
        reading, settings = raw.reading, [float(getattr(raw.config, name)) for name in _SETTINGS]
        kind, time, epoch = (-1.0, np.nan, 0) if reading is None else (
            float(KINDS.index(reading.kind)), reading.time, reading.epoch,
        )  # fmt: skip
        hands = (None, None) if reading is None else (reading.left, reading.right)
        arrays |= {
            "input_hands": np.array([_hand_row(hand) for hand in hands]),
            "input_about": np.array([kind, time, *settings]),
            "input_target": raw.before.target,
            "input_anchors": _anchor_rows(raw.before.anchors),
            "input_epochs": np.array([epoch, raw.before.epoch], np.int64),
        }
    return PackedState(arrays)


def unpack_control(packed: PackedState) -> ControlState:
    """The inverse of pack_control, bit for bit.

    Raises:
        BadAction: an array is missing, torn or not finite.
    """
    arrays = packed.arrays
    try:
        target, anchors, epoch = arrays["target"], arrays["anchors"], int(arrays["epoch"][0])
        raw = _raw(arrays) if "input_about" in arrays else None
    except (KeyError, IndexError) as error:
        raise BadAction(f"A stored control state is torn: {error} is missing. Roll back to another step.") from error
    _check("target", target, (ACTION_DIM,))
    if not np.isfinite(target).all():
        raise BadAction("A stored control state is torn: its target is not 14 finite numbers. Roll back elsewhere.")
    _check("anchors", anchors, (2, _ANCHOR))
    return ControlState(target.astype(np.float64), _anchors(anchors), epoch, raw)


def _raw(arrays: Any) -> RawInput:
    for name, shape in _INPUT.items():
        _check(name, arrays[name], shape)
    about, epochs = arrays["input_about"], arrays["input_epochs"]
    before = ControlState(arrays["input_target"].astype(np.float64), _anchors(arrays["input_anchors"]), int(epochs[1]))
    config = ControlConfig(**{name: float(value) for name, value in zip(_SETTINGS, about[2:], strict=True)})
    if about[0] < 0:
        return RawInput(None, before, config)
    left, right = (_hand(row) for row in arrays["input_hands"])
    reading = DeviceReading("recorded", KINDS[int(about[0])], float(about[1]), int(epochs[0]), left, right)
    return RawInput(reading, before, config)


def _check(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise BadAction(f"A stored control state is torn: {name} has shape {array.shape}. Roll back elsewhere.")


def _anchor_rows(anchors: tuple[ArmAnchor, ArmAnchor]) -> NDArray[np.float64]:
    rows = np.full((2, _ANCHOR), np.nan)
    for arm, anchor in enumerate(anchors):
        rows[arm, 0], rows[arm, 9] = float(anchor.anchored), float(anchor.holds_gripper)
        if anchor.position is not None:
            rows[arm, 1:4] = anchor.position
        if anchor.orientation is not None:
            rows[arm, 4:8] = anchor.orientation
        if anchor.trigger is not None:
            rows[arm, 8] = anchor.trigger
    return rows


def _anchors(rows: NDArray[np.float64]) -> tuple[ArmAnchor, ArmAnchor]:
    left, right = (
        ArmAnchor(
            anchored=bool(row[0]),
            position=_present(row[1:4]),
            orientation=_present(row[4:8]),
            trigger=None if np.isnan(row[8]) else float(row[8]),
            holds_gripper=bool(row[9]),
        )
        for row in rows
    )
    return left, right


def _hand_row(hand: ArmReading | None) -> NDArray[np.float64]:
    row = np.full(_HAND, np.nan)
    row[0] = float(hand is not None)
    if hand is None:
        return row
    row[15:] = hand.gripper_rate, float(hand.clutch), float(hand.valid)
    if not hand.valid:
        return row  # it counts for nothing, and its numbers may be of any kind
    for values, where in (
        (hand.position, slice(1, 4)), (hand.orientation, slice(4, 8)), (hand.linear, slice(8, 11)),
        (hand.angular, slice(11, 14)), (hand.gripper, 14),
    ):  # fmt: skip
        if values is not None:
            row[where] = values
    return row


def _hand(row: NDArray[np.float64]) -> ArmReading | None:
    if not row[0]:
        return None
    return ArmReading(
        _present(row[1:4]), _present(row[4:8]), _present(row[8:11]), _present(row[11:14]),
        None if np.isnan(row[14]) else float(row[14]), float(row[15]), bool(row[16]), bool(row[17]),
    )  # fmt: skip


def _present(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    return None if np.isnan(values[0]) else values.astype(np.float64)
