"""Hand-labelled courses of progress, in the shapes that rollouts have."""

from collections.abc import Sequence

import numpy as np

from models.failures.finding import Course


def rising(start: float, stop: float, steps: int) -> list[float]:
    return [start + (stop - start) * i / steps for i in range(steps)]


def course(*parts: Sequence[float], trust: Sequence[float] | None = None, success: bool = False) -> Course:
    """A course whose hands wait where progress does."""
    progress = np.array([value for part in parts for value in part])
    moved = np.cumsum(np.abs(np.diff(progress, prepend=progress[0])) > 0) * 0.01
    hands = np.zeros((len(progress), 14), np.float32)
    hands[:, 0] = moved
    known = np.full(len(progress), np.nan) if trust is None else np.asarray(trust, float)
    return Course(progress, known, hands, success)


PARKED = course([0.1] * 20, rising(0.1, 0.96, 40), [0.96] * 241)
"""Carried until node 60, almost solved, then idle until the time is up."""
MISSED = course([0.1] * 20, rising(0.1, 0.37, 40), [0.37] * 241)
"""Let go far off, then idle."""
LOST = course(rising(0.1, 0.9, 80), rising(0.9, 0.3, 10), [0.3] * 30)
"""Pushed away again from node 80 on."""
SLOW = course(rising(0.1, 0.7, 300), [0.7])
"""Still gaining when the time was up."""
UNKNOWN_WORLD = course(rising(0.1, 0.6, 100), [0.6], trust=[0.9] * 50 + [0.2] * 51)
"""Left what the world knows at node 50."""
