"""Kinds, grades and proposed points, against courses that were labelled by hand."""

import numpy as np
import pytest

from models.failures.finding import Course, find_failure, last_gain
from tests.models.failures.courses import LOST, MISSED, PARKED, SLOW, UNKNOWN_WORLD, course, rising


@pytest.mark.parametrize(
    ("attempt", "kind", "grade", "noticed", "idle"),
    [
        (PARKED, "stalled", "near miss", 119, True),
        (MISSED, "stalled", "gross", 119, True),
        (LOST, "fell back", "gross", 82, False),
        (SLOW, "timed out", "partial", 300, False),
        (UNKNOWN_WORLD, "distrusted", "partial", 59, False),
        (course(rising(0.1, 0.9, 80), rising(0.9, 0.7, 20), [0.7] * 200), "fell back", "near miss", 91, True),
    ],
)
def test_a_failure_has_the_kind_and_grade_that_was_labelled(
    attempt: Course, kind: str, grade: str, noticed: int, idle: bool
) -> None:
    found = find_failure(attempt)
    assert found is not None
    assert (found.kind, found.grade, found.idle) == (kind, grade, idle)
    assert abs(found.noticed - noticed) <= 2, "within what the judge wavers by"


def test_a_success_is_no_failure() -> None:
    assert find_failure(course(rising(0, 1, 50), success=True)) is None


def test_a_near_miss_is_corrected_where_it_waits_or_before_the_cause_and_last_where_it_stalled() -> None:
    found = find_failure(PARKED)
    assert found is not None
    wait, before, stall = found.points
    assert [point.why for point in found.points] == ["second try", "before the cause", "last good step"]
    assert abs(wait.index - (60 + 40)) <= 2
    assert abs(before.index - (60 - 20)) <= 2
    assert abs(stall.index - 60) <= 2


@pytest.mark.parametrize(("attempt", "index"), [(MISSED, 60), (LOST, 79), (UNKNOWN_WORLD, 49), (SLOW, 280)])
def test_other_failures_are_corrected_from_the_last_good_step(attempt: Course, index: int) -> None:
    found = find_failure(attempt)
    assert found is not None
    (point,) = found.points
    assert point.why == "last good step"
    assert abs(point.index - index) <= 4, "within what the judge wavers by"


def test_points_are_nodes_of_the_attempt_and_differ() -> None:
    early = find_failure(course(rising(0.1, 0.96, 8), [0.96] * 70))
    assert early is not None
    places = [point.index for point in early.points]
    assert len(set(places)) == len(places)
    assert all(0 <= place < 78 for place in places)


def test_a_short_dip_of_trust_is_forgiven() -> None:
    found = find_failure(course(rising(0.1, 0.6, 100), [0.6], trust=[0.9] * 50 + [0.2] * 9 + [0.9] * 42))
    assert found is not None
    assert found.kind == "timed out"


def test_progress_that_nobody_judged_still_gives_a_point() -> None:
    unknown = np.full(101, np.nan)
    found = find_failure(Course(unknown, unknown, np.zeros((101, 14), np.float32), False))
    assert found is not None
    assert (found.grade, len(found.points)) == ("gross", 1)


def test_a_gain_is_more_than_the_judge_wavers_by() -> None:
    assert last_gain([0.1, 0.2, 0.21, 0.2, 0.215]) == 1
    assert last_gain([0.1, 0.2, 0.3, 0.1]) == 2
