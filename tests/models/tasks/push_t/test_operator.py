"""The scripted operator as a hand: what it reads out, through the control that every hand goes through."""

import numpy as np
import pytest

from core.action import GRIPPER, arm_slice
from core.control import ControlConfig, command, start
from core.observation import Observation
from core.reading import Device, Watcher
from models import load_operator
from models.tasks.push_t import geometry as g
from models.tasks.push_t.direct import DirectOperator
from models.tasks.push_t.operator import ScriptedOperator
from models.tasks.push_t.planner import STYLES
from models.tasks.push_t.task import PushT
from models.worlds.reference.world import ReferenceWorld
from tests.contracts.device_contract import DeviceContract
from tests.models.tasks.push_t.pictures import hands, seen


@pytest.fixture
def operator() -> ScriptedOperator:
    operator: ScriptedOperator = load_operator("push_t")()
    operator.connect()
    return operator


@pytest.fixture
def first_sight() -> Observation:
    observation = PushT().scene(0).observation
    assert observation is not None
    return observation


class TestScriptedOperatorAsADevice(DeviceContract):
    @pytest.fixture
    def device(self, operator: ScriptedOperator) -> Device:
        return operator

    def move(self, device: Device) -> None:
        assert isinstance(device, Watcher)
        observation = PushT().scene(0).observation
        assert observation is not None
        device.show(observation.frames, observation.ee_state, 0.0)


def test_the_same_picture_at_the_same_time_moves_nothing(operator: ScriptedOperator, first_sight: Observation) -> None:
    operator.show(first_sight.frames, first_sight.ee_state, 0.0)
    one = operator.read()
    operator.show(first_sight.frames, first_sight.ee_state, 0.0)
    two = operator.read()
    assert one is not None
    assert two is not None
    for arm in (0, 1):
        assert np.array_equal(one.arm(arm).position, two.arm(arm).position)


def test_what_it_commands_is_what_it_wants(operator: ScriptedOperator, first_sight: Observation) -> None:
    """Started from the measured hands, control gives back the brain's own targets."""
    control = start(first_sight.ee_state, g.LIMITS)
    control = command(operator.read(), control, ControlConfig(), g.LIMITS, g.DT).state
    operator.show(first_sight.frames, first_sight.ee_state, 0.0)
    asked = command(operator.read(), control, ControlConfig(), g.LIMITS, g.DT)
    wanted = DirectOperator().targets(first_sight.frames, first_sight.ee_state)
    assert np.allclose(asked.action, wanted, atol=1e-4)
    assert operator.answered == 0.0


def test_what_a_limit_cut_is_commanded_again(operator: ScriptedOperator, first_sight: Observation) -> None:
    """The hands go on from what was read, the wish from what is measured: nothing builds up."""
    control = start(first_sight.ee_state, g.LIMITS)
    control = command(operator.read(), control, ControlConfig(), g.LIMITS, g.DT).state
    asked = []
    for i in range(4):  # the arms do not move, whatever is commanded
        operator.show(first_sight.frames, first_sight.ee_state, i * g.DT)
        out = command(operator.read(), control, ControlConfig(), g.LIMITS, g.DT)
        control = out.state
        asked.append(out.delta.translation)
    assert all(np.allclose(delta, asked[0]) for delta in asked)


def test_hands_that_are_off_do_not_look(first_sight: Observation) -> None:
    operator = ScriptedOperator()
    operator.show(first_sight.frames, first_sight.ee_state, 0.0)
    assert operator.answered is None
    assert operator.read() is None
    operator.connect()
    operator.connect()
    assert operator.connected


def test_styles_work_differently(world: ReferenceWorld) -> None:
    sight, moved = seen(world, (0.5, 0.15, 0.3)), []
    for style in (0, 2, 2 + len(STYLES)):
        operator = ScriptedOperator(style)
        operator.connect()
        operator.show(sight.frames, sight.ee_state, 0.0)
        reading = operator.read()
        assert reading is not None
        moved.append([float(np.linalg.norm(reading.arm(arm).position)) for arm in (0, 1)])
    assert np.argmax(moved[0]) == 0, "the near hand"
    assert np.argmax(moved[1]) == 1, "the far hand"
    assert moved[1] == moved[2], "styles are counted around"


def test_it_squeezes_once_and_then_holds(world: ReferenceWorld, operator: ScriptedOperator) -> None:
    """Fingers that the T stops do not close on paper for ever."""
    pose = (0.5, 0.1, 0.0)
    home = g.HOME[arm_slice(1)]
    ee = hands((0.5, 0.08, 0.012, np.pi / 2, 0.5), (*home[:3], 0.0, 0.5))
    sight = seen(world, pose, ee)
    control = start(sight.ee_state, g.LIMITS)
    control = command(operator.read(), control, ControlConfig(), g.LIMITS, g.DT).state
    openings = []
    for i in range(6):
        operator.show(sight.frames, sight.ee_state, i * g.DT)
        out = command(operator.read(), control, ControlConfig(), g.LIMITS, g.DT)
        control = out.state
        openings.append(float(out.action[GRIPPER]))
    assert openings[-1] == pytest.approx(openings[1], abs=1e-6)
    assert 0.15 < openings[-1] < 0.45
