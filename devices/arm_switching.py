"""What a seat remembers between two looks: whose turn it is, and what a hold or a press has toggled.

States are values: a look at the readings gives the next state, and looking twice at the same ones changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from core.reading import ArmReading, DeviceReading
from devices.combine import Assignment, Readings, merged_presses
from devices.verb_bindings import presses_of

ClutchMode = Literal["hold", "toggle"]
REST: Final = 0.2
"""Fraction of full deflection below which a rate hand has come to rest after a change of arms; above the drift of a
worn stick."""
Hand = tuple[str, int]
"""Device key and 0 for its left hand, 1 for its right one."""


@dataclass(frozen=True, slots=True)
class SwitchState:
    """Whose turn it is."""

    active_arm: int
    """0 left, 1 right: the arm of a hand that drives one arm at a time."""
    count: int = 0
    """How often arms, assignment or the devices that drive have changed."""
    waiting: bool = False
    """The hand has to come to rest first: the stick that is still pushed must not throw the other arm."""
    switch_presses: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Counters of the switch button, per device, as seen last."""
    epochs: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Of the devices that drive, as seen last."""
    squeezed: Mapping[Hand, bool] = field(default_factory=lambda: MappingProxyType({}))
    """The clutch of every hand, as seen last."""
    engaged: Mapping[Hand, bool] = field(default_factory=lambda: MappingProxyType({}))
    """What squeezing has toggled."""


def changed(turns: SwitchState, active_arm: int | None = None) -> SwitchState:
    """After a change of arms, assignment or driving device: a new origin, and hands that have to rest first."""
    arm = turns.active_arm if active_arm is None else active_arm
    return replace(turns, active_arm=arm, count=turns.count + 1, waiting=True)


def looked(turns: SwitchState, readings: Readings, assignment: Assignment) -> SwitchState:
    """The state after a look at the readings."""
    counters = presses_of(assignment.switch, merged_presses(readings)) if assignment.switch else {}
    before = turns.switch_presses
    pressed = sum(max(0, count - before.get(name, count)) for name, count in counters.items())
    squeezed = _squeezed(readings)
    engaged = {
        hand: turns.engaged.get(hand, False) != (now and not turns.squeezed.get(hand, False))
        for hand, now in squeezed.items()
    }
    epochs = {key: reading.epoch for key in assignment.driving if (reading := readings.get(key)) is not None}
    moved_in = dict(turns.epochs) != epochs
    turns = replace(
        turns,
        switch_presses=MappingProxyType(dict(counters)),
        epochs=MappingProxyType(epochs),
        squeezed=MappingProxyType(squeezed),
        engaged=MappingProxyType(engaged),
    )
    return changed(turns, (turns.active_arm + pressed) % 2) if pressed or moved_in else turns


def with_clutch(readings: Readings, turns: SwitchState, mode: ClutchMode) -> Readings:
    """The readings with the clutch as the operator wants it: held, or toggled by squeezing it once."""
    if mode == "hold":
        return readings
    return {key: _toggled(key, reading, turns) if reading else None for key, reading in readings.items()}


def rests(reading: DeviceReading) -> bool:
    """Whether nothing is pushed. A position device always rests: only its motion counts."""
    hands = [hand for hand in (reading.left, reading.right) if hand is not None]
    rates = [rate for hand in hands for rate in (hand.linear, hand.angular) if rate is not None]
    return all(np.abs(rate).max() <= REST for rate in rates) and not any(hand.gripper_rate for hand in hands)


def held_still(reading: DeviceReading) -> DeviceReading:
    """The reading with both hands declutched."""
    left, right = (replace(hand, clutch=False) if hand else None for hand in (reading.left, reading.right))
    return replace(reading, left=left, right=right)


def _squeezed(readings: Readings) -> dict[Hand, bool]:
    return {
        (key, arm): hand.clutch
        for key, reading in readings.items()
        if reading is not None
        for arm in (0, 1)
        if (hand := reading.arm(arm)) is not None
    }


def _toggled(key: str, reading: DeviceReading, turns: SwitchState) -> DeviceReading:
    def hand(arm: int) -> ArmReading | None:
        one = reading.arm(arm)
        return replace(one, clutch=turns.engaged.get((key, arm), False)) if one is not None else None

    return replace(reading, left=hand(0), right=hand(1))
