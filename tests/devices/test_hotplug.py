"""Hardware that comes, goes, comes back, is refused, is lent out."""

from collections.abc import Callable, Iterator

import pytest

from devices.hotplug import HotplugDevices
from tests.devices.virtual import VirtualDevice, VirtualDriver, drivers_of, until

Look = Callable[..., HotplugDevices]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Iterator[Look]:
    monkeypatch.setattr("devices.hotplug.RETRY", 0.02)
    made: list[HotplugDevices] = []

    def make(*devices: VirtualDevice) -> HotplugDevices:
        made.append(HotplugDevices(drivers_of(*devices), every=0.02))
        made[-1].start()
        return made[-1]

    yield make
    for plugged in made:
        plugged.stop()


def test_what_is_plugged_in_is_open_and_stop_closes_it(look: Look) -> None:
    pad, puck = VirtualDevice(), VirtualDevice("spacemouse", hands=1)
    plugged = look(pad, puck)
    until(lambda: len(plugged.connected()) == 2)
    assert plugged.readings()[pad.key] is not None
    plugged.stop()
    assert (pad.opened, puck.opened) == (0, 0)
    assert not plugged.connected()


def test_unplugging_is_reported_with_the_fix_and_a_replug_is_read_in_a_new_epoch(look: Look) -> None:
    pad = VirtualDevice(words="Xbox pad")
    plugged = look(pad)
    until(lambda: plugged.readings().get(pad.key))
    first = plugged.readings()[pad.key]
    pad.plugged = False
    until(lambda: not plugged.all[pad.key].present)
    assert "Xbox pad is unplugged" in plugged.all[pad.key].why
    assert plugged.readings()[pad.key] is None
    pad.plugged = True
    until(lambda: plugged.readings()[pad.key])
    again = plugged.readings()[pad.key]
    assert first is not None
    assert again is not None
    assert again.epoch != first.epoch


def test_a_device_that_fails_while_it_stays_plugged_in_is_opened_again(look: Look) -> None:
    pad = VirtualDevice()
    plugged = look(pad)
    until(plugged.connected)
    pad.refusal, pad.plugged = "No permission to open it.", False
    until(lambda: not plugged.connected())
    pad.plugged = True
    until(lambda: "No permission" in plugged.all[pad.key].why)
    pad.refusal = ""
    until(plugged.connected)
    assert plugged.all[pad.key].why == ""


def test_a_device_gives_one_hand_or_two_as_requested(look: Look) -> None:
    pad, puck = VirtualDevice(), VirtualDevice("spacemouse", hands=1)
    plugged = look(pad, puck)
    until(lambda: len(plugged.connected()) == 2)

    def right() -> bool:
        reading = plugged.readings()[pad.key]
        return reading is not None and reading.right is not None

    assert right()
    plugged.give(pad.key, 1)
    until(lambda: plugged.readings()[pad.key] is not None and not right())
    plugged.give(pad.key, 2)
    until(right)
    plugged.give(puck.key, 2)
    assert plugged.all[puck.key].hands == 1, "it has only one"


def test_a_device_that_is_held_is_closed_until_it_is_released(look: Look) -> None:
    arm = VirtualDevice("so101", hands=1, kind="position")
    plugged = look(arm)
    until(plugged.connected)
    plugged.hold(arm.key)
    assert arm.opened == 0
    plugged.release(arm.key)
    until(plugged.connected)


def test_a_driver_without_its_library_does_not_keep_the_others(look: Look) -> None:
    class Broken(VirtualDriver):
        def find(self) -> list:
            raise RuntimeError("libhidapi is missing")

    pad = VirtualDevice()
    plugged = HotplugDevices({"spacemouse": Broken(), **drivers_of(pad)}, every=0.02)
    plugged.start()
    until(plugged.connected)
    until(lambda: "libhidapi" in plugged.problems.get("spacemouse", ""))
    plugged.stop()
