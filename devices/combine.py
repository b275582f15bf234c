"""Several connected devices become one reading of two arms.

Everything here is a function of frozen values. The epoch of the reading is made of who drives what and of the
epochs of those devices, so that whatever changes there makes both arms take a new origin: nothing jumps.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.action import ARMS
from core.reading import ArmReading, DeviceReading
from devices.discovery import Discovered

COMBINED: Final = "seat"
"""Name of the device that a seat is to the runtime."""
Side = Literal["left", "right"]
Readings = Mapping[str, DeviceReading | None]
"""By device key; None or absent: not connected, or lost."""

_MIRROR_VECTOR: Final = np.array([1.0, -1.0, 1.0])
_MIRROR_TURN: Final = np.array([-1.0, 1.0, -1.0])
_MIRROR_QUATERNION: Final = np.array([-1.0, 1.0, -1.0, 1.0])


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which hand of which device drives which arm. Keys are those of device_key()."""

    left: str | None = None
    """Device key for the left arm; None: the left arm holds still."""
    right: str | None = None
    """Device key for the right arm; None: the right arm holds still."""
    left_hand: Side = "left"
    """Which hand of a two-handed device drives the left arm; a one-handed device has no choice."""
    right_hand: Side = "right"
    """Which hand of a two-handed device drives the right arm."""
    swap: bool = False
    """Left and right change places."""
    mirror: bool = False
    """Every hand moves its arm as in a mirror, left and right exchanged; where one hand drives both arms at once,
    only the right arm, so that the arms meet and part."""
    shared: Literal["switch", "both"] = "switch"
    """One hand for both arms: one arm at a time, changed by the switch button, or both at once."""
    switch: str = ""
    """Button that changes the arm, "device/button", for example "spacemouse/left"; "" for none."""

    @property
    def hands(self) -> tuple[tuple[str, Side] | None, tuple[str, Side] | None]:
        """Per arm the device key and the hand that drive it, swapped where that is asked for."""
        left = (self.left, self.left_hand) if self.left is not None else None
        right = (self.right, self.right_hand) if self.right is not None else None
        return (right, left) if self.swap else (left, right)

    @property
    def driving(self) -> tuple[str, ...]:
        """Keys of the devices whose loss pauses, each once."""
        return tuple(dict.fromkeys(hand[0] for hand in self.hands if hand is not None))


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """What the devices say together."""

    reading: DeviceReading | None
    """For the runtime; None pauses it."""
    why: str = ""
    """Why there is none, in words; "" where there is one."""


def device_key(found: Discovered) -> str:
    """What a device is called in assignments, bindings and profiles: its driver and where it is plugged in."""
    return f"{found.driver}:{found.key}"


def driver_of(key: str) -> str:
    """The driver of a device key, for example "gamepad"; other devices are their own."""
    return key.partition(":")[0]


def hands_wanted(assignment: Assignment, key: str) -> int:
    """How many hands a device that could give one or two should give: 1 where it drives one arm at a time."""
    chosen = {hand for hand in assignment.hands if hand is not None and hand[0] == key}
    return max(1, len(chosen))


def seated(readings: Readings, assignment: Assignment, active_arm: int, turns: int = 0) -> Combined:
    """One reading of two arms.

    Args:
        readings: the newest of every device.
        assignment: who drives what.
        active_arm: 0 left, 1 right: the arm of a hand that drives one arm at a time.
        turns: how often the active arm has changed, so that there and back is a change too.
    """
    driving = assignment.driving
    if not driving:
        return Combined(None, "No device is assigned to an arm. Assign one in the Devices panel.")
    present = {key: reading for key in driving if (reading := readings.get(key)) is not None}
    lost = [key for key in driving if key not in present]
    if lost:
        arms = " and ".join(arm for arm, hand in zip(ARMS, assignment.hands, strict=True) if hand and hand[0] in lost)
        return Combined(None, f"{' and '.join(lost)} gives no readings; it drives the {arms} arm. Plug it in again.")
    kinds = {key: reading.kind for key, reading in present.items()}
    if len(set(kinds.values())) > 1:
        said = ", ".join(f"{key} gives {'poses' if kind == 'position' else 'speeds'}" for key, kind in kinds.items())
        return Combined(None, f"These devices cannot drive together: {said}. Assign two of one kind, or one device.")
    first = present[driving[0]]
    left, right = _arms(present, assignment, active_arm)
    if left is None and right is None:
        return Combined(None, f"{driving[0]} has no hand for the arm that it is assigned to. Assign its other hand.")
    epoch = _epoch(assignment, active_arm, turns, [present[key].epoch for key in driving])
    oldest = min(reading.time for reading in present.values())
    return Combined(DeviceReading(COMBINED, first.kind, oldest, epoch, left, right, merged_presses(readings)))


def merged_presses(readings: Readings) -> Mapping[str, int]:
    """The press counters of all devices, driving or not, under "device key/button"."""
    return MappingProxyType(
        {
            f"{key}/{button}": count
            for key, reading in readings.items()
            if reading is not None
            for button, count in reading.presses.items()
        }
    )


def mirrored(hand: ArmReading) -> ArmReading:
    """The same hand in a mirror between the arms: Y changes its sign. Its own inverse."""
    return replace(
        hand,
        position=_times(hand.position, _MIRROR_VECTOR),
        linear=_times(hand.linear, _MIRROR_VECTOR),
        angular=_times(hand.angular, _MIRROR_TURN),
        orientation=_times(hand.orientation, _MIRROR_QUATERNION),
    )


def _times(values: NDArray[np.float64] | None, signs: NDArray[np.float64]) -> NDArray[np.float64] | None:
    return None if values is None else values * signs + 0.0  # + 0.0: no negative zeros


def _arms(
    present: Mapping[str, DeviceReading], assignment: Assignment, active_arm: int
) -> tuple[ArmReading | None, ArmReading | None]:
    chosen = [_chosen(present, hand) for hand in assignment.hands]
    shared = chosen[0] is not None and chosen[0] is chosen[1]
    if shared and assignment.shared == "switch":
        chosen[1 - active_arm] = None
    if assignment.mirror:
        both = shared and assignment.shared == "both"
        chosen = [mirrored(hand) if hand and not (both and arm == 0) else hand for arm, hand in enumerate(chosen)]
    return chosen[0], chosen[1]


def _chosen(present: Mapping[str, DeviceReading], hand: tuple[str, Side] | None) -> ArmReading | None:
    """The hand of a device that drives an arm; a one-handed device gives its only one."""
    if hand is None:
        return None
    reading = present[hand[0]]
    if reading.left is None or reading.right is None:
        return reading.left or reading.right
    return reading.left if hand[1] == "left" else reading.right


def _epoch(assignment: Assignment, active_arm: int, turns: int, epochs: list[int]) -> int:
    """A whole number below 2**62 that differs where any of these does, the same in every process."""
    text = repr((assignment, active_arm, turns, epochs)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 2
