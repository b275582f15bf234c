"""What a correction is worth, against hand-worked numbers."""

import math

import numpy as np
import pytest

from models.failures.ranking import NEIGHBOURS, Case, order, start_of, worth

LEFT, RIGHT = np.array([0.0, 0.0]), np.array([1.0, 0.0])


def test_worth_is_how_often_it_fails_like_that_times_trust() -> None:
    cases = [Case(LEFT, "gross", 0.8), *[Case(LEFT, None)] * (NEIGHBOURS - 2), Case(LEFT, "gross", math.nan)]
    cases += [Case(RIGHT, "gross", 1.0)] * 20
    values = worth(cases)
    assert values[0] == pytest.approx(2 / NEIGHBOURS * 0.8)
    assert values[NEIGHBOURS - 1] == pytest.approx(2 / NEIGHBOURS * 0.5), "unknown trust counts half"
    assert values[1] == 0.0
    assert values[-1] == pytest.approx(1.0)


def test_starts_that_are_unknown_are_compared_with_all() -> None:
    nothing = np.empty(0)
    assert worth([Case(nothing, "partial"), Case(nothing, None)]) == [0.5, 0.0]


def test_grades_are_balanced_and_the_worthiest_of_each_comes_first() -> None:
    cases = [Case(LEFT, "near miss", trust) for trust in (0.9, 0.8, 0.7, 0.6)] + [Case(RIGHT, "gross", 0.5)]
    assert order(cases, {}) == [0, 4, 1, 2, 3], "the only gross failure does not wait for all near misses"
    assert order(cases, {"near miss": 9})[0] == 4, "many near misses were corrected already"
    assert order(cases, {"gross": 2}) == [0, 1, 2, 4, 3]


def test_starts_are_alike_across_a_full_turn() -> None:
    near = start_of({"object_pose": (0.4, 0.1, math.pi - 0.01)}), start_of({"object_pose": (0.4, 0.1, -math.pi + 0.01)})
    assert np.linalg.norm(near[0] - near[1]) < 0.01
    assert start_of({"block": (0.4, 0.1)}).tolist() == [0.4, 0.1]
    assert start_of({}).shape == (0,)
