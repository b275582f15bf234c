"""Where to correct from: the last node from which things were still good before a failure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Cause = Literal["progress fell", "progress stalled", "trust fell"]
NOISE: Final = 0.02
"""Progress, 0..1, that the judge's reading of pictures wavers by."""
TRUSTED: Final = 0.5
"""Trust below which a world is not believed."""
LEAD: Final = 5
"""Steps that a correction needs at least: a cause that is nearer to the failure is the failure itself."""


@dataclass(frozen=True, slots=True)
class Point:
    """A proposed node."""

    back: int
    """Steps before the failure."""
    cause: Cause
    """What happened right after it."""


def last_good(progress: Sequence[float], trust: Sequence[float]) -> Point | None:
    """The node before progress or trust last fell, or before progress stalled.

    Args:
        progress: Of the failure and the nodes before it, newest first; 0..1, NaN where unknown.
        trust: Likewise.

    Returns:
        None where nothing is known, or where things were good until `LEAD` steps before the failure.
    """
    points = [point for point in (_of_progress(progress), _of_trust(trust)) if point is not None]
    return min((point for point in points if point.back >= LEAD), key=lambda point: point.back, default=None)


def _of_progress(progress: Sequence[float]) -> Point | None:
    """Back over the stall at the end; where progress had fallen into it, on to the top that it fell from."""
    if not progress or math.isnan(progress[0]):
        return None
    stall = 0
    while stall + 1 < len(progress) and abs(progress[stall + 1] - progress[0]) <= NOISE:
        stall += 1
    if stall + 1 >= len(progress) or math.isnan(progress[stall + 1]):
        return None
    if progress[stall + 1] < progress[stall]:
        return Point(stall, "progress stalled")
    top = stall
    while top + 1 < len(progress) and progress[top + 1] >= progress[top] - NOISE / 2:
        top += 1
        if progress[top] - progress[stall] > NOISE and progress[top] <= progress[top - 1]:
            return Point(top - 1, "progress fell")
    return Point(top, "progress fell")


def _of_trust(trust: Sequence[float]) -> Point | None:
    for back in range(1, len(trust)):
        if trust[back] >= TRUSTED > trust[back - 1]:
            return Point(back, "trust fell")
    return None
