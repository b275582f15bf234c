"""What went wrong in an attempt, when it could be noticed, and where a correction should begin: pure functions.

The last good step is that of core/failure_point.py. A near miss gets two more points. From where its progress stalled a
correction is three steps long and teaches nothing (median of 174; measured in Push-T): the hand still carries. From
where the policy has let go and waits, 20 steps before the stall could be noticed, it is a whole second try, which is
what the policy never makes; from before the cause it is a better first try.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.destination import AHEAD
from core.failure_point import NOISE, TRUSTED, last_good

Kind = Literal["stalled", "fell back", "distrusted", "timed out"]
Grade = Literal["near miss", "partial", "gross"]
KINDS: Final[tuple[Kind, ...]] = ("stalled", "fell back", "distrusted", "timed out")
GRADES: Final[tuple[Grade, ...]] = ("near miss", "partial", "gross")

STALL: Final = 60
"""Steps without a gain of progress after which a stall is noticed."""
FALL: Final = 0.10
"""Progress below the best from which an attempt has fallen back."""
DOUBT: Final = 10
"""Steps in a row below core.failure_point.TRUSTED after which a world is no longer believed."""
NEAR: Final = 0.8
"""Best progress above which an attempt was almost solved."""
GROSS: Final = 0.5
"""Final progress below which it was not."""
IDLE_M: Final = 0.03
"""Metres within which hands that wait stay."""
IDLE_STEPS: Final = 50


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What is known of an attempt with N steps, node by node from its start."""

    progress: NDArray[np.float64]
    """(N + 1,) 0..1, NaN where unknown."""
    trust: NDArray[np.float64]
    """(N + 1,) 0..1, NaN where unknown."""
    hands: NDArray[np.float32]
    """(N + 1, 14) measured."""
    success: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A node from which a correction could begin."""

    index: int
    why: str
    """For the user: "last good step", "second try", "before the cause"."""


@dataclass(frozen=True, slots=True)
class Failure:
    """How an attempt failed."""

    kind: Kind
    grade: Grade
    noticed: int
    """Node at which it could be noticed."""
    idle: bool
    """Whether the hands waited at the end."""
    points: tuple[Proposal, ...]
    """At least one; the first is the one to take."""


def find_failure(course: Course) -> Failure | None:
    """How an attempt failed; None where it succeeded."""
    if course.success:
        return None
    kind, noticed = _kind(course)
    known = course.progress[np.isfinite(course.progress)]
    best, final = (float(known.max()), float(known[-1])) if len(known) else (0.0, 0.0)
    grade: Grade = "partial"
    if final < GROSS:
        grade = "gross"
    elif best > NEAR and kind != "distrusted":
        grade = "near miss"
    return Failure(kind, grade, noticed, _idle(course.hands), _points(course, kind, grade, noticed))


def last_gain(progress: Sequence[float] | NDArray[np.float64]) -> int:
    """The node at which progress last rose above all before it, by more than the judge wavers."""
    level, gain = -math.inf, 0
    for index, value in enumerate(progress):
        if value > level + NOISE:
            level, gain = float(value), index
    return gain


def _kind(course: Course) -> tuple[Kind, int]:
    """What could be noticed first, and when."""
    last = len(course.progress) - 1
    noticed: dict[Kind, int | None] = {
        "distrusted": _first_run(course.trust < TRUSTED, DOUBT),
        "fell back": _fall(course.progress),
        "stalled": last_gain(course.progress) + STALL,
    }
    found = [(index, kind) for kind, index in noticed.items() if index is not None and index <= last]
    index, kind = min(found, default=(last, "timed out"), key=lambda one: one[0])
    return kind, index


def _fall(progress: NDArray[np.float64]) -> int | None:
    """Where progress was first clearly below its best, and never came back up; None where it did."""
    known = np.nan_to_num(progress, nan=0.0)
    top = int(known.argmax())
    low = known[top:] < known[top] - FALL
    return top + int(low.argmax()) if low.any() and low[-1] else None


def _first_run(marks: NDArray[np.bool_], length: int) -> int | None:
    """The end of the first run of so many marks; None where there is none."""
    run = 0
    for index, mark in enumerate(marks):
        run = run + 1 if mark else 0
        if run == length:
            return index
    return None


def _idle(hands: NDArray[np.float32]) -> bool:
    """Whether both hands stayed within IDLE_M for the last IDLE_STEPS steps."""
    end = hands[-IDLE_STEPS - 1 :].reshape(-1, 2, 7)[:, :, :3]
    return len(end) > IDLE_STEPS and bool((np.ptp(end, axis=0) < IDLE_M).all())


def _back(course: Course, kind: Kind, noticed: int) -> int:
    """Steps from where a failure was noticed to the last good node."""
    unknown, end = [math.nan] * (noticed + 1), len(course.progress) - 1
    progress, trust = course.progress[::-1].tolist(), course.trust[noticed::-1].tolist()
    match kind:
        case "stalled":
            found = last_good(progress[end - noticed :], unknown)
        case "fell back":  # seen from the end: the fall is noticed within its first steps
            found = last_good(progress, [math.nan] * (end + 1))
            return AHEAD if found is None else noticed - (end - found.back)
        case "distrusted":
            found = last_good(unknown, trust)
        case "timed out":
            found = None
    return AHEAD if found is None else found.back


def _points(course: Course, kind: Kind, grade: Grade, noticed: int) -> tuple[Proposal, ...]:
    good = max(0, noticed - _back(course, kind, noticed))
    points = [Proposal(good, "last good step")]
    if grade == "near miss" and kind == "stalled":
        cause = last_gain(course.progress)
        points = [
            Proposal(max(0, noticed - AHEAD), "second try"),
            Proposal(max(0, cause - AHEAD), "before the cause"),
            *points,
        ]
    first = {point.index: point for point in reversed(points)}
    return tuple(point for point in points if first[point.index] is point)
