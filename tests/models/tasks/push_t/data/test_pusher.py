import numpy as np
import pytest

from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.pusher import best_push, nearer_arm, pinch_and_carry, pose_error, random_grip
from models.tasks.push_t.data.strokes import Hand, Sight


def test_the_error_is_the_distance_of_the_corners() -> None:
    target = np.array(g.TARGET_POSE)
    assert pose_error(target) == 0.0
    assert pose_error(target + np.array([0.03, 0.04, 0.0])) == pytest.approx(0.05)
    assert pose_error(target + np.array([0.0, 0.0, 0.5])) > pose_error(target + np.array([0.0, 0.0, 0.1])) > 0


@pytest.mark.parametrize("pose", [(0.42, 0.05, 0.3), (0.6, -0.1, 2.0), (0.5, 0.15, -1.5)])
def test_the_best_push_is_thought_to_help(pose: tuple[float, ...]) -> None:
    plan = best_push(np.array(pose), np.random.default_rng(0), 0.02)
    assert plan is not None
    assert plan.error < pose_error(np.array(pose))
    end = plan.start + plan.length * np.array([np.cos(plan.heading), np.sin(plan.heading)])
    for xy in (plan.start, end):
        assert (xy >= g.LIMITS.low[:2] - 0.02).all()
        assert (xy <= g.LIMITS.high[:2] + 0.02).all()
    assert not g.inside_t(g.to_object(plan.start, np.array(pose)))


def test_a_solved_t_needs_no_push() -> None:
    assert best_push(np.array(g.TARGET_POSE), np.random.default_rng(0), 0.02) is None


def test_each_arm_has_its_side() -> None:
    assert (nearer_arm(np.array([0.5, 0.1])), nearer_arm(np.array([0.5, -0.1]))) == (0, 1)


def test_a_carried_t_that_goes_along_reaches_its_goal() -> None:
    sight = Sight(np.array([0.45, 0.12, 0.3]), g.HOME.astype(np.float64))
    hand, goal = Hand(0, sight, np.random.default_rng(0)), np.array([0.55, 0.02, 1.0])
    for command in pinch_and_carry(hand, goal, np.array([0.0, -0.05, np.pi / 2]), 0.02):
        old = sight.ee[:7].copy()
        sight.ee[:7] = command
        if old[6] < 0.45 and old[2] < 0.02:
            held = g.to_object(old[:2], sight.object_pose)
            pose = sight.object_pose + np.array([0.0, 0.0, command[5] - old[5]])
            pose[:2] += command[:2] - g.place(held, pose)
            sight.object_pose = pose
    assert np.allclose(sight.object_pose, goal, atol=0.02)
    assert hand.command[2] > 0.05, "and lets go"
    assert hand.command[6] > 0.9


def test_grips_are_on_the_stem_or_on_the_bar() -> None:
    random = np.random.default_rng(0)
    grips = np.array([random_grip(random) for _ in range(200)])
    assert g.inside_t(grips[:, :2]).all()
    assert 0.4 < (grips[:, 0] == 0).mean() < 0.8
