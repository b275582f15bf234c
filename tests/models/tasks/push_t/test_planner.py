"""The plan, without a simulator: in a table-top where hands reach every commanded pose and a held T moves along."""

from itertools import pairwise

import numpy as np
import pytest

from core.action import arm_slice
from models.tasks.push_t import geometry as g
from models.tasks.push_t.planner import (
    LOW_Z,
    OPEN,
    OVER_Z,
    SQUEEZE,
    STYLES,
    Style,
    astride,
    lies_well,
    plan,
    wrapped,
)
from models.tasks.push_t.scenes import start_parameters

T_OPENING = 0.5
"""What the 4 cm of the T leave of a closing hand."""
ON_TARGET = np.array(g.TARGET_POSE)


def moved(pose: np.ndarray, ee: np.ndarray, action: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One ideal step: pose of the T and measured hands afterwards."""
    after, pose = action.astype(np.float64).copy(), pose.copy()
    for arm in range(2):
        old, new = ee[arm_slice(arm)], after[arm_slice(arm)]
        if astride(old, pose):
            if old[6] <= T_OPENING + 1e-6:
                held = g.to_object(old[:2], pose)
                pose[2] += new[5] - old[5]
                pose[:2] += new[:2] - g.place(held, pose)
            elif new[6] <= T_OPENING:
                centred(pose, new)
            new[6] = max(new[6], T_OPENING)
    return pose, after


def centred(pose: np.ndarray, hand: np.ndarray) -> None:
    """Closing fingers bring the stem or the bar to the middle between them, and alongside."""
    on_bar = abs(np.sin(hand[5] - pose[2])) < np.sin(np.pi / 4)
    held = g.to_object(hand[:2], pose)
    held = np.array([held[0], g.BAR_CENTRE[1]]) if on_bar else np.array([0.0, held[1]])
    pose[2] += wrapped(2 * (hand[5] - pose[2] - (0.0 if on_bar else np.pi / 2))) / 2
    pose[:2] += hand[:2] - g.place(held, pose)


def carried_out(seed: int, style: Style, steps: int = 300) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """The last pose of the T, the last hands, and every pair of hands on the way."""
    start = start_parameters(seed)
    pose, ee, way = np.array(start["object_pose"]), np.array(start["ee"]), []
    for _ in range(steps):
        way.append(ee)
        pose, ee = moved(pose, ee, plan(pose, ee.astype(np.float32), style))
    return pose, ee, way


@pytest.mark.parametrize("style", range(len(STYLES)))
@pytest.mark.parametrize("seed", range(6))
def test_every_style_brings_the_t_home_and_goes_home(style: int, seed: int) -> None:
    pose, ee, _ = carried_out(seed, STYLES[style])
    assert g.coverage(pose) > 0.97
    assert np.abs(ee - g.HOME).max() < 0.01


@pytest.mark.parametrize("seed", range(4))
def test_no_step_is_faster_than_the_style_allows(seed: int) -> None:
    style = STYLES[0]
    _, _, way = carried_out(seed, style, 120)
    for before, after in pairwise(way):
        for arm in range(2):
            change = after[arm_slice(arm)] - before[arm_slice(arm)]
            assert np.linalg.norm(change[:3]) <= 0.04, "a carried T swings the hand around its centre"
            assert abs(change[5]) <= style.swivel + 1e-6
            assert abs(change[6]) <= style.squeeze + 1e-6


def test_targets_stay_inside_the_limits() -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        pose = random.uniform((0.1, -0.4, -np.pi), (0.9, 0.4, np.pi))
        ee = random.uniform(g.LIMITS.low, g.LIMITS.high).astype(np.float32)
        action = plan(pose, ee, STYLES[int(random.integers(len(STYLES)))])
        assert action.dtype == np.float32
        assert np.array_equal(g.LIMITS.clip(action), action)


def test_a_solved_t_is_left_alone() -> None:
    assert np.array_equal(plan(ON_TARGET, g.HOME), g.HOME)


def test_where_no_t_is_seen_the_hands_clear_the_view() -> None:
    ee = g.HOME.copy()
    ee[arm_slice(0)] = (0.5, 0.05, LOW_Z, 0.0, 0.0, 0.3, 0.5)
    first = plan(None, ee)
    assert first[2] > ee[2]
    assert np.allclose(first[:2], ee[:2]), "straight up"
    for _ in range(60):
        ee = plan(None, ee)
    assert np.allclose(ee, g.HOME, atol=1e-5)


def test_a_t_out_of_reach_moves_no_hand() -> None:
    assert np.allclose(plan(np.array([0.95, 0.0, 0.0]), g.HOME), g.HOME)


def test_the_near_hand_works_unless_the_style_names_another() -> None:
    pose = np.array([0.5, 0.15, 0.3])
    left, right = arm_slice(0), arm_slice(1)
    near, far = plan(pose, g.HOME, Style(hand="near")), plan(pose, g.HOME, Style(hand="far"))
    assert not np.allclose(near[left], g.HOME[left])
    assert np.allclose(near[right], g.HOME[right])
    assert not np.allclose(far[right], g.HOME[right])
    assert np.allclose(far[left], g.HOME[left])


def astride_the_stem(opening: float) -> np.ndarray:
    """The left hand low over the stem of a T at (0.5, 0.1, 0), fingers on both sides."""
    ee = g.HOME.copy()
    ee[arm_slice(0)] = (0.5, 0.1 - 0.02, LOW_Z, 0.0, 0.0, np.pi / 2, opening)
    return ee


def test_it_closes_before_it_carries() -> None:
    pose = np.array([0.5, 0.1, 0.0])
    opened, closed = astride_the_stem(OPEN), astride_the_stem(T_OPENING)
    closing = plan(pose, opened)
    assert np.allclose(closing[:2], opened[:2])
    assert closing[6] < opened[6]
    carrying = plan(pose, closed)
    assert carrying[6] < T_OPENING
    after, _ = moved(pose, closed.astype(np.float64), carrying)
    assert np.linalg.norm(after[:2] - ON_TARGET[:2]) < np.linalg.norm(pose[:2] - ON_TARGET[:2])
    assert abs(wrapped(after[2] - ON_TARGET[2])) < abs(wrapped(pose[2] - ON_TARGET[2]))


def test_on_the_target_it_opens_then_rises() -> None:
    ee = g.HOME.copy()
    grip = g.place(np.array([0.0, -0.02]), ON_TARGET)
    ee[arm_slice(0)] = (*grip, LOW_Z, 0.0, 0.0, ON_TARGET[2] + np.pi / 2, T_OPENING)
    opening = plan(ON_TARGET, ee)
    assert opening[6] > T_OPENING
    assert opening[2] == pytest.approx(LOW_Z)
    ee[6] = OPEN
    assert plan(ON_TARGET, ee)[2] > LOW_Z


def test_a_hand_does_not_come_down_onto_another() -> None:
    pose = np.array([0.5, 0.1, 0.0])
    ee = astride_the_stem(OPEN)
    ee[2] = OVER_Z
    free = plan(pose, ee)
    ee[arm_slice(1)] = (0.5, 0.0, LOW_Z, 0.0, 0.0, 0.0, 0.5)
    blocked = plan(pose, ee)
    assert free[2] < OVER_Z - 0.005
    assert blocked[2] >= OVER_Z - 1e-6


def test_a_closed_hand_is_more_particular_than_an_open_one() -> None:
    nearly = np.add(ON_TARGET, (0.003, 0.0, 0.0))
    assert lies_well(nearly, closed=False)
    assert not lies_well(nearly, closed=True)
    assert lies_well(ON_TARGET, closed=True)


@pytest.mark.parametrize("change", [{2: 0.05}, {0: 0.56}, {5: 0.0}])
def test_what_does_not_stand_astride(change: dict[int, float]) -> None:
    pose, hand = np.array([0.5, 0.1, 0.0]), astride_the_stem(OPEN)[arm_slice(0)].astype(np.float64)
    assert astride(hand, pose)
    for index, value in change.items():
        hand[index] = value
    assert not astride(hand, pose)


def test_squeezing_commands_less_than_the_t_leaves() -> None:
    assert SQUEEZE < T_OPENING < OPEN
