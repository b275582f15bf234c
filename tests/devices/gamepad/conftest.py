from collections.abc import Callable, Iterator

import pytest

from benchmarks.emulated.virtual_pad import VirtualPad
from devices import drivers
from devices.gamepad.driver import GamepadDriver
from tests.devices.virtual import until


@pytest.fixture
def driver() -> Iterator[GamepadDriver]:
    driver = drivers().load("gamepad")()
    driver.find()
    yield driver
    driver.close()


@pytest.fixture
def plugged(driver: GamepadDriver) -> Iterator[Callable[..., VirtualPad]]:
    """Makes pads that the driver sees by the time it returns."""
    pads: list[VirtualPad] = []

    def make(name: str = "Test pad", **options: int) -> VirtualPad:
        before = len(driver.find())
        pads.append(VirtualPad(name, **options))
        until(lambda: len(driver.find()) == before + 1)
        return pads[-1]

    yield make
    for pad in pads:
        pad.unplug()
