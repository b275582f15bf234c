"""The node that a correction is proposed from, on shapes of progress and trust that rollouts have."""

import math

import pytest

from core.failure_point import LEAD, Point, last_good

UNKNOWN = [math.nan]


def newest_first(*parts: list[float]) -> list[float]:
    return [value for part in parts for value in part][::-1]


def rising(start: float, stop: float, steps: int) -> list[float]:
    return [start + (stop - start) * i / steps for i in range(steps)]


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (newest_first(rising(0, 0.24, 60), [0.24] * 241), Point(241, "progress stalled")),
        (newest_first(rising(0, 0.8, 80), rising(0.8, 0.3, 10), [0.3] * 50), Point(60, "progress fell")),
        (newest_first(rising(0, 0.8, 80), rising(0.8, 0.3, 10), rising(0.3, 0.6, 10), [0.6] * 30),
         Point(30, "progress stalled")),
        (newest_first([0.5] * 20, rising(0.5, 0.1, 40), [0.1]), Point(40, "progress fell")),
        (newest_first(rising(0, 0.5, 60)), None),
        (newest_first([0.3] * 100), None),
        (UNKNOWN * 50, None),
        ([], None),
    ],
)  # fmt: skip
def test_progress_proposes_the_last_good_node(progress: list[float], expected: Point | None) -> None:
    found = last_good(progress, UNKNOWN * len(progress))
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert found.cause == expected.cause
        assert abs(found.back - expected.back) <= 4, "within what the judge wavers by"


def test_a_later_loss_of_trust_is_nearer() -> None:
    progress = newest_first(rising(0, 0.24, 60), [0.24] * 241)
    trust = newest_first([0.9] * 250, [0.3] * 51)
    assert last_good(progress, trust) == Point(51, "trust fell")


def test_trust_that_came_back_and_fell_again_counts_from_the_last_fall() -> None:
    trust = newest_first([0.9] * 20, [0.2] * 10, [0.8] * 20, [0.4] * 10)
    assert last_good(UNKNOWN * len(trust), trust) == Point(10, "trust fell")


def test_what_happened_just_before_the_failure_leaves_no_room_for_a_correction() -> None:
    trust = newest_first([0.9] * 50, [0.1] * (LEAD - 1))
    assert last_good(UNKNOWN * len(trust), trust) is None
