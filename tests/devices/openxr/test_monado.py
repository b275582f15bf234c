"""The VR controllers against a real runtime: Monado with scripted hands, no headset."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from core.errors import DeviceLost
from core.reading import Device, DeviceReading
from devices.openxr import thread as module
from devices.openxr.driver import OpenXrDriver, VrControllers
from devices.openxr.session import asked
from devices.openxr.thread import XrThread
from tests.contracts.device_contract import DeviceContract
from tests.monado import Rig, rig_fixture, until

pytestmark = pytest.mark.openxr
rig = rig_fixture()


@pytest.fixture
def xr(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[XrThread]:
    """A thread that has the focus, hands at rest."""
    monkeypatch.setattr(module, "FIRST_RETRY", 0.05)
    monkeypatch.setattr(module, "LAST_RETRY", 0.2)
    rig.rest()
    thread = XrThread()
    thread.start()
    until(lambda: not thread.state.why and all(thread.state.tracked), "focus")
    yield thread
    thread.stop()


@pytest.fixture
def controllers(xr: XrThread) -> Iterator[VrControllers]:
    driver = OpenXrDriver(xr)
    (found,) = driver.find()
    device = driver.device(found)
    device.connect()
    yield device
    device.disconnect()


def reading(device: Device) -> DeviceReading:
    found = device.read()
    assert found is not None
    return found


def settled(device: Device, done: object) -> DeviceReading:
    until(lambda: (now := device.read()) is not None and done(now), "the reading")  # type: ignore[operator]
    return reading(device)


class TestVrControllers(DeviceContract):
    """The promises of every device."""

    @pytest.fixture
    def device(self, controllers: VrControllers, rig: Rig) -> Device:
        rig.hand("left", squeeze=1.0)
        settled(controllers, lambda now: now.left.clutch)
        return controllers

    def move(self, device: Device) -> None:
        service_rig = self._rig
        service_rig.hand("left", position=(-0.1, 1.4, -0.5))
        settled(device, lambda now: now.left.position[2] > 1.39 - 1.6)

    @pytest.fixture(autouse=True)
    def _keep(self, rig: Rig) -> None:
        self._rig = rig

    def test_reading_drains_nothing(self, device: Device) -> None:
        a, b = self.reading(device), self.reading(device)
        assert a.left is not None
        assert b.left is not None
        assert np.allclose(a.left.position, b.left.position, atol=1e-6)  # a newer sample may lie between
        assert dict(a.presses) == dict(b.presses)

    def test_rest_is_exactly_zero(self, device: Device) -> None:
        time.sleep(0.05)
        super().test_rest_is_exactly_zero(device)


def test_which_controllers_are_held_is_known(controllers: VrControllers) -> None:
    assert controllers.used.path == "/interaction_profiles/valve/index_controller"
    assert controllers.kind_words == "Index controllers"


def test_the_grip_pose_is_that_of_the_robot(controllers: VrControllers, rig: Rig) -> None:
    """Right-handed quarter turn about OpenXR's up is one about the base's up."""
    before = reading(controllers)
    half = np.sqrt(0.5)
    rig.hand("right", position=(0.3, 1.5, -0.6), orientation=(0.0, half, 0.0, half))
    after = settled(controllers, lambda now: abs(now.right.orientation[3] - half) < 1e-3)
    assert before.right is not None
    assert after.right is not None
    assert np.allclose(after.right.position - before.right.position, [0.2, -0.1, 0.2], atol=1e-4)
    assert np.allclose(after.right.orientation, [0.0, 0.0, half, half], atol=1e-4)


def test_buttons_stick_and_gripper(controllers: VrControllers, rig: Rig) -> None:
    rig.hand("right", pressed=frozenset({"a", "b"}), trigger=1.0)
    rig.hand("left", stick=(0.0, 1.0), trackpad_force=1.0)
    now = settled(controllers, lambda now: now.presses["left_stick_up"] and now.presses["right_secondary"])
    assert now.right is not None
    assert now.right.gripper == 0.0
    found = {name: count for name, count in now.presses.items() if count}
    assert found == {"right_primary": 1, "right_secondary": 1, "left_stick_up": 1, "left_menu": 1}


def test_haptics_are_accepted(controllers: VrControllers, xr: XrThread) -> None:
    controllers.rumble(0.5, 0.1)
    controllers.rumble(0.0, 0.0)
    until(xr._rumbles.empty, "the rumble")
    assert controllers.connected


def test_one_hand_out_of_sight_comes_back_in_another_epoch(controllers: VrControllers, rig: Rig) -> None:
    before = reading(controllers)
    rig.hand("left", active=False)
    lost = settled(controllers, lambda now: not now.left.valid)
    assert lost.right is not None
    assert lost.right.valid
    rig.hand("left", active=True)
    back = settled(controllers, lambda now: now.left.valid)
    assert back.epoch != before.epoch


def test_an_empty_battery_of_a_hand_that_drove_is_a_loss_with_words(controllers: VrControllers, rig: Rig) -> None:
    rig.hand("left", squeeze=1.0)
    settled(controllers, lambda now: now.left.clutch)
    rig.hand("left", active=False)
    until(lambda: not controllers.connected, "the loss")
    assert "left VR controller is gone" in controllers.why
    assert controllers.read() is None
    until(lambda: connects(controllers), "going on with one hand")
    now = settled(controllers, lambda now: now.right.valid)
    assert now.left is not None
    assert not now.left.valid


def connects(device: Device) -> bool:
    try:
        device.connect()
    except DeviceLost:
        return False
    return True


def test_a_runtime_that_is_killed_is_a_loss_and_comes_back_by_itself(
    controllers: VrControllers, rig: Rig, xr: XrThread
) -> None:
    epoch = reading(controllers).epoch
    rig.kill()
    until(lambda: not controllers.connected, "the loss")
    assert "Monado ended or crashed" in controllers.why
    with pytest.raises(DeviceLost):
        controllers.connect()
    assert OpenXrDriver(xr).find()  # still known: it is lost, not unplugged
    rig.revive()
    until(lambda: connects(controllers), "coming back", 60.0)
    assert reading(controllers).epoch != epoch


def test_a_session_that_the_runtime_ends_is_begun_again(xr: XrThread, controllers: VrControllers) -> None:
    """STOPPING, IDLE and EXITING, as when the user quits the application in the menu of the headset."""
    xr.ask_to_end()
    until(lambda: not controllers.connected, "the end")
    until(lambda: connects(controllers), "a new session")


def test_starting_does_not_wait_for_the_runtime(rig: Rig) -> None:
    rig.kill()
    thread = XrThread()
    try:
        thread.start()
        until(lambda: "does not answer" in thread.state.why, "words")
        assert OpenXrDriver(thread).find() == []
        assert asked()[2]
    finally:
        thread.stop()
        rig.revive()
    assert asked() == ("Monado", "Monado: Remote HMD", "")
