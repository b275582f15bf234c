"""A correction from raw reports to a world that moves: two pucks, the control chain and a toy world."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.emulated.pucks import REST_R, REST_T, Plugged, Rig, moved, turned
from core.action import ActionLimits, arm_slice
from core.control import ControlConfig, ControlOutput, ControlState, command, reanchored, start
from core.reading import DeviceReading
from devices.spacemouse.driver import SpaceMouse
from tests.devices.spacemouse.newest import reading
from tests.devices.virtual import until

DT = 0.1
OPEN = np.array([0, 0, 0, 0, 0, 0, 1] * 2, np.float32)
LIMITS = ActionLimits(np.array([-1, -1, -1, -1, -1, -1, 0] * 2, np.float32), np.ones(14, np.float32))
CONFIG = ControlConfig(linear_speed=0.2, angular_speed=0.8)
CLOSE, LET_GO = bytes([3, 1, 0]), bytes([3, 0, 0])


class ToyWorld:
    """Arms that are exactly at their commanded pose; a block in front of the left one that is pushed along x."""

    def __init__(self) -> None:
        self.ee, self.block = OPEN.astype(np.float64), 0.05

    def step(self, action: np.ndarray) -> None:
        self.ee = action.astype(np.float64)
        self.block = max(self.block, float(self.ee[0]))


class Table:
    """Two pucks, the session's control state and the world."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.plugged: list[Plugged] = [rig.plug(0, "1-1"), rig.plug(1, "1-2")]
        self.pucks = [rig.driver.device(one) for one in rig.driver.find()]
        for puck in self.pucks:
            puck.connect()
        self.world = ToyWorld()
        self.state: ControlState = start(OPEN, LIMITS)

    def say(self, arm: int, *reports: bytes, see: Callable[[DeviceReading], bool]) -> None:
        puck = self.pucks[arm]
        assert isinstance(puck, SpaceMouse)
        self.plugged[arm].say(*reports)
        until(lambda: see(reading(puck)))

    def steps(self, count: int) -> ControlOutput:
        """World steps with the left puck on the left arm and the right puck on the right one."""
        for _ in range(count):
            left, right = (puck.read() for puck in self.pucks)
            both = replace(left, right=right.left) if left and right else left or right
            out = command(both, self.state, CONFIG, LIMITS, DT)
            self.state = out.state
            self.world.step(out.action)
        return out


@pytest.fixture
def table(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr("devices.spacemouse.puck.SILENCE", 600.0)  # the test speaks once where a puck repeats itself
    table = Table(rig)
    yield table
    for puck in table.pucks:
        puck.disconnect()


def test_a_correction(table: Table) -> None:
    assert table.steps(3).idle, "the pucks are not touched"
    assert np.array_equal(table.world.ee, OPEN)

    table.say(0, moved(y=-350), see=lambda one: one.left.linear[0] == 1)
    table.steps(10)
    assert table.world.ee[0] == pytest.approx(0.2)
    assert table.world.block == pytest.approx(0.2), "the block was pushed"

    table.say(0, REST_T, REST_R, see=lambda one: not one.left.linear.any())
    table.say(1, turned(z=-350), CLOSE, see=lambda one: one.left.gripper_rate == -1)
    table.steps(5)
    right = table.world.ee[arm_slice(1)]
    assert right[3:6] == pytest.approx([0, 0, 0.4]), "turned to the left, seen from above"
    assert right[6] == pytest.approx(0.0), "closed, and not further"
    assert table.world.ee[0] == pytest.approx(0.2), "the left arm rests"

    table.say(1, REST_R, LET_GO, see=lambda one: one.left.gripper_rate == 0 and not one.left.angular.any())
    before = table.world.ee.copy()
    assert table.steps(20).idle
    assert np.array_equal(table.world.ee, before), "rest is exactly rest"


def test_pulled_out_in_mid_motion_nothing_moves_and_nothing_jumps_afterwards(table: Table) -> None:
    table.say(0, moved(x=-350), see=lambda one: one.left.linear[1] == 1)
    table.steps(2)
    table.rig.hidapi.unplug(table.plugged[0])
    until(lambda: not table.pucks[0].connected)
    where = table.world.ee.copy()
    assert where[1] == pytest.approx(0.04)
    table.steps(10)
    assert np.array_equal(table.world.ee, where)

    table.plugged[0] = table.rig.plug(8, "1-1")
    table.pucks[0].connect()
    table.state = reanchored(table.state)
    table.steps(3)
    assert np.array_equal(table.world.ee, where)
    table.say(0, moved(x=350), see=lambda one: one.left.linear[1] == -1)
    table.steps(2)
    assert table.world.ee[1] == pytest.approx(0.0)
