"""Leader arms as devices, over the emulated cables: contract, loss in mid-motion, replug, and a correction."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from benchmarks.emulated.servo_bus import ServoBusEmulator
from core.action import GRIPPER, POSITION, ROTATION, arm_slice
from core.control import ControlConfig, command, reanchored, start
from core.errors import DeviceLost
from core.reading import Device, DeviceReading
from core.task import Scene
from devices.discovery import Discovered
from devices.leader import arm as arm_module
from devices.leader.arm import Leader
from devices.leader.calibration import RADIANS, MotorCalibration, save_calibration
from devices.leader.driver import Dynamixel, LeaderDriver, So101
from devices.leader.kinematics import Kinematics
from devices.leader.settings import PortSettings, calibration_file, save_leader
from devices.leader.table import arm_table
from models.tasks.toy.world import HOME, LIMITS, ToyWorld
from tests.contracts.device_contract import DeviceContract
from tests.devices.leader.conftest import PlugIn, until

MIDDLE = 2047
DRIVERS = {"so101": So101, "koch": Dynamixel, "wx250s": Dynamixel, "gello_ur5e": Dynamixel}


def calibrated(folder: Path, key: str, arm: str) -> None:
    """A calibration without offsets, as after the steps with every horn in the middle."""
    table = arm_table(arm)
    motors = {name: MotorCalibration(motor, 0, 0, 647, 3447) for name, motor in table.motors.items()}
    save_calibration(calibration_file(folder, key, table.name), motors)


def set_up(cable: ServoBusEmulator, folder: Path, arm: str = "so101", **settings: object) -> Leader:
    """A leader on an emulated cable, as the driver makes it."""
    key = str(cable.link)
    calibrated(folder, key, arm)
    save_leader(folder, key, PortSettings(arm, **settings))  # type: ignore[arg-type]
    driver: LeaderDriver = DRIVERS[arm](folder, ports=list)
    (found,) = [one for one in driver.find() if one.key == key]
    device = driver.device(found)
    assert isinstance(device, Leader)
    return device


def moved_to(device: Device, condition: Callable[[DeviceReading], bool]) -> DeviceReading:
    newest: list[DeviceReading] = []

    def there() -> bool:
        reading = device.read()
        if reading is not None and condition(reading):
            newest.append(reading)
        return bool(newest)

    until(there)
    return newest[0]


class LeaderContract(DeviceContract):
    arm: str
    kind: str
    ids: tuple[int, ...]
    zero = MIDDLE

    @pytest.fixture
    def device(self, plug_in: PlugIn, tmp_path: Path) -> Iterator[Device]:
        self.cable = plug_in(self.kind, self.ids)
        self.cable.place(dict.fromkeys(self.ids, self.zero))
        device = set_up(self.cable, tmp_path, self.arm)
        device.connect()
        yield device
        device.disconnect()

    def move(self, device: Device) -> None:
        before = self.reading(device).left.position
        self.cable.place({self.ids[1]: self.zero + 200})
        moved_to(device, lambda reading: not np.allclose(reading.left.position, before))

    def test_it_moves_as_its_model_says(self, device: Device) -> None:
        table = arm_table(self.arm)
        kinematics = Kinematics(table)
        home = np.array([joint.pose if joint.zero == "pose" else 0.0 for joint in table.joints])
        self.cable.place({table.joints[0].id: self.zero + 300})
        turned = home.copy()
        turned[0] += table.joints[0].sign * 300 * RADIANS
        wanted = kinematics.pose(turned)[0] - kinematics.pose(home)[0]
        reading = moved_to(device, lambda reading: np.linalg.norm(reading.left.position) > 0.05)
        assert np.allclose(reading.left.position, wanted, atol=1e-9)
        assert reading.right is None

    def test_one_bad_answer_is_not_a_loss_and_never_a_value(self, device: Device) -> None:
        before, frames = self.reading(device), self.cable.frames
        self.cable.corrupt[self.ids[2]] = 1
        until(lambda: self.cable.frames > frames + 3)
        assert device.connected
        after = moved_to(device, lambda reading: reading.time > before.time)
        assert np.array_equal(after.left.position, before.left.position)

    def test_a_dead_motor_is_a_loss_and_named(self, device: Device) -> None:
        self.cable.dead.add(self.ids[2])
        until(lambda: not device.connected)
        assert device.read() is None
        assert f"Motor {self.ids[2]} ({arm_table(self.arm).joints[2].name})" in device.why

    def test_answers_that_stay_corrupt_are_a_loss(self, device: Device) -> None:
        self.cable.corrupt[self.ids[0]] = 10**9
        until(lambda: not device.connected)
        assert f"Motor {self.ids[0]}" in device.why

    def test_pulled_in_mid_motion_and_plugged_in_again(self, device: Device) -> None:
        self.move(device)
        epoch = self.reading(device).epoch
        self.cable.pull()
        until(lambda: not device.connected)
        assert device.read() is None
        assert "Plug its USB cable in again" in device.why
        with pytest.raises(DeviceLost, match="Plug the leader arm's USB cable in"):
            device.connect()
        self.cable.plug_in()
        device.connect()
        assert device.connected
        assert self.reading(device).epoch > epoch
        assert not self.reading(device).left.position.any()  # since connect


class TestSo101(LeaderContract):
    arm, kind, ids = "so101", "feetech", (1, 2, 3, 4, 5, 6)


class TestKoch(LeaderContract):
    arm, kind, ids = "koch", "dynamixel", (1, 2, 3, 4, 5, 6)


class TestWx250s(LeaderContract):
    arm, kind, ids = "wx250s", "dynamixel", (1, 2, 4, 6, 7, 8, 9)
    zero = 2048


class TestGelloUr5e(LeaderContract):
    arm, kind, ids = "gello_ur5e", "dynamixel", (1, 2, 3, 4, 5, 6, 7)


def test_two_leaders_at_once(plug_in: PlugIn, tmp_path: Path) -> None:
    left, right = plug_in("feetech", name="left"), plug_in("dynamixel", name="right")
    for cable in (left, right):
        cable.place(dict.fromkeys(range(1, 7), MIDDLE))
    devices = [set_up(left, tmp_path), set_up(right, tmp_path, "koch")]
    for device in devices:
        device.connect()
    left.place({1: MIDDLE + 100})
    reading = moved_to(devices[0], lambda reading: bool(reading.left.position.any()))
    assert reading.left.position[1] < 0
    assert not devices[1].read().left.position.any()
    right.pull()
    until(lambda: not devices[1].connected)
    frames = left.frames
    until(lambda: left.frames > frames + 5)
    assert devices[0].connected
    assert devices[0].name != devices[1].name
    for device in devices:
        device.disconnect()


def test_the_trigger_is_the_gripper(plug_in: PlugIn, tmp_path: Path) -> None:
    cable = plug_in()
    cable.place(dict.fromkeys(range(1, 7), MIDDLE))
    device = set_up(cable, tmp_path)
    device.connect()
    assert device.read().left.gripper == pytest.approx(0.5)
    for ticks, opening in ((647, 0.0), (3447, 1.0), (1347, 0.25), (200, 0.0)):
        cable.place({6: ticks})
        moved_to(device, lambda reading, opening=opening: np.isclose(reading.left.gripper, opening))
    device.disconnect()


def test_offsets_in_the_motors_do_not_move_the_hand(plug_in: PlugIn, tmp_path: Path) -> None:
    """LeRobot writes the homing offset into the motor; the same arm gives the same angles before and after."""
    cable = plug_in()
    cable.hold(1, 500)
    cable.place({1: (MIDDLE + 300 - 500) % 4096} | dict.fromkeys(range(2, 7), MIDDLE))
    device = set_up(cable, tmp_path)
    device.connect()
    cable.place({1: MIDDLE - 500})
    kinematics = Kinematics(arm_table("so101"))
    wanted = kinematics.pose(np.zeros(5))[0] - kinematics.pose(np.array([300 * RADIANS, 0, 0, 0, 0]))[0]
    reading = moved_to(device, lambda reading: bool(reading.left.position.any()))
    assert np.allclose(reading.left.position, wanted, atol=1e-9)
    device.disconnect()


def test_joints_that_the_operator_turned(plug_in: PlugIn, tmp_path: Path) -> None:
    cable = plug_in()
    cable.place(dict.fromkeys(range(1, 7), MIDDLE))
    device = set_up(cable, tmp_path, turned=("shoulder_pan",))
    device.connect()
    cable.place({1: MIDDLE + 200})
    assert moved_to(device, lambda reading: bool(reading.left.position.any())).left.position[1] > 0
    device.disconnect()


def test_the_motion_clutch_waits_after_a_take_over(plug_in: PlugIn, tmp_path: Path) -> None:
    cable = plug_in()
    cable.place(dict.fromkeys(range(1, 7), MIDDLE))
    device = set_up(cable, tmp_path, clutch="motion")
    device.connect()
    assert not device.read().left.clutch
    cable.place({1: MIDDLE + 200})
    moved_to(device, lambda reading: reading.left.clutch)
    device.clutch.take_over()
    moved_to(device, lambda reading: not reading.left.clutch)
    cable.place({1: MIDDLE})
    moved_to(device, lambda reading: reading.left.clutch)
    device.disconnect()


def test_an_arm_without_calibration_is_reported(plug_in: PlugIn, tmp_path: Path) -> None:
    cable = plug_in()
    device = So101(tmp_path, ports=list).device(Discovered("so101", str(cable.link), "SO-101", 1))
    with pytest.raises(DeviceLost, match="is not calibrated"):
        device.connect()


def test_a_motor_whose_direction_changed_since_the_calibration(plug_in: PlugIn, tmp_path: Path) -> None:
    cable = plug_in("dynamixel")
    cable.registers[3][10] = 1
    with pytest.raises(DeviceLost, match=r"Motor 3 \(elbow_flex\).*counts backwards.*Calibrate"):
        set_up(cable, tmp_path, "koch").connect()


def test_the_bus_is_not_spun_upon(plug_in: PlugIn, tmp_path: Path) -> None:
    """A frame every PERIOD and no more, whatever the cable could give."""
    cable = plug_in()
    device = set_up(cable, tmp_path)
    device.connect()
    first, began = cable.frames, time.monotonic()
    until(lambda: cable.frames >= first + 20)
    assert cable.frames - first <= (time.monotonic() - began) / arm_module.PERIOD + 2
    device.disconnect()


ABOVE = HOME.copy()
ABOVE[[2, 9]] = 0.1
UNHURRIED = ControlConfig(max_linear_speed=10.0, max_angular_speed=30.0)


def anywhere(plug_in: PlugIn, folder: Path, random: np.random.Generator) -> tuple[ServoBusEmulator, Leader]:
    """A connected SO-101 in any pose."""
    cable = plug_in()
    cable.place({motor: int(random.integers(MIDDLE - 500, MIDDLE + 500)) for motor in range(1, 7)})
    device = set_up(cable, folder)
    device.connect()
    return cable, device


def nudged(cable: ServoBusEmulator, device: Leader, random: np.random.Generator) -> DeviceReading:
    """The reading after every motor was turned a little by the hand."""
    cable.place({motor: cable.ticks(motor) + int(random.integers(-6, 7)) for motor in range(1, 7)})
    placed = time.monotonic()
    return moved_to(device, lambda reading: reading.time > placed + 2 * arm_module.PERIOD)


@pytest.mark.parametrize("seed", range(5))
def test_a_correction_does_not_jump_whatever_pose_the_leader_starts_in(
    plug_in: PlugIn, tmp_path: Path, seed: int
) -> None:
    """From the take-over on in the toy world: the tool goes where the hand goes, from where it was."""
    random, world, left = np.random.default_rng(seed), ToyWorld(), arm_slice(0)
    cable, device = anywhere(plug_in, tmp_path, random)
    (state,) = world.reset([Scene("toy", 0, {"block": np.array([0.5, 0.2])})], [0])
    origin = device.read()
    taken = command(origin, start(ABOVE, LIMITS), UNHURRIED, LIMITS, world.spec.dt)
    assert np.array_equal(taken.action, ABOVE)
    assert taken.idle
    control, reading = taken.state, origin
    for step in range(8):
        reading = nudged(cable, device, random)
        out = command(reading, control, UNHURRIED, LIMITS, world.spec.dt)
        assert np.linalg.norm(out.delta.translation[0]) < 0.02
        assert not out.limit_hits[0]
        control = out.state
        (state,), _ = world.step([state], out.action[None, None], [step])
    device.disconnect()
    moved = reading.left.position - origin.left.position
    turned = Rotation.from_quat(reading.left.orientation) * Rotation.from_quat(origin.left.orientation).inv()
    assert np.linalg.norm(moved) > 1e-3
    assert np.allclose(control.target[left][POSITION], ABOVE[left][POSITION] + moved, atol=1e-6)
    assert np.allclose(control.target[left][ROTATION], turned.as_rotvec(), atol=1e-6)
    assert np.array_equal(control.target[arm_slice(1)], ABOVE[arm_slice(1)].astype(np.float64))
    assert np.allclose(state.ee[left][POSITION], control.target[left][POSITION], atol=0.02)  # the hand lags


def test_a_leader_that_is_laid_down_in_a_pause_counts_for_nothing(plug_in: PlugIn, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    cable, device = anywhere(plug_in, tmp_path, random)
    control = command(device.read(), start(ABOVE, LIMITS), UNHURRIED, LIMITS, 0.1).state
    control = reanchored(command(nudged(cable, device, random), control, UNHURRIED, LIMITS, 0.1).state)
    cable.place(dict.fromkeys(range(1, 7), MIDDLE - 300))
    laid = nudged(cable, device, random)
    device.disconnect()
    after = command(laid, control, UNHURRIED, LIMITS, 0.1)
    assert not after.delta.translation.any()
    assert not after.delta.rotation.any()
    assert np.array_equal(after.action, control.target.astype(np.float32))


def test_the_commanded_gripper_holds_until_the_trigger_crosses_it(plug_in: PlugIn, tmp_path: Path) -> None:
    cable = plug_in()
    cable.place(dict.fromkeys(range(1, 7), MIDDLE) | {6: 3447})
    device = set_up(cable, tmp_path)
    device.connect()
    control, commanded = start(ABOVE, LIMITS), []
    for ticks in (3447, 2900, 2400, 1900, 1347):
        cable.place({6: ticks})
        seen = moved_to(device, lambda r, ticks=ticks: np.isclose(r.left.gripper, (ticks - 647) / 2800))
        out = command(seen, control, UNHURRIED, LIMITS, 0.1)
        control = out.state
        commanded.append(float(out.action[GRIPPER]))
    device.disconnect()
    assert commanded[:3] == [0.5, 0.5, 0.5]
    assert commanded[3] == pytest.approx((1900 - 647) / 2800)
    assert commanded[4] == pytest.approx(0.25)
