"""Hardware for tests of what stands above the drivers: it can be found, opened, moved, pressed and pulled."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.errors import DeviceLost
from core.reading import ArmReading, DeviceReading, ReadingKind
from devices.combine import device_key
from devices.discovery import Discovered
from devices.gamepad.kind import BUTTONS
from devices.leader.clutch import Clutch
from devices.reader import Reader

STILL = {
    "rate": ArmReading(linear=np.zeros(3), angular=np.zeros(3)),
    "position": ArmReading(position=np.zeros(3), orientation=np.array([0.0, 0.0, 0.0, 1.0])),
}


class VirtualDevice:
    """One device in the hands of a test."""

    def __init__(
        self, driver: str = "gamepad", key: str = "one", hands: int = 2, kind: ReadingKind = "rate", words: str = ""
    ) -> None:
        self.found = Discovered(driver, key, words or f"Test {driver} {key}", hands)
        self.kind: ReadingKind = kind
        self.plugged, self.refusal = True, ""
        self.rumbled: list[float] = []
        self.opened = 0
        self._arms = [STILL[kind], STILL[kind]]
        self._presses = dict.fromkeys(BUTTONS if driver == "gamepad" else ("left", "right", "switch"), 0)

    @property
    def key(self) -> str:
        return device_key(self.found)

    def push(self, *linear: float, arm: int = 0, angular: tuple[float, ...] = (0.0, 0.0, 0.0)) -> None:
        self._arms[arm] = replace(self._arms[arm], linear=np.array(linear), angular=np.array(angular))

    def move(self, *position: float, arm: int = 0) -> None:
        self._arms[arm] = replace(self._arms[arm], position=np.array(position))

    def let_go(self) -> None:
        self._arms = [STILL[self.kind], STILL[self.kind]]

    def press(self, button: str) -> None:
        self._presses = {**self._presses, button: self._presses.get(button, 0) + 1}

    def reading(self, hands: int) -> DeviceReading:
        right = self._arms[1] if hands == 2 else None
        return DeviceReading("", self.kind, time.monotonic(), left=self._arms[0], right=right, presses=self._presses)


class VirtualReader(Reader):
    """The device as a driver makes it."""

    def __init__(self, one: VirtualDevice, hands: int) -> None:
        self.one, self.hands = one, hands
        if one.kind == "position":
            self.clutch = Clutch("held")
        super().__init__(one.key, one.kind, self._opened)

    def rumble(self, strength: float, seconds: float) -> None:
        self.one.rumbled.append(strength)

    def _opened(self) -> "VirtualSource":
        if not self.one.plugged:
            raise DeviceLost(f"{self.one.found.words} is not plugged in.")
        if self.one.refusal:
            raise DeviceLost(self.one.refusal)
        self.one.opened += 1
        return VirtualSource(self.one, self.hands, getattr(self, "clutch", Clutch()))


class VirtualSource:
    """A sample every 2 ms until the device is pulled."""

    def __init__(self, one: VirtualDevice, hands: int, clutch: Clutch) -> None:
        self._one, self._hands, self._clutch = one, hands, clutch

    def poll(self, timeout: float) -> DeviceReading | None:
        time.sleep(0.002)
        if not self._one.plugged:
            raise DeviceLost(f"{self._one.found.words} was unplugged. Plug it in again.")
        reading = self._one.reading(self._hands)
        if self._one.kind == "rate" or reading.left is None:
            return reading
        hand = reading.left
        assert hand.position is not None
        assert hand.orientation is not None
        return replace(reading, left=replace(hand, clutch=self._clutch.engaged(hand.position, hand.orientation)))

    def close(self) -> None:
        self._one.opened -= 1


class VirtualDriver:
    """Finds what a test has plugged in."""

    def __init__(self, *devices: VirtualDevice) -> None:
        self.devices = list(devices)

    def find(self) -> list[Discovered]:
        return sorted((one.found for one in self.devices if one.plugged), key=lambda found: found.key)

    def device(self, found: Discovered) -> VirtualReader:
        one = next(one for one in self.devices if one.found.key == found.key)
        return VirtualReader(one, found.hands)


def drivers_of(*devices: VirtualDevice) -> dict[str, VirtualDriver]:
    """A driver per kind; what is appended to `.devices` later is plugged in later."""
    kinds = dict.fromkeys(one.found.driver for one in devices)
    return {kind: VirtualDriver(*(one for one in devices if one.found.driver == kind)) for kind in kinds}


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)
