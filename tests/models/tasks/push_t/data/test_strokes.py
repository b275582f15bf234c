from itertools import pairwise

import numpy as np
import pytest

from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.strokes import Hand, PushStyle, Sight, clear_of_t, direction, outline_points, wrapped

FAR_POSE = np.array([0.7, -0.2, 0.0])


@pytest.fixture
def hand() -> Hand:
    return Hand(0, Sight(FAR_POSE, g.HOME.astype(np.float64)), np.random.default_rng(0))


def test_it_arrives_at_its_speed(hand: Hand) -> None:
    target = hand.at(np.array([0.5, 0.1]), 0.05, 0.4, 0.9)
    way = [hand.command.copy(), *(c.copy() for c in hand.go(target, 0.02))]
    assert np.allclose(way[-1], target)
    for before, after in pairwise(way):
        assert np.linalg.norm(after[:3] - before[:3]) <= 0.02 + 1e-9


def test_of_two_equal_yaws_it_takes_the_nearer(hand: Hand) -> None:
    hand.command[5] = 0.2
    turned = hand.at(np.array([0.5, 0.1]), 0.05, 0.3 + np.pi, 0.5)[5]
    assert turned == pytest.approx(0.3), "two fingers look the same from behind"


def test_it_turns_the_short_way_round(hand: Hand) -> None:
    hand.command[5] = 3.0
    target = hand.command.copy()
    target[5] = -3.0
    yaws = [c[5] for c in hand.go(target, 0.02, 0.1)]
    assert all(abs(yaw) > 2.9 for yaw in yaws)


def test_commands_stay_inside_the_limits(hand: Hand) -> None:
    command = hand.at(np.array([2.0, -2.0]), -1.0, 0.0, 3.0)
    assert np.array_equal(command, hand.inside(command))
    assert command[:3] == pytest.approx([0.78, -0.28, 0.01])


def test_resting_lifting_and_travelling(hand: Hand) -> None:
    before = hand.command.copy()
    assert all(np.array_equal(c, before) for c in hand.rest(3))
    low = hand.at(np.array([0.5, 0.1]), 0.012, 0.0, 0.5)
    list(hand.travel(low, 0.03))
    assert np.allclose(hand.command, low)
    heights = [c[2] for c in hand.travel(hand.at(np.array([0.4, 0.2]), 0.012, 0.0, 0.5), 0.03)]
    assert max(heights) == pytest.approx(0.058), "above the T"


@pytest.mark.parametrize("wide", [False, True])
def test_a_push_comes_down_pushes_straight_and_backs_off(hand: Hand, wide: bool) -> None:
    style = PushStyle(wide=wide, opening=0.2, back=0.02)
    start, heading = np.array([0.4, 0.1]), 0.3
    way = np.array([c.copy() for c in hand.push(start, heading, 0.08, style)])
    low = way[np.isclose(way[:, 2], style.z)]
    along = (low[:, :2] - start) @ direction(heading)
    across = (low[:, :2] - start) @ direction(heading + np.pi / 2)
    assert along.max() == pytest.approx(0.08)
    assert np.abs(across).max() < 1e-6
    assert (way[-1, :2] - start) @ direction(heading) == pytest.approx(0.06)
    assert abs(np.sin(low[-1, 5] - heading)) == pytest.approx(0.0 if wide else 1.0, abs=1e-6)


def test_the_outline_is_walked_with_outward_normals() -> None:
    points, normals = outline_points(0.01)
    assert np.allclose(np.linalg.norm(normals, axis=1), 1.0)
    assert not g.inside_t(points + 1e-4 * normals).any()
    assert g.inside_t(points - 1e-4 * normals).all()


def test_fingers_come_down_beside_the_t_only() -> None:
    pose = np.array([0.5, 0.0, 0.0])
    assert not clear_of_t(pose[:2], 0.0, 0.0, pose)
    assert clear_of_t(np.array([0.5, 0.2]), 0.0, 1.0, pose)
    stem = g.place(np.array([0.0, -0.05]), pose)
    assert clear_of_t(stem, np.pi / 2, 1.0, pose), "astride the stem"
    assert not clear_of_t(stem, 0.0, 1.0, pose), "along it"


def test_angles_wrap() -> None:
    assert wrapped(3 * np.pi / 2) == pytest.approx(-np.pi / 2)
    assert wrapped(0.5) == 0.5
