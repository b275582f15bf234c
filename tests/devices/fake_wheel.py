"""A kind of device that the program does not know: a row, a driver and a check, for tests of the table of devices."""

from typing import Final

import numpy as np

from core.check import Check
from core.reading import ArmReading, Device, DeviceReading
from devices.discovery import Discovered
from devices.kind import DeviceKind
from tests.devices.scripted import Scripted

WHEEL: Final = DeviceKind(
    name="wheel",
    words="Steering wheel",
    plural="steering wheels",
    reading="rate",
    hands=1,
    driver="tests.devices.fake_wheel:WheelDriver",
    rank=0,
    feel={"dead_zone": 0.25},
    bindings={"run": ("horn",), "pause": ("horn",), "mark_failure": ("left_paddle",)},
    buttons=("horn", "left_paddle", "right_paddle"),
    switch="right_paddle",
    switch_words="the right paddle of a wheel",
    check="tests.devices.fake_wheel:check",
)


class WheelDriver:
    """Always finds one wheel."""

    def find(self) -> list[Discovered]:
        return [Discovered(WHEEL.name, "usb-7", "Racing wheel (USB 7)", WHEEL.hands)]

    def device(self, found: Discovered) -> Device:
        turned = ArmReading(linear=np.array([0.5, 0.0, 0.0]), angular=np.zeros(3))
        return Scripted([DeviceReading("", "rate", 0.0, left=turned)], f"{found.driver}:{found.key}", "rate")


def check() -> Check:
    return Check("Steering wheels", "ok", "one wheel plugged in")
