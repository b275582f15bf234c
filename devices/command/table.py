"""Open devices as lines of a terminal, for `main.py devices --watch` and `record`."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from core.errors import DeviceLost
from core.geometry import relative_rotation
from core.reading import ArmReading, DeviceReading
from devices.discovery import Driver
from devices.hotplug import HotplugDevices, Plugged
from devices.reader import Reader

PATIENCE = 5.0
"""Seconds to wait until devices appear."""
_UPRIGHT = np.array([0.0, 0.0, 0.0, 1.0])


@contextmanager
def opened(drivers: Mapping[str, Driver] | None = None, patience: float = PATIENCE) -> Iterator[HotplugDevices]:
    """All devices, once one of them can be read; closed again afterwards.

    Raises:
        DeviceLost: none can be read; why, in words.
    """
    devices = HotplugDevices(drivers)
    devices.start()
    try:
        end = time.monotonic() + patience
        while not any(devices.readings().values()) and time.monotonic() < end:
            time.sleep(0.02)
        if not any(devices.readings().values()):
            raise DeviceLost(nothing_words(devices))
        yield devices
    finally:
        devices.stop()


def nothing_words(devices: HotplugDevices) -> str:
    """Why no device can be read."""
    reasons = [*(one.why for one in devices.all.values() if one.why), *devices.problems.values()]
    return " ".join(["No device can be read.", *reasons]) if reasons else (
        "No device is plugged in. Plug in a SpaceMouse, a gamepad or a leader arm; `main.py doctor` may know more."
    )  # fmt: skip


def lines(devices: HotplugDevices) -> list[str]:
    """The newest reading of each device."""
    readings = devices.readings()
    return [line for key, one in devices.all.items() for line in _device_lines(one, readings.get(key))]


def _device_lines(one: Plugged, reading: DeviceReading | None) -> list[str]:
    if reading is None:
        return [f"{one.words}: {one.why or 'opening'}"]
    rate = one.device.rate_hz if isinstance(one.device, Reader) else 0.0
    age = 1000 * (time.monotonic() - reading.time)
    pressed = ", ".join(f"{name} {count}" for name, count in reading.presses.items() if count)
    head = f"{one.words}: {rate:.0f} Hz, {age:.0f} ms old" + (f", pressed {pressed}" if pressed else "")
    hands = [("left", reading.left), ("right", reading.right)]
    return [head, *(f"  {side:<5} {hand_words(hand)}" for side, hand in hands if hand is not None)]


def hand_words(hand: ArmReading) -> str:
    """The axes of a hand in one line: fractions of full deflection, or metres and radians."""
    if not hand.valid:
        return "track lost"
    if hand.position is not None or hand.orientation is not None:
        moved = np.zeros(3) if hand.position is None else hand.position
        turned = np.zeros(3) if hand.orientation is None else relative_rotation(hand.orientation, _UPRIGHT)
        units = ("m", "rad")
    else:
        moved = np.zeros(3) if hand.linear is None else hand.linear
        turned = np.zeros(3) if hand.angular is None else hand.angular
        units = ("of full", "of full")
    grip = f"open {hand.gripper:.2f}" if hand.gripper is not None else f"grip {hand.gripper_rate:+.0f}"
    x, y, z, rx, ry, rz = (float(value) + 0.0 for value in (*moved, *turned))
    return (
        f"x {x:+.3f} y {y:+.3f} z {z:+.3f} {units[0]}  roll {rx:+.3f} pitch {ry:+.3f} yaw {rz:+.3f} {units[1]}  "
        f"{grip}{'' if hand.clutch else '  clutch open'}"
    )
