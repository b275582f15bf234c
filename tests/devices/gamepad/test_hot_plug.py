from collections.abc import Callable

from benchmarks.emulated.virtual_pad import VirtualPad
from devices.gamepad.driver import GamepadDriver
from devices.watcher import Change, DeviceWatcher
from tests.devices.virtual import until


def test_pads_come_and_go_by_themselves(driver: GamepadDriver, plugged: Callable[..., VirtualPad]) -> None:
    told: list[Change] = []
    watcher = DeviceWatcher(told.append, {"gamepad": driver}, every=0.01)
    watcher.start()
    pad = plugged("Hot pad")
    until(lambda: told)
    (found,) = told[0].appeared
    assert found.words == "Gamepad Hot pad"
    device = driver.device(found)
    device.connect()
    pad.unplug()
    until(lambda: len(told) == 2)
    assert told[1].gone == (found,)
    until(lambda: not device.connected)
    pad.plug()
    until(lambda: len(told) == 3)
    assert told[2].appeared == (found,), "the same key as before"
    device.connect()
    device.disconnect()
    watcher.stop()
    assert driver.find() == [], "the watcher let the driver go, and SDL with it"
