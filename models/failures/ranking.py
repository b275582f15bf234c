"""What a correction of each failure is worth, and in which order to correct them.

Worth = how often the policy fails like that x how far the world is believed there. "Like that" is the same grade among
the attempts that started most alike. The order takes the worthiest of the grade that was taken least so far, so that
near misses and gross failures, which need other corrections, stay balanced.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.failures.finding import Grade

NEIGHBOURS: Final = 8
"""Attempts that started most alike, the failed one included."""
UNKNOWN_TRUST: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One attempt as far as the order depends on it."""

    start: NDArray[np.float64]
    """(D,) of the start, comparable between attempts; empty where nothing is known of it."""
    grade: Grade | None
    """None: it succeeded."""
    trust: float = 1.0
    """Before the point to correct from, 0..1; NaN where unknown."""


def worth(cases: Sequence[Case]) -> list[float]:
    """Of each case, 0..1; 0 for a success."""
    return [0.0 if case.grade is None else _share(case, cases) * _believed(case.trust) for case in cases]


def order(cases: Sequence[Case], corrected: Mapping[Grade, int], done: Collection[int] = ()) -> list[int]:
    """Places of the failed cases, the one to correct first in front.

    Args:
        cases: All attempts.
        corrected: How many failures of each grade were corrected before.
        done: Places that are left out; they still tell how often the policy fails.
    """
    values, before = worth(cases), Counter(corrected)
    left = [place for place, case in enumerate(cases) if case.grade is not None and place not in done]
    found: list[int] = []
    while left:
        best = min(left, key=lambda place: (before[_grade(cases[place])], -values[place], place))
        left.remove(best)
        found.append(best)
        before[_grade(cases[best])] += 1
    return found


def start_of(parameters: Mapping[str, object]) -> NDArray[np.float64]:
    """The start of a scene as numbers in which near means alike: metres, and turns as 0.1 m per radian near zero.

    Args:
        parameters: Of the scene; "object_pose" (x m, y m, yaw rad) or another pair or triple of numbers that is named
            for what is moved.
    """
    found = [value for name, value in sorted(parameters.items()) if name in ("object_pose", "block")]
    if not found:
        return np.empty(0)
    numbers = np.asarray(found[0], np.float64)
    if len(numbers) == 3:
        return np.array([*numbers[:2], 0.1 * np.cos(numbers[2]), 0.1 * np.sin(numbers[2])])
    return numbers


def _grade(case: Case) -> Grade:
    assert case.grade is not None
    return case.grade


def how_often(case: Case, cases: Sequence[Case]) -> tuple[int, int]:
    """(failures of the same grade, attempts) among the attempts that started most alike, the case itself included."""
    alike = [other for other in cases if len(other.start) == len(case.start)]
    if len(case.start):
        alike.sort(key=lambda other: float(np.linalg.norm(other.start - case.start)))
        alike = alike[:NEIGHBOURS]
    return sum(other.grade == case.grade for other in alike), len(alike)


def _share(case: Case, cases: Sequence[Case]) -> float:
    same, alike = how_often(case, cases)
    return same / alike


def _believed(trust: float) -> float:
    return UNKNOWN_TRUST if np.isnan(trust) else trust
