"""The reading of the hands is recorded with every step, and leads to the same actions through the same chain."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core import verbs as v
from core.control import ControlConfig, again, command, start
from core.control_record import pack_control, unpack_control
from core.errors import BadAction
from core.reading import ArmReading, DeviceReading
from core.recorder import Recorder
from core.session import Session
from core.step import Step
from core.store.archive import open_archive
from core.world import PackedState
from tests.core.driving import DEVICE, open_session, push, steps

LIMITS = open_session().parts.world.spec.limits
DT = open_session().parts.world.spec.dt


def tracked(i: int, epoch: int = 0) -> DeviceReading:
    """Two hands of a position device that wander, squeeze, lose their clutch and their track."""
    turn = np.array([0.0, 0.0, np.sin(0.03 * i), np.cos(0.03 * i)])
    left = ArmReading(np.array([0.004 * i, 0.01 * np.sin(i), 0.0]), turn, gripper=abs(np.cos(i / 3)), clutch=i % 7 != 3)
    right = ArmReading(np.array([0.0, -0.09 * i, 0.0]), turn, valid=i % 5 != 2)
    return DeviceReading(DEVICE, "position", 100.0 + i / 3, 2**61 + epoch, left, right)


def drive(session: Session) -> list[Step]:
    """A correction with everything that changes the chain: feel, clutch, pause, rollback, another epoch, no hand."""
    session.apply(v.TakeOver())
    taken = [step for i in range(12) for step in steps(session, 1, tracked(i))]
    session.apply(v.SetControl(ControlConfig(scale=0.5, curve=0.7)))
    session.apply(v.Pause())
    session.apply(v.TakeOver())
    taken += [step for i in range(12, 20) for step in steps(session, 1, tracked(i, epoch=1))]
    session.apply(v.SetFreezeOnIdle(True))
    session.tick(tracked(19, epoch=1))
    session.apply(v.SetFreezeOnIdle(False))
    session.apply(v.RollBack(taken[5].branch, taken[5].index))
    session.apply(v.TakeOver())
    taken += steps(session, 3, push(0.7, -0.2))
    taken += steps(session, 1, None)
    return taken


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, list[Step]]:
    recorder = Recorder(tmp_path / "session", sync=False)
    session = open_session(sink=recorder, archive=recorder.archive)
    session.apply(v.Run())
    steps(session, 3)
    taken = drive(session)
    recorder.close()
    return tmp_path / "session", taken


def test_recorded_readings_lead_to_the_same_actions_bit_for_bit(recorded: tuple[Path, list[Step]]) -> None:
    folder, taken = recorded
    archive = open_archive(folder)
    for step in taken:
        node = archive.node(step.branch, step.index + 1)
        state = unpack_control(node.control)
        out = again(state, LIMITS, DT)
        assert out is not None
        assert out.action.tobytes() == step.node.action.tobytes() == node.action.tobytes()
        assert out.delta.translation.tobytes() == step.delta.translation.tobytes()
        assert out.delta.rotation.tobytes() == step.delta.rotation.tobytes()
        assert pack_control(out.state).arrays["anchors"].tobytes() == node.control.arrays["anchors"].tobytes()
    assert any(a.node.action.tobytes() != b.node.action.tobytes() for a, b in itertools.pairwise(taken))


def test_the_readings_themselves_come_back(recorded: tuple[Path, list[Step]]) -> None:
    folder, taken = recorded
    raw = unpack_control(open_archive(folder).node(taken[4].branch, taken[4].index + 1).control).made_of
    assert raw is not None
    assert raw.reading is not None
    said = tracked(4)
    assert (raw.reading.kind, raw.reading.time, raw.reading.epoch) == (said.kind, said.time, said.epoch)
    assert raw.reading.left is not None
    assert said.left is not None
    assert raw.reading.left.position is not None
    assert np.array_equal(raw.reading.left.position, said.left.position)
    assert (raw.reading.left.gripper, raw.reading.left.clutch) == (said.left.gripper, said.left.clutch)


def test_where_the_policy_drove_there_is_no_raw_input(recorded: tuple[Path, list[Step]]) -> None:
    state = unpack_control(open_archive(recorded[0]).node(0, 2).control)
    assert state.made_of is None
    assert again(state, LIMITS, DT) is None


def test_states_of_sessions_that_kept_no_input_are_read(recorded: tuple[Path, list[Step]]) -> None:
    state = unpack_control(open_archive(recorded[0]).node(0, 2).control)
    assert not any(name.startswith("input") for name in pack_control(state).arrays)


def test_inputs_do_not_pile_up() -> None:
    state = start(np.zeros(14, np.float32), LIMITS)
    for i in range(3):
        state = command(tracked(i), state, ControlConfig(), LIMITS, DT).state
    assert state.made_of is not None
    assert state.made_of.before.made_of is None


def test_a_hand_whose_track_is_lost_may_hold_anything() -> None:
    lost = ArmReading(np.full(2, np.nan), np.full(7, np.inf), valid=False)
    out = command(replace(tracked(1), left=lost), start(np.zeros(14, np.float32), LIMITS), ControlConfig(), LIMITS, DT)
    packed = pack_control(out.state)
    repeated = again(unpack_control(packed), LIMITS, DT)
    assert repeated is not None
    assert repeated.action.tobytes() == out.action.tobytes()


def test_a_torn_input_is_named() -> None:
    state = command(tracked(1), start(np.zeros(14, np.float32), LIMITS), ControlConfig(), LIMITS, DT).state
    arrays = pack_control(state).arrays
    with pytest.raises(BadAction, match="input_hands"):
        unpack_control(PackedState({**arrays, "input_hands": np.zeros(3)}))
    with pytest.raises(BadAction, match="input_epochs"):
        unpack_control(PackedState({name: array for name, array in arrays.items() if name != "input_epochs"}))
