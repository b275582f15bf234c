"""Failures of the base policy as it made them: 300 steps each, labelled by hand from progress and height of the hands.

The first five are of the reference world (seeds 100000, 100007, 100009, 100012, 100014), the others of the learned one
(seeds 5, 8, 10, 12).
"""

from pathlib import Path

import numpy as np
import pytest

from models.failures.finding import Course, find_failure

RECORDED = Path(__file__).with_name("rollouts.npz")
NEAR_MISSES = {0: 62, 2: 72, 4: 46, 6: 52, 7: 64}
"""Rollout -> step at which the hand that carried has let go and rises."""
OTHERS = {1: ("gross", 61), 3: ("partial", 40), 5: ("gross", 33), 8: ("gross", 17)}
"""Rollout -> grade, and the step at which nothing moved on any more."""
HIGH = 0.1
"""Metres above the table at which a hand waits."""


def course(number: int) -> Course:
    with np.load(RECORDED) as file:
        progress, places = file["progress"][number].astype(float), file["hands"][number].astype(np.float32)
    hands = np.zeros((len(progress), 14), np.float32)
    hands[:, [0, 1, 2, 7, 8, 9]] = places
    return Course(progress, np.full(len(progress), np.nan), hands, success=False)


def lowest(attempt: Course, index: int) -> float:
    return float(attempt.hands[index, [2, 9]].min())


@pytest.mark.parametrize(("number", "let_go"), NEAR_MISSES.items())
def test_a_near_miss_is_taken_up_where_both_hands_wait(number: int, let_go: int) -> None:
    attempt = course(number)
    found = find_failure(attempt)
    assert found is not None
    assert (found.kind, found.grade) == ("stalled", "near miss")
    wait, before, stall = found.points
    assert before.index + 9 < stall.index < let_go < wait.index
    assert lowest(attempt, wait.index) > HIGH
    assert lowest(attempt, before.index) < 0.05, "a hand still carries"
    assert lowest(attempt, stall.index) < 0.05
    assert attempt.progress[wait.index] > 0.8 > attempt.progress[before.index]


@pytest.mark.parametrize(("number", "label"), OTHERS.items())
def test_other_failures_are_taken_up_where_nothing_moved_on(number: int, label: tuple[str, int]) -> None:
    found = find_failure(course(number))
    assert found is not None
    assert (found.kind, found.grade) == ("stalled", label[0])
    (point,) = found.points
    assert abs(point.index - label[1]) <= 4
