import numpy as np
import pytest

from core.reading import ArmReading, Device, DeviceReading
from devices.keyboard.device import MOTIONS, PRECISION, PRECISION_KEY, Keyboard
from tests.contracts.device_contract import DeviceContract
from tests.devices.scripted import Scripted, at_rest


class TestKeyboard(DeviceContract):
    @pytest.fixture
    def device(self) -> Device:
        keyboard = Keyboard()
        keyboard.connect()
        return keyboard

    def move(self, device: Device) -> None:
        assert isinstance(device, Keyboard)
        device.press("w")


class TestScripted(DeviceContract):
    @pytest.fixture
    def device(self) -> Device:
        scripted = Scripted()
        scripted.connect()
        return scripted

    def move(self, device: Device) -> None:
        assert isinstance(device, Scripted)
        hand = ArmReading(position=np.array([0.01, 0.0, 0.0]), orientation=np.array([0.0, 0.0, 0.0, 1.0]))
        device.put(DeviceReading("", "position", 0.0, left=hand, right=hand))


class TestScriptedRate(DeviceContract):
    @pytest.fixture
    def device(self) -> Device:
        scripted = Scripted(name="stick", kind="rate")
        scripted.connect()
        return scripted

    def move(self, device: Device) -> None:
        assert isinstance(device, Scripted)
        device.put(DeviceReading("", "rate", 0.0, left=ArmReading(linear=np.ones(3), angular=np.zeros(3))))


@pytest.fixture
def keyboard() -> Keyboard:
    keyboard = Keyboard()
    keyboard.connect()
    return keyboard


@pytest.mark.parametrize(
    ("key", "arm", "linear", "yaw", "gripper"),
    [
        ("w", 0, (1, 0, 0), 0, 0), ("s", 0, (-1, 0, 0), 0, 0), ("a", 0, (0, 1, 0), 0, 0), ("d", 0, (0, -1, 0), 0, 0),
        ("e", 0, (0, 0, 1), 0, 0), ("q", 0, (0, 0, -1), 0, 0), ("r", 0, (0, 0, 0), 0, 1), ("f", 0, (0, 0, 0), 0, -1),
        ("z", 0, (0, 0, 0), 1, 0), ("x", 0, (0, 0, 0), -1, 0),
        ("i", 1, (1, 0, 0), 0, 0), ("k", 1, (-1, 0, 0), 0, 0), ("j", 1, (0, 1, 0), 0, 0), ("l", 1, (0, -1, 0), 0, 0),
        ("u", 1, (0, 0, 1), 0, 0), ("o", 1, (0, 0, -1), 0, 0), ("y", 1, (0, 0, 0), 0, 1), ("h", 1, (0, 0, 0), 0, -1),
        ("n", 1, (0, 0, 0), 1, 0), ("m", 1, (0, 0, 0), -1, 0),
    ],
)  # fmt: skip
def test_every_key_moves_one_arm_along_one_axis(
    keyboard: Keyboard, key: str, arm: int, linear: tuple[int, ...], yaw: int, gripper: int
) -> None:
    keyboard.press(key)
    reading = keyboard.read()
    assert reading is not None
    for index in (0, 1):
        hand = reading.arm(index)
        assert hand is not None
        mine = index == arm
        assert np.array_equal(hand.linear, np.array(linear, float) * mine)
        assert np.array_equal(hand.angular, [0, 0, yaw * mine])
        assert hand.gripper_rate == gripper * mine


def test_the_table_above_is_all_of_them() -> None:
    assert len(MOTIONS) == 20
    assert PRECISION_KEY not in MOTIONS
    assert Keyboard.keys == set(MOTIONS) | {PRECISION_KEY}
    assert len({(m.arm, m.axis, m.sign) for m in MOTIONS.values()}) == 20


def test_opposite_keys_cancel_shift_is_fine_and_letting_go_stops(keyboard: Keyboard) -> None:
    for key in ("W", "s", "shift", "a", "unknown"):
        keyboard.press(key)
    reading = keyboard.read()
    assert reading is not None
    assert reading.left is not None
    assert np.array_equal(reading.left.linear, [0, PRECISION, 0])
    keyboard.release("a")
    keyboard.press("e")
    keyboard.release_all()
    reading = keyboard.read()
    assert reading is not None
    assert reading.left is not None
    assert not reading.left.linear.any()


def test_a_script_stays_on_its_last_reading() -> None:
    hand = ArmReading(position=np.ones(3))
    scripted = Scripted([at_rest(), DeviceReading("x", "position", 0.0, left=hand)])
    assert scripted.read() is None
    scripted.connect()
    assert not scripted.finished
    for _ in range(3):
        scripted.advance()
    assert scripted.finished
    reading = scripted.read()
    assert reading is not None
    assert reading.device == "scripted"
    assert reading.left is hand
