"""Sweep first, then centre; files that LeRobot reads, and LeRobot's files."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadConfig
from devices.leader.calibrating import (
    Calibrating,
    Step,
    advance,
    begin,
    instruction,
    progress,
    result,
    saw,
    swept_motors,
    turned_joints,
)
from devices.leader.calibration import (
    OFFSET_LIMIT,
    RADIANS,
    MotorCalibration,
    actual_ticks,
    angle,
    calibrated_ticks,
    load_calibration,
    opening,
    save_calibration,
    wrapped,
)
from devices.leader.table import arm_table

SO101, KOCH = arm_table("so101"), arm_table("koch")
REAL = {  # a file as LeRobot writes it for an SO-101 leader
    "shoulder_pan": {"id": 1, "drive_mode": 0, "homing_offset": -1453, "range_min": 745, "range_max": 3459},
    "shoulder_lift": {"id": 2, "drive_mode": 0, "homing_offset": 1046, "range_min": 832, "range_max": 3228},
    "elbow_flex": {"id": 3, "drive_mode": 0, "homing_offset": -893, "range_min": 879, "range_max": 3101},
    "wrist_flex": {"id": 4, "drive_mode": 0, "homing_offset": 212, "range_min": 924, "range_max": 3206},
    "wrist_roll": {"id": 5, "drive_mode": 0, "homing_offset": 1721, "range_min": 0, "range_max": 4095},
    "gripper": {"id": 6, "drive_mode": 0, "homing_offset": 1213, "range_min": 2030, "range_max": 3302},
}


def lerobot_degrees(motor: dict[str, int], present: int) -> float:
    """LeRobot's formula for a joint in degrees (motors_bus.py, _normalize)."""
    return (present - (motor["range_min"] + motor["range_max"]) / 2) * 360 / 4095


def lerobot_percent(motor: dict[str, int], present: int) -> float:
    bounded = min(motor["range_max"], max(motor["range_min"], present))
    return (bounded - motor["range_min"]) / (motor["range_max"] - motor["range_min"]) * 100


# Files


def test_lerobots_file_is_read_and_comes_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "left.json"
    path.write_text(json.dumps(REAL, indent=4))
    calibration = load_calibration(path, SO101)
    again = tmp_path / "deep" / "again.json"
    save_calibration(again, calibration)
    assert json.loads(again.read_text()) == REAL
    assert list(json.loads(again.read_text())) == list(REAL)
    assert not list(again.parent.glob("*.partial"))


def test_angles_and_openings_are_lerobots(tmp_path: Path) -> None:
    path = tmp_path / "left.json"
    path.write_text(json.dumps(REAL))
    calibration = load_calibration(path, SO101)
    for joint in SO101.joints:
        for present in (900, 2047, 3000):
            actual = actual_ticks(present, REAL[joint.name]["homing_offset"], "feetech")
            ours = np.rad2deg(angle(joint, calibration[joint.name], actual, "feetech", False))
            assert np.isclose(ours, lerobot_degrees(REAL[joint.name], present), atol=0.05)  # 4096 ticks, not 4095
    trigger = SO101.trigger
    assert trigger is not None
    for present in (1900, 2030, 2500, 3302, 3400):
        actual = actual_ticks(present, REAL["gripper"]["homing_offset"], "feetech")
        ours = opening(trigger, calibration["gripper"], actual, "feetech")
        assert np.isclose(ours, lerobot_percent(REAL["gripper"], present) / 100)


@pytest.mark.parametrize("held", [-2047, -300, 0, 1453, 2047])
def test_what_the_motor_holds_does_not_matter(held: int) -> None:
    """The file is right whether LeRobot wrote it into the motor or not; nothing is written here."""
    motor, joint = MotorCalibration(**REAL["shoulder_pan"]), SO101.joints[0]
    for actual in (0, 500, 2000, 4095):
        given_by_motor = (actual - held) % 4096
        found = angle(joint, motor, actual_ticks(given_by_motor, held, "feetech"), "feetech", False)
        assert np.isclose(found, angle(joint, motor, actual, "feetech", False))


@pytest.mark.parametrize(
    ("torn", "words"),
    [
        ("{", "torn"),
        ("[]", "no calibration"),
        (json.dumps({**REAL, "gripper": {"id": 6}}), "torn: gripper"),
        (json.dumps({**REAL, "gripper": {**REAL["gripper"], "id": True}}), "torn: gripper"),
        (json.dumps({name: REAL[name] for name in list(REAL)[:5]}), "another arm.*lacks gripper"),
        (json.dumps({**REAL, "elbow_roll": REAL["gripper"]}), "another arm.*has elbow_roll"),
        (json.dumps({**REAL, "gripper": {**REAL["gripper"], "id": 7}}), "another arm.*motor 7"),
        (json.dumps({**REAL, "wrist_flex": {**REAL["wrist_flex"], "homing_offset": 2048}}), "flex.*2048.*sweep first"),
        (json.dumps({**REAL, "wrist_flex": {**REAL["wrist_flex"], "range_max": 924}}), "wrist_flex no range"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_reported_with_the_reason(tmp_path: Path, torn: str, words: str) -> None:
    path = tmp_path / "torn.json"
    path.write_text(torn)
    with pytest.raises(BadConfig, match=words):
        load_calibration(path, SO101)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read"):
        load_calibration(tmp_path / "none.json", SO101)


# Steps


class HandsOn:
    """An arm that is moved by hand: degrees around a mounting angle, seen through an encoder of 4096 ticks."""

    def __init__(self, state: Calibrating, mounted: int = 0) -> None:
        self.state, self.mounted = state, mounted
        self.at = dict.fromkeys(state.table.motors, 0)
        self.see()

    def see(self) -> None:
        self.state = saw(self.state, {name: (self.mounted + ticks) % 4096 for name, ticks in self.at.items()})

    def move(self, name: str, to: int) -> None:
        start = self.at[name]
        for ticks in np.linspace(start, to, max(2, abs(to - start) // 300)).astype(int):
            self.at[name] = int(ticks)
            self.see()

    def sweep(self, low: int = -1100, high: int = 1000) -> None:
        for name in swept_motors(self.state.table):
            self.move(name, low)
            self.move(name, high)
            self.move(name, 0)

    def next(self) -> Step:
        self.state = advance(self.state)
        return self.state.step


@settings(deadline=None)
@given(st.integers(0, 4095))
def test_wherever_the_horns_are_screwed_on(mounted: int) -> None:
    """Also across the seam of the encoder, where centring first tears the ranges."""
    arm = HandsOn(begin(SO101), mounted)
    arm.sweep()
    assert arm.next() is Step.CENTRE
    assert arm.next() is Step.DONE
    calibration = result(arm.state)
    for name, motor in calibration.items():
        assert abs(motor.homing_offset) <= OFFSET_LIMIT
        assert 0 <= motor.range_min < motor.range_max <= 4095
        full = name == "wrist_roll"
        assert motor.range_max - motor.range_min == (4095 if full else 2100)
        middle = mounted if full else mounted - 50
        gives = calibrated_ticks(middle, motor.homing_offset, "feetech") % 4096
        assert abs(gives - (motor.range_min + motor.range_max) / 2) <= 1.5  # one tick where 11 bits end
        joint = next((joint for joint in SO101.joints if joint.name == name), None)
        if joint is not None:
            assert np.isclose(angle(joint, motor, (middle + 400) % 4096, "feetech", False), 400 * RADIANS, atol=0.004)


def test_a_calibration_comes_back_through_a_file(tmp_path: Path) -> None:
    arm = HandsOn(begin(SO101), 3900)
    arm.sweep()
    arm.next()
    arm.next()
    path = tmp_path / "ours.json"
    save_calibration(path, result(arm.state))
    assert load_calibration(path, SO101) == result(arm.state)
    for name, motor in json.loads(path.read_text()).items():
        assert list(motor) == ["id", "drive_mode", "homing_offset", "range_min", "range_max"], name


def test_a_joint_that_was_not_swept_is_named() -> None:
    arm = HandsOn(begin(SO101))
    arm.move("shoulder_pan", 900)
    with pytest.raises(BadConfig, match=r"Not swept yet: shoulder_lift \(0 degrees\).*gripper"):
        arm.next()
    assert arm.state.step is Step.SWEEP
    assert 75 < progress(arm.state)["shoulder_pan"] < 85
    assert "shoulder_pan" in instruction(arm.state)
    assert "wrist_roll" not in instruction(arm.state)


def test_a_loose_horn_is_distinguished_from_a_joint() -> None:
    arm = HandsOn(begin(SO101))
    arm.sweep()
    arm.move("elbow_flex", 5000)
    with pytest.raises(BadConfig, match="elbow_flex turned more than once around"):
        arm.next()


def test_a_silent_arm_does_not_advance() -> None:
    with pytest.raises(BadConfig, match="not given a position"):
        advance(begin(SO101))
    with pytest.raises(BadConfig, match="not finished"):
        result(begin(SO101))


def test_factory_homed_arms_need_none() -> None:
    with pytest.raises(BadConfig, match="needs no calibration"):
        begin(arm_table("wx250s"))


@settings(deadline=None)
@given(st.integers(0, 4095))
def test_the_koch_measures_which_way_its_motors_turn(mounted: int) -> None:
    arm = HandsOn(begin(KOCH, {"elbow_flex": True}), mounted)
    arm.sweep()
    assert arm.next() is Step.CENTRE
    assert "upright" in instruction(arm.state)
    assert arm.next() is Step.DIRECTIONS
    assert "lean the upper arm back" in instruction(arm.state)
    with pytest.raises(BadConfig, match="Not moved yet"):
        arm.next()
    backwards = {"shoulder_lift", "wrist_roll"}
    for joint in KOCH.joints:
        arm.move(joint.name, -150 if joint.name in backwards else 150)
    assert arm.next() is Step.DONE
    assert set(turned_joints(arm.state)) == backwards
    calibration = result(arm.state)
    assert calibration["elbow_flex"].drive_mode == 1
    for joint in KOCH.joints:
        motor, moved = calibration[joint.name], arm.at[joint.name]
        # LeRobot's formula of Dynamixel motors: Present = Actual + offset, a half turn in the centre pose
        assert (mounted + motor.homing_offset) % 4096 == 2047
        found = angle(joint, motor, (mounted + moved) % 4096, "dynamixel", joint.name in backwards)
        assert np.isclose(found, 150 * RADIANS)


def test_a_centre_pose_at_the_end_of_a_joint_is_refused() -> None:
    arm = HandsOn(begin(KOCH))
    arm.sweep(-100, 2900)
    with pytest.raises(BadConfig, match=r"shoulder_lift is \d+ degrees too far.*upright"):
        arm.next() if arm.next() is Step.CENTRE else None


@settings(deadline=None)
@given(st.floats(-1e5, 1e5))
def test_wrapped_is_within_half_a_turn(ticks: float) -> None:
    assert -2048 <= wrapped(ticks) < 2048
    turns = (ticks - wrapped(ticks)) / 4096
    assert np.isclose(turns, round(turns), atol=1e-6)


def test_triggers_that_the_maker_measured() -> None:
    trigger = arm_table("wx250s").trigger
    assert trigger is not None
    assert opening(trigger, None, 2048 + round(0.3083 / RADIANS), "dynamixel") == pytest.approx(1.0, abs=1e-3)
    assert opening(trigger, None, 2048 + round(-0.6842 / RADIANS), "dynamixel") == pytest.approx(0.0, abs=1e-3)
    assert opening(trigger, None, 4000, "dynamixel") == 1.0


def test_a_feetech_motor_that_counts_backwards() -> None:
    motor = MotorCalibration(6, 1, 0, 1000, 3000)
    trigger = SO101.trigger
    assert trigger is not None
    assert opening(trigger, motor, 1000, "feetech") == 1.0
    assert angle(SO101.joints[0], motor, 2400, "feetech", False) == pytest.approx(-400 * RADIANS)
    with pytest.raises(BadConfig, match="not calibrated"):
        opening(trigger, None, 1000, "feetech")
