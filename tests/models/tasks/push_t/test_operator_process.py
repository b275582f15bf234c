"""The operator as a process that is fed PNG files and measured end effectors, and nothing else."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.control import ControlConfig, command, start
from core.errors import DeviceLost
from core.observation import Observation
from models import load_world
from models.tasks.push_t import geometry as g
from models.tasks.push_t.direct import DirectOperator
from models.tasks.push_t.operator import ScriptedOperator
from models.tasks.push_t.operator_process import OperatorProcess, Sight
from models.tasks.push_t.planner import Style
from models.tasks.push_t.task import PushT

SEED = 5
REST_STEPS = 3


def write_pictures(folder: Path, step: int, observation: Observation) -> None:
    for name, frame in observation.frames.items():
        Image.fromarray(frame).save(folder / f"{step:04d}-{name}.png")


def read_pictures(folder: Path, step: int) -> dict[str, np.ndarray]:
    return {c.name: np.asarray(Image.open(folder / f"{step:04d}-{c.name}.png")) for c in g.CAMERAS}


def look(operator: ScriptedOperator, folder: Path, step: int, ee_state: np.ndarray) -> None:
    """Show it the files of a step, and wait until its hands have moved."""
    operator.show(read_pictures(folder, step), ee_state, step * g.DT)
    pause = threading.Event()
    while operator.answered != step * g.DT:
        assert operator.connected, "the process died"
        pause.wait(0.001)


@dataclass(frozen=True)
class Run:
    """A whole attempt."""

    folder: Path
    ee_states: list[np.ndarray]
    """Measured, the start included."""
    poses: list[np.ndarray]
    """True poses of the T, which the operator is not given."""
    actions: list[np.ndarray]
    last: Observation


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Pictures go to a folder; what comes back are readings of a hand, through core/control.py."""
    world, task, folder = load_world("reference", "push_t"), PushT(), tmp_path_factory.mktemp("pictures")
    operator = ScriptedOperator(spawned=True)
    operator.connect()
    (state,) = world.reset([task.scene(SEED)], [SEED])
    (seen,) = world.observe([state])
    control, idle = start(seen.ee_state, g.LIMITS), 0
    ee_states, poses, actions = [seen.ee_state], [world.truth(state)["object_pose"]], []
    for step in range(task.max_steps):
        write_pictures(folder, step, seen)
        look(operator, folder, step, seen.ee_state)
        asked = command(operator.read(), control, ControlConfig(), g.LIMITS, g.DT)
        control = asked.state
        (state,), _ = world.step([state], asked.action[None, None], [SEED])
        (seen,) = world.observe([state])
        ee_states.append(seen.ee_state)
        poses.append(world.truth(state)["object_pose"])
        actions.append(asked.action)
        idle = idle + 1 if asked.idle and step > 10 else 0
        if idle >= REST_STEPS:
            break
    yield Run(folder, ee_states, poses, actions, seen)
    operator.disconnect()


def gap_to_the_t(run: Run, step: int) -> float:
    """Metres from the nearer tool point to the centre of the T, over the table."""
    tools = run.ee_states[step].reshape(2, 7)[:, :2]
    return float(np.linalg.norm(tools - run.poses[step][:2], axis=1).min())


def test_its_readings_move_the_hands_to_the_t(run: Run) -> None:
    assert np.array_equal(run.poses[0], run.poses[5]), "nothing touches the T yet"
    first = next(i for i, pose in enumerate(run.poses) if np.linalg.norm(pose - run.poses[0]) > 1e-3)
    way = [gap_to_the_t(run, step) for step in range(0, first, 5)]
    assert 5 < first < 60
    assert all(later < earlier + 0.01 for earlier, later in pairwise(way)), way
    assert gap_to_the_t(run, first) < 0.08 < way[0]


def test_it_solves_the_task_with_nothing_but_pictures(run: Run) -> None:
    assert 40 < len(run.actions) < 150
    assert g.coverage(run.poses[0]) < 0.5
    assert g.coverage(run.poses[-1]) >= g.SUCCESS_COVERAGE, "in truth"
    _, success = PushT().judge([run.last])
    assert success[0], "and to the judge"
    assert np.abs(run.ee_states[-1] - g.HOME).max() < 0.05, "the hands are home"


def test_a_process_sees_what_this_one_sees(run: Run) -> None:
    """The same files and hands, shown to an operator in this process: the same actions, bit for bit."""
    operator = ScriptedOperator()
    operator.connect()
    control = start(run.ee_states[0], g.LIMITS)
    for step in range(40):
        look(operator, run.folder, step, run.ee_states[step])
        asked = command(operator.read(), control, ControlConfig(), g.LIMITS, g.DT)
        control = asked.state
        assert np.array_equal(asked.action, run.actions[step])


@pytest.fixture(scope="module")
def process() -> Iterator[OperatorProcess]:
    process = OperatorProcess()
    yield process
    process.stop()


def test_the_process_answers_one_sight_with_one_action(run: Run, process: OperatorProcess) -> None:
    assert process.alive
    frames, ee_state = read_pictures(run.folder, 0), run.ee_states[0]
    action = process.ask(Sight(frames, ee_state, Style()))
    assert np.array_equal(action, DirectOperator().targets(frames, ee_state))
    far = process.ask(Sight(frames, ee_state, Style(hand="far")))
    assert not np.array_equal(far, action), "the style travels with the sight"


def test_stopping_ends_the_process_with_a_message(run: Run) -> None:
    process = OperatorProcess()
    process.stop()
    process.stop()
    assert not process.alive
    with pytest.raises(DeviceLost, match="Choose the device again"):
        process.ask(Sight(read_pictures(run.folder, 0), run.ee_states[0], Style()))


def test_a_process_that_is_killed_is_a_lost_device(run: Run) -> None:
    threads = set(threading.enumerate())
    operator = ScriptedOperator(spawned=True)
    operator.connect()
    look(operator, run.folder, 0, run.ee_states[0])
    assert operator.read() is not None
    assert operator._thread is not None
    victim = operator._thread._process._process
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()
    assert not operator.connected
    assert operator.read() is None
    operator.connect()  # the operator chooses the device again
    look(operator, run.folder, 0, run.ee_states[0])
    assert operator.connected
    operator.disconnect()
    assert set(threading.enumerate()) <= threads
