"""The gate of Push-T: nothing that the judge could call a success is ruled out."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.observation import Observation
from models.tasks.push_t import geometry as g
from models.tasks.push_t.gate import NEAR, PushTGate, PushTGateState
from models.tasks.push_t.task import load

HERE = np.array([0.40, 0.10, 0.7])
"""Frame of the world's object where the T lies at START."""
START = np.array([0.45, -0.08, 2.0])


def rigid(pose: NDArray[np.float64]) -> NDArray[np.float64]:
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    return np.array([[cos, -sin, pose[0]], [sin, cos, pose[1]], [0, 0, 1]])


def where_the_t_is_at(target: tuple[float, ...] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Pose of the world's object that brings the T, which is fixed in it, to a planar pose."""
    there = rigid(np.asarray(target)) @ np.linalg.inv(rigid(START)) @ rigid(HERE)
    return np.array([there[0, 2], there[1, 2], np.arctan2(there[1, 0], there[0, 0])])


def off(x: float, y: float, yaw: float) -> NDArray[np.float64]:
    return where_the_t_is_at(np.add(g.TARGET_POSE, (x, y, yaw)))


@pytest.fixture
def gate() -> PushTGate:
    return PushTGate()


@pytest.fixture
def state() -> PushTGateState:
    offset = np.linalg.inv(rigid(HERE)) @ rigid(START)
    return PushTGateState(np.array([offset[0, 2], offset[1, 2], np.arctan2(offset[1, 0], offset[0, 0])]))


def low() -> NDArray[np.float32]:
    """Both hands beside the T, on the table."""
    hands = g.HOME.copy()
    hands[[0, 1, 2, 7, 8, 9]] = [0.50, 0.08, 0.02, 0.50, -0.08, 0.02]
    return hands


def test_the_offset_is_found_in_the_first_picture() -> None:
    task = load()
    seen = task.scene(0).observation
    assert seen is not None
    state = PushTGate().start(seen, HERE)
    assert state.offset is not None
    truth = np.asarray(task.scene(0).parameters["object_pose"])
    found = rigid(HERE) @ rigid(state.offset)
    assert np.allclose(found[:2, 2], truth[:2], atol=0.004)


def test_only_a_t_near_the_target_is_judged(gate: PushTGate, state: PushTGateState) -> None:
    for pose, near in (
        (off(0, 0, 0), True),
        (off(0.004, 0, 0), True),
        (off(0.1, 0, 0), False),
        (off(0, 0, 3.1), False),
    ):
        assert gate.may_succeed(state, pose, low()) is near


def test_every_pose_that_covers_enough_is_judged(gate: PushTGate, state: PushTGateState) -> None:
    random = np.random.default_rng(0)
    moved = random.uniform(-1, 1, (300, 3)) * (0.008, 0.008, 0.1)
    enough = [m for m in moved if g.coverage(np.array(g.TARGET_POSE) + m) > NEAR + 1e-9]
    assert len(enough) > 5
    assert all(gate.may_succeed(state, off(*m), low()) for m in enough)


def test_a_verdict_is_kept_while_the_t_rests_and_no_hand_is_near(gate: PushTGate, state: PushTGateState) -> None:
    pose = off(0.006, 0.001, 0.0)
    kept = gate.after(state, pose, g.HOME, 0.97)
    assert not gate.may_succeed(kept, pose, g.HOME)
    assert gate.may_succeed(kept, pose, low()), "a hand hides something now"
    assert gate.may_succeed(kept, off(0.004, 0.001, 0.0), g.HOME), "the T has moved"


@pytest.mark.parametrize(("hands", "progress"), [(low(), 0.97), (g.HOME, 0.99)])
def test_an_uncertain_verdict_is_not_kept(
    gate: PushTGate, state: PushTGateState, hands: NDArray[np.float32], progress: float
) -> None:
    pose = off(0.006, 0.001, 0.0)
    assert gate.may_succeed(gate.after(state, pose, hands, progress), pose, g.HOME)


def test_where_the_start_shows_no_t_everything_is_judged(gate: PushTGate) -> None:
    blank = Observation({c.name: np.zeros((c.height, c.width, 3), np.uint8) for c in g.CAMERAS}, g.HOME)
    state = gate.start(blank, HERE)
    assert state.offset is None
    assert gate.may_succeed(gate.after(state, HERE, g.HOME, 0.0), HERE, g.HOME)
