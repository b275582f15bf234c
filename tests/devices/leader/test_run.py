"""From an arm out of the box to a hand: calibrated over the emulated cable, then used as a device."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.emulated.servo_bus import ServoBusEmulator
from core.errors import BadConfig, DeviceLost
from devices.leader.calibrating import Step, swept_motors
from devices.leader.calibration import RADIANS, load_calibration
from devices.leader.kinematics import Kinematics
from devices.leader.run import CalibrationRun
from devices.leader.settings import PortSettings, load_leaders, save_leader
from devices.leader.table import arm_table
from tests.devices.leader.conftest import PlugIn
from tests.devices.leader.test_arm import DRIVERS, moved_to


def turn(cable: ServoBusEmulator, run: CalibrationRun, motor: int, by: int, encoder: dict[int, int]) -> None:
    """Turn a motor by hand, across the seam where it comes."""
    for _ in range(4):
        encoder[motor] += by // 4
        cable.place({motor: encoder[motor] % 4096})
        assert run.look()


@pytest.mark.parametrize("arm", ["so101", "koch", "gello_ur5e"])
def test_out_of_the_box(plug_in: PlugIn, tmp_path: Path, arm: str) -> None:
    table = arm_table(arm)
    cable = plug_in(table.protocol, tuple(table.motors.values()))
    encoder = dict.fromkeys(table.motors.values(), 3900)
    cable.place(encoder)
    key = str(cable.link)
    with CalibrationRun(key, arm, tmp_path) as run:
        run.look()
        with pytest.raises(BadConfig, match="Not swept yet"):
            run.next()
        for name in swept_motors(table):
            for by in (1000, -2000, 1000):
                turn(cable, run, table.motors[name], by, encoder)
        cable.corrupt[1] = 1
        assert not run.look()
        assert run.look()
        assert min(run.progress.values()) > 100
        assert run.next() is Step.CENTRE
        assert table.centre_pose in run.instruction
        if run.next() is Step.DIRECTIONS:
            for joint in table.joints:
                turn(cable, run, joint.id, 100 if joint.name != "elbow_flex" else -100, encoder)
            run.next()
        assert run.step is Step.FORWARD
        assert "stays at 0 degrees" in run.instruction
        assert run.next() is Step.DONE
        if arm == "koch":
            for joint in table.joints:
                turn(cable, run, joint.id, -100 if joint.name != "elbow_flex" else 100, encoder)
        path = run.save()
    assert load_calibration(path, table).keys() == table.motors.keys()
    turned = load_leaders(tmp_path).ports[key].turned
    assert turned == (("elbow_flex",) if arm == "koch" else ())

    driver = DRIVERS[arm](tmp_path, ports=list)
    (found,) = driver.find()
    device = driver.device(found)
    device.connect()
    cable.place({joint.id: (encoder[joint.id] + 100) % 4096 for joint in table.joints})
    home = np.array([joint.pose for joint in table.joints])
    away = home + np.array([joint.sign * (-1 if joint.name in turned else 1) * 100 * RADIANS for joint in table.joints])
    kinematics = Kinematics(table)
    wanted = kinematics.pose(away)[0] - kinematics.pose(home)[0]
    moved_to(device, lambda reading: np.allclose(reading.left.position, wanted, atol=1e-3))
    assert device.read().left.gripper == pytest.approx(0.5, abs=0.01)
    device.disconnect()


def test_a_push_forward_gives_the_yaw_of_the_arm_and_then_forward_is_forward(plug_in: PlugIn, tmp_path: Path) -> None:
    table = arm_table("so101")
    cable = plug_in("feetech", tuple(table.motors.values()))
    encoder = dict.fromkeys(table.motors.values(), 2047)
    cable.place(encoder)
    key, pan, lift = str(cable.link), table.motors["shoulder_pan"], table.motors["shoulder_lift"]
    with CalibrationRun(key, "so101", tmp_path) as run:
        assert run.steps == (Step.SWEEP, Step.CENTRE, Step.FORWARD)
        run.look()
        for name in swept_motors(table):
            for by in (1000, -2000, 1000):
                turn(cable, run, table.motors[name], by, encoder)
        run.next()
        turn(cable, run, pan, 1024, encoder)  # it looks along the table's edge now
        assert run.next() is Step.FORWARD
        turn(cable, run, lift, 120, encoder)
        with pytest.raises(BadConfig, match="Push it further"):
            run.next()
        turn(cable, run, lift, 680, encoder)
        assert run.next() is Step.DONE
        assert abs(run.yaw) == pytest.approx(90.0, abs=6.0)
        run.save()
    settings = load_leaders(tmp_path).ports[key]
    assert settings.yaw == run.yaw

    turn_back = {lift: encoder[lift] - 800}
    cable.place(turn_back)
    (found,) = DRIVERS["so101"](tmp_path, ports=list).find()
    device = DRIVERS["so101"](tmp_path, ports=list).device(found)
    device.connect()
    cable.place({lift: encoder[lift]})
    reading = moved_to(device, lambda reading: np.linalg.norm(reading.left.position[:2]) > 0.05)
    assert reading.left.position[0] > 0.05
    assert abs(reading.left.position[1]) < 0.005
    epoch = reading.epoch
    device.mount.turn_to(0.0)  # turned while it is held: a new origin, and the old axes
    reading = moved_to(device, lambda reading: reading.epoch == epoch + 1)
    assert abs(reading.left.position[0]) < 0.005
    device.disconnect()


def test_the_clutch_of_the_operator_stays(plug_in: PlugIn, tmp_path: Path) -> None:
    cable = plug_in("dynamixel", (1, 2, 3, 4, 5, 6, 7))
    save_leader(tmp_path, str(cable.link), PortSettings("gello_ur5e", clutch="motion"))
    with CalibrationRun(str(cable.link), "gello_ur5e", tmp_path) as run:
        run.look()
        cable.place({7: 800})
        run.look()
        assert (run.next(), run.next(), run.next()) == (Step.CENTRE, Step.FORWARD, Step.DONE)
        run.save()
    assert load_leaders(tmp_path).ports[str(cable.link)].clutch == "motion"


def test_what_cannot_be_calibrated(plug_in: PlugIn, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="needs no calibration"):
        CalibrationRun("anywhere", "wx250s", tmp_path)
    with pytest.raises(DeviceLost, match="No serial port"):
        CalibrationRun(str(tmp_path / "gone"), "so101", tmp_path)
    cable = plug_in()
    with CalibrationRun(str(cable.link), "so101", tmp_path) as run, pytest.raises(BadConfig, match="not finished"):
        run.save()
    with CalibrationRun(str(cable.link), "so101", tmp_path) as run:
        cable.pull()
        with pytest.raises(DeviceLost, match="went away"):
            run.look()
