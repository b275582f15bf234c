"""The real SDKs on emulated cables: a frame is whole and new, or it is dropped and the motor is named."""

import itertools
import types

import numpy as np
import pytest

from benchmarks.emulated.servo_bus import ServoBusEmulator
from core.errors import DeviceLost
from devices.leader import bus as bus_module
from devices.leader.arm import BUSES
from devices.leader.bus import FrameDropped, ServoBus
from devices.leader.feetech import sign_magnitude
from devices.leader.table import arm_table
from tests.devices.leader.conftest import PATIENCE, PlugIn, until

ARMS = {"feetech": "so101", "dynamixel": "koch"}
GOALS = {"feetech": range(41, 55), "dynamixel": range(100, 120)}


@pytest.fixture(params=["feetech", "dynamixel"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def opened(cable: ServoBusEmulator, kind: str) -> ServoBus:
    table = arm_table(ARMS[kind])
    return BUSES[kind](str(cable.link), table.baud, table.motors)


def test_one_sync_read_gives_every_motor(plug_in: PlugIn, kind: str) -> None:
    cable = plug_in(kind)
    cable.place({1: 100, 2: -5, 3: 4095, 4: 0, 5: 2047, 6: 3000})
    bus = opened(cable, kind)
    assert list(bus.positions().values()) == [100, -5, 4095, 0, 2047, 3000]
    assert cable.frames == 1
    cable.place({2: -700})
    assert bus.positions()["shoulder_lift"] == -700
    bus.close()


def test_torque_goes_off_and_no_goal_is_ever_written(plug_in: PlugIn, kind: str) -> None:
    cable = plug_in(kind)
    bus = opened(cable, kind)
    bus.positions()
    bus.offsets()
    bus.reversed()
    bus.close()
    torque = BUSES[kind].torque_register
    assert cable.written == [(motor, torque, b"\0") for motor in range(1, 7)]
    assert not any(address in GOALS[kind] for _, address, _ in cable.written)


def test_offsets_have_a_sign(plug_in: PlugIn, kind: str) -> None:
    cable = plug_in(kind)
    cable.hold(1, -2047)
    cable.hold(2, 1500)
    bus = opened(cable, kind)
    assert list(bus.offsets().values()) == [-2047, 1500, 0, 0, 0, 0]
    bus.close()


@pytest.mark.parametrize(("raw", "bit", "value"), [(0x8005, 15, -5), (5, 15, 5), (0x0FFF, 11, -2047), (0x0800, 11, 0)])
def test_sign_magnitude(raw: int, bit: int, value: int) -> None:
    assert sign_magnitude(raw, bit) == value


def test_a_motor_that_dies_takes_the_whole_frame_with_it_and_is_named(plug_in: PlugIn, kind: str) -> None:
    """The SDK's isAvailable would go on giving the old values of the motors behind it."""
    cable = plug_in(kind)
    bus = opened(cable, kind)
    bus.positions()
    cable.dead.add(4)
    with pytest.raises(FrameDropped, match=r"Motor 4 \(wrist_flex\).*cable from elbow_flex") as lost:
        bus.positions()
    assert isinstance(lost.value, DeviceLost)
    cable.dead.clear()
    cable.place({4: 1234})
    assert bus.positions()["wrist_flex"] == 1234
    bus.close()


def test_a_corrupt_answer_is_no_value(plug_in: PlugIn, kind: str) -> None:
    cable = plug_in(kind)
    bus = opened(cable, kind)
    cable.place({3: 777})
    cable.corrupt[3] = 1
    with pytest.raises(FrameDropped, match=r"Motor 3 \(elbow_flex\)"):
        bus.positions()
    assert bus.positions()["elbow_flex"] == 777
    bus.close()


def test_garbage_before_an_answer_is_skipped(plug_in: PlugIn, kind: str) -> None:
    cable = plug_in(kind)
    bus = opened(cable, kind)
    cable.place({motor: 1000 + motor for motor in range(1, 7)})
    cable.garbage = bytes(np.random.default_rng(0).integers(0, 250, 7, np.uint8))
    assert list(bus.positions().values()) == [1001, 1002, 1003, 1004, 1005, 1006]
    bus.close()


def test_answers_that_come_too_late_are_not_the_next_frame(plug_in: PlugIn, kind: str) -> None:
    cable = plug_in(kind)
    bus = opened(cable, kind)
    cable.place({motor: 10 + motor for motor in range(1, 7)})
    cable.slow = True
    with pytest.raises(FrameDropped):
        bus.positions()
    cable.deliver()  # whole, correct, and of the frame before
    cable.place({motor: 50 + motor for motor in range(1, 7)})
    assert list(bus.positions().values()) == [51, 52, 53, 54, 55, 56]
    bus.close()


def test_a_machine_that_was_busy_elsewhere_loses_no_motor(
    plug_in: PlugIn, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second passes at every look at the clock; the answers lie in the port all the same."""
    cable = plug_in(kind)
    bus = opened(cable, kind)
    seconds = itertools.count()
    stalled = types.SimpleNamespace(time=lambda: float(next(seconds)))
    monkeypatch.setattr(f"{BUSES[kind].library}.port_handler.time", stalled)
    cable.place({6: 99})
    assert bus.positions()["gripper"] == 99
    bus.close()


def test_endless_noise_ends(plug_in: PlugIn, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cable = plug_in(kind)
    bus = opened(cable, kind)
    monkeypatch.setattr(bus_module, "DEADLINE", 0.05)
    cable.noise = True
    for _ in range(3):
        with pytest.raises(FrameDropped):
            bus.positions()
    cable.noise = False
    monkeypatch.setattr(bus_module, "DEADLINE", PATIENCE)
    cable.place({1: 321})
    until(lambda: recovered(bus))
    assert bus.positions()["shoulder_pan"] == 321
    bus.close()


def recovered(bus: ServoBus) -> bool:
    try:
        bus.positions()
    except FrameDropped:
        return False
    return True


def test_a_pulled_cable_is_a_loss_and_not_a_dropped_frame(plug_in: PlugIn, kind: str) -> None:
    cable = plug_in(kind)
    bus = opened(cable, kind)
    bus.positions()
    cable.pull()
    with pytest.raises(DeviceLost, match=r"went away.*Plug its USB cable in again") as lost:
        bus.positions()
    assert not isinstance(lost.value, FrameDropped)
    bus.close()
    bus.close()


def test_what_is_missing_at_the_start_is_listed(plug_in: PlugIn, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "TRIES", 1)
    cable = plug_in(kind)
    cable.dead |= {2, 5}
    with pytest.raises(DeviceLost, match=r"Motors 2 \(shoulder_lift\), 5 \(wrist_roll\).*cable from shoulder_pan"):
        opened(cable, kind)
    cable.dead = set(range(1, 7))
    with pytest.raises(DeviceLost, match=r"No motor answers.*power supply"):
        opened(cable, kind)


def test_a_port_that_is_not_there_or_is_used_by_another_program(plug_in: PlugIn, kind: str) -> None:
    cable = plug_in(kind)
    bus = opened(cable, kind)
    with pytest.raises(DeviceLost, match="Another program uses"):
        opened(cable, kind)
    bus.close()
    cable.pull()
    with pytest.raises(DeviceLost, match="no serial port"):
        opened(cable, kind)
