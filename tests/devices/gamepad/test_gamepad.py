import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.emulated.virtual_pad import UNKNOWN, WHEEL, VirtualPad
from core.action import ActionLimits
from core.control import ControlConfig, command, start
from core.errors import DeviceLost, MissingPackage
from core.reading import ArmReading, DeviceReading
from devices.gamepad.check import check
from devices.gamepad.driver import GamepadDriver
from devices.gamepad.pad import Gamepad
from tests.contracts.device_contract import DeviceContract
from tests.devices.virtual import until

Plugged = Callable[..., VirtualPad]
ROOT = Path(__file__).resolve().parents[3]


def opened(driver: GamepadDriver, at: int = 0, hands: int = 2) -> Gamepad:
    device = driver.device(replace(driver.find()[at], hands=hands))
    device.connect()
    return device


def newest(device: Gamepad) -> DeviceReading:
    reading = device.read()
    assert reading is not None
    return reading


def left(device: Gamepad) -> ArmReading:
    hand = newest(device).left
    assert hand is not None
    return hand


def right(device: Gamepad) -> ArmReading:
    hand = newest(device).right
    assert hand is not None
    return hand


class TestGamepad(DeviceContract):
    @pytest.fixture
    def device(self, driver: GamepadDriver, plugged: Plugged) -> Iterator[Gamepad]:
        self.pad = plugged()
        device = opened(driver)
        yield device
        device.disconnect()

    def move(self, device: Gamepad) -> None:
        self.pad.push(left_y=-1.0)
        until(lambda: left(device).linear.any())

    def test_unplugging_in_mid_motion_ends_the_motion_and_a_replug_mends_it(
        self, device: Gamepad, driver: GamepadDriver
    ) -> None:
        self.move(device)
        key, epoch = driver.find()[0].key, newest(device).epoch
        self.pad.unplug()
        until(lambda: not device.connected)
        assert device.read() is None
        assert "Test pad was unplugged" in device.why
        until(lambda: driver.find() == [])
        with pytest.raises(DeviceLost, match="not plugged in"):
            device.connect()
        self.pad.plug()
        until(lambda: driver.find() != [])
        assert driver.find()[0].key == key
        device.connect()
        assert newest(device).epoch != epoch
        assert not left(device).linear.any()
        self.move(device)

    def test_a_loss_stops_the_arm_in_the_next_step(self, device: Gamepad) -> None:
        limits = ActionLimits(np.full(14, -1, np.float32), np.full(14, 1, np.float32))
        self.move(device)
        moving = command(device.read(), start(np.zeros(14, np.float32), limits), ControlConfig(), limits, 0.1)
        self.pad.unplug()
        until(lambda: not device.connected)
        after = command(device.read(), moving.state, ControlConfig(), limits, 0.1)
        assert not after.delta.translation.any()
        assert np.array_equal(after.action, moving.action)

    def test_presses_are_counted_however_short(self, device: Gamepad) -> None:
        for _ in range(3):
            for act in (self.pad.press, self.pad.release):
                act("a", "dpad_left")
                before = newest(device).time
                until(lambda: newest(device).time > before)  # noqa: B023
        until(lambda: newest(device).presses["a"] == 3)
        assert newest(device).presses["dpad_left"] == 3
        assert newest(device).presses["b"] == 0

    def test_it_rumbles_and_stops_by_itself(self, device: Gamepad) -> None:
        device.rumble(0.5, 0.05)
        until(lambda: len(self.pad.rumbled) == 2)
        assert self.pad.rumbled == [(32767, 32767), (0, 0)]
        device.rumble(3.0, 60.0)
        until(lambda: len(self.pad.rumbled) == 3)
        assert self.pad.rumbled[-1] == (65535, 65535)
        device.rumble(0.0, 0.0)
        until(lambda: len(self.pad.rumbled) == 4)
        assert self.pad.rumbled[-1] == (0, 0)
        device.disconnect()
        device.rumble(1.0, 1.0)

    def test_a_pad_is_opened_once(self, device: Gamepad, driver: GamepadDriver) -> None:
        with pytest.raises(DeviceLost, match="already in use"):
            opened(driver)
        assert device.connected

    def test_a_trigger_gives_no_value_before_it_is_touched_and_is_open_at_rest(self, device: Gamepad) -> None:
        assert left(device).gripper is None
        self.pad.push(left_trigger=0.25)
        until(lambda: left(device).gripper is not None)
        assert left(device).gripper == pytest.approx(0.75, abs=1e-3)
        assert right(device).gripper is None
        self.pad.push(left_trigger=0.0)
        until(lambda: left(device).gripper == 1.0)


MOVES = [
    ("left_y", -1, (), 0, (1, 0, 0), (0, 0, 0)),
    ("left_x", -1, (), 0, (0, 1, 0), (0, 0, 0)),
    ("left_y", -1, ("left_shoulder",), 0, (0, 0, 1), (0, 0, 0)),
    ("left_x", -1, ("left_shoulder",), 0, (0, 0, 0), (0, 0, 1)),
    ("left_y", -1, ("left_stick",), 0, (0, 0, 0), (0, 1, 0)),
    ("left_x", -1, ("left_stick", "left_shoulder"), 0, (0, 0, 0), (-1, 0, 0)),
    ("right_y", 1, (), 1, (-1, 0, 0), (0, 0, 0)),
    ("right_x", 1, (), 1, (0, -1, 0), (0, 0, 0)),
    ("right_y", 1, ("right_shoulder",), 1, (0, 0, -1), (0, 0, 0)),
    ("right_x", 1, ("right_shoulder",), 1, (0, 0, 0), (0, 0, -1)),
    ("right_y", 1, ("right_stick",), 1, (0, 0, 0), (0, -1, 0)),
    ("right_x", 1, ("right_stick",), 1, (0, 0, 0), (1, 0, 0)),
]
"""The table of docs/devices.md, one pad for both hands."""


def test_one_pad_drives_both_hands(driver: GamepadDriver, plugged: Plugged) -> None:
    pad, device = plugged(), opened(driver)
    for axis, way, buttons, arm, linear, angular in MOVES:
        pad.press(*buttons)
        pad.push(**{axis: way})

        def there(arm: int = arm, linear: object = linear, angular: object = angular) -> bool:
            hands, other = (left(device), right(device)), (right(device), left(device))[arm]
            still = not other.linear.any() and not other.angular.any()
            mine = np.array_equal(hands[arm].linear, linear) and np.array_equal(hands[arm].angular, angular)
            return still and mine

        until(there)
        pad.push(**{axis: 0})
        pad.release(*buttons)
        until(lambda: not any(hand.linear.any() or hand.angular.any() for hand in (left(device), right(device))))
    device.disconnect()


def test_a_whole_pad_is_one_hand(driver: GamepadDriver, plugged: Plugged) -> None:
    pad, device = plugged(), opened(driver, hands=1)
    assert newest(device).right is None
    pad.push(left_x=-0.5, left_y=-1.0, right_x=-1.0, right_y=-1.0, right_trigger=1.0)
    until(lambda: left(device).gripper == 0.0)
    assert np.allclose(left(device).linear, [1.0, 0.5, 1.0], atol=1e-4)
    assert np.allclose(left(device).angular, [0.0, 0.0, 1.0])
    pad.press("left_shoulder")
    until(lambda: left(device).angular[1] == 1.0)
    assert np.allclose(left(device).linear, [0.0, 0.0, 1.0])
    device.disconnect()


def test_two_pads_of_one_kind_are_distinguished_and_keep_their_keys(driver: GamepadDriver, plugged: Plugged) -> None:
    one, two = plugged("Twin"), plugged("Twin")
    keys = [found.key for found in driver.find()]
    assert len(set(keys)) == 2
    first, second = opened(driver, 0, hands=1), opened(driver, 1, hands=1)
    one.push(left_y=-1.0)
    two.push(left_y=1.0)
    until(lambda: left(first).linear[0] == 1.0 and left(second).linear[0] == -1.0)
    one.unplug()
    until(lambda: not first.connected)
    assert left(second).linear[0] == -1.0, "the other one goes on"
    one.plug()
    until(lambda: len(driver.find()) == 2)
    assert [found.key for found in driver.find()] == keys
    first.connect()
    one.push(left_y=-0.5)
    until(lambda: left(first).linear[0] > 0.4)
    for device in (first, second):
        device.disconnect()


def test_names_are_shown_and_other_joysticks_ignored(driver: GamepadDriver, plugged: Plugged) -> None:
    wheel = VirtualPad("Wheel", product=0x9999, kind=WHEEL)
    plugged("Pad of the shop", product=0x7777)
    (found,) = driver.find()
    assert found.words == "Gamepad Pad of the shop"
    assert (found.driver, found.hands) == ("gamepad", 2)
    wheel.unplug()


def test_a_pad_without_a_layout_is_named_with_the_fix_until_it_is_unplugged(
    driver: GamepadDriver, plugged: Plugged
) -> None:
    plugged("Known pad")
    unknown = VirtualPad("Strange pad", product=0x7777, kind=UNKNOWN)
    until(lambda: driver.unusable)
    (words,) = driver.unusable
    assert words.startswith("Strange pad is plugged in, but SDL knows no layout for it (GUID ")
    assert "SDL_GAMECONTROLLERCONFIG" in words
    found = check()
    assert (found.state, "Known pad" in found.words, "Strange pad" in found.words) == ("optional", True, True)
    assert "SDL_GAMECONTROLLERCONFIG" in found.cure
    unknown.unplug()
    until(lambda: not driver.unusable)


STRANGE = """
from devices.gamepad.driver import GamepadDriver
from benchmarks.emulated.virtual_pad import UNKNOWN, VirtualPad
from tests.devices.virtual import until
driver = GamepadDriver()
driver.find()
pad = VirtualPad("Strange pad", product=0x7777, kind=UNKNOWN)
until(lambda: driver.find() or driver.unusable)
print(*driver.unusable, *(found.words for found in driver.find()))
pad.unplug()
driver.close()
"""


def test_the_fix_for_a_pad_without_a_layout_works() -> None:
    def said(**more: str) -> str:
        found = subprocess.run(
            [sys.executable, "-c", STRANGE],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=True, env={**os.environ, **more},
        )  # fmt: skip
        return found.stdout.strip()

    guid = said().partition("(GUID ")[2].partition(")")[0]
    line = f"{guid},Strange pad,a:b0,b:b1,leftx:a0,lefty:a1,platform:Linux,"
    assert said(SDL_GAMECONTROLLERCONFIG=line) == "Gamepad Strange pad"


def test_the_sdl_thread_runs_as_long_as_it_is_used(driver: GamepadDriver, plugged: Plugged) -> None:
    plugged()
    device = opened(driver)
    driver.close()
    assert device.read() is not None
    device.disconnect()
    assert not any(thread.name.startswith(("gamepads", "device gamepad")) for thread in threading.enumerate())
    driver.close()
    assert driver.find() == [], "SDL starts again, the pads of the test are gone with it"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_of_sdl_is_a_loss_and_the_next_look_starts_it_again(
    driver: GamepadDriver, plugged: Plugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    device = opened(driver)

    def torn(*_: object) -> None:
        raise RuntimeError("torn")

    with monkeypatch.context() as patch:
        patch.setattr("devices.gamepad.pads.Present.look", torn)
        other = VirtualPad("Second pad")
        until(lambda: not device.connected)
    assert "SDL failed: torn" in device.why
    other.unplug()
    until(lambda: not any(thread.name == "gamepads" for thread in threading.enumerate()))
    assert driver.find() == []
    plugged()
    again = opened(driver)
    assert again.read() is not None
    again.disconnect()


def test_pygame_that_does_not_load_is_reported_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygame", None)
    with pytest.raises(MissingPackage, match="make env"):
        GamepadDriver().find()
    assert not any(thread.name == "gamepads" for thread in threading.enumerate())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells which signals are caught")
def test_signals_stay_ours() -> None:
    def caught() -> str:
        text = Path("/proc/self/status").read_text(encoding="ascii")
        return next(line for line in text.splitlines() if line.startswith("SigCgt"))

    before = caught()
    driver = GamepadDriver()
    driver.find()
    assert caught() == before
    driver.close()
