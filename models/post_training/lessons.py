"""Which steps of a branch are lessons, and where a chunk of actions must end: pure functions of who drove.

A lesson is a run of steps whose actions may be taught one after the other: all driven by the same driver, none right
before a take-over together with earlier ones, idle steps left out. A chunk never leaves its lesson: not across a
take-over or a hand-back, not past the end of the branch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from models.datasets.export.idle import working
from models.datasets.export.labels import BEFORE, OPERATOR, labels, runs, stretches
from models.post_training.options import Selection

Ints = NDArray[np.int64]
REST: NDArray[np.float32] = np.array([5e-4, 5e-4, 5e-4, 5e-3, 5e-3, 5e-3, 5e-3] * 2, np.float32)
"""(14,) change of a command in one step below which a hand rests: metres, radians, opening."""
assert REST.shape == (ACTION_DIM,)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Steps of the path to a branch's end whose actions follow each other."""

    steps: Ints
    """(n,) ascending; where idle steps were left out, not consecutive."""
    label: int
    """Of all of them, see models/datasets/export/labels.py."""
    since_take_over: Ints
    """(n,) steps since the operator took over; -1 where the operator did not drive."""

    @property
    def context(self) -> int | None:
        """The step before the first one, which is only history; None at the start of an episode."""
        return int(self.steps[0]) - 1 if self.steps[0] > 0 else None


def lessons(
    source: Ints, action: NDArray[np.float32], own_from: int, selection: Selection, keep_before: bool = False
) -> list[Lesson]:
    """The lessons of one branch.

    Args:
        source: (n,) who drove each step of the path to its end, indices into core.step.SOURCES.
        action: (n, 14) applied.
        own_from: First step that the branch itself owns; corrections of its parents are theirs.
        selection: What is wanted.
        keep_before: Whether the steps right before a take-over stay, as a lesson of their own with that label.
    """
    marked = labels(source, selection.before).label
    kept = np.ones(len(source), np.bool_) if selection.idle else _moving(source, action)
    if selection.part == "operator":
        wanted = np.zeros(len(source), np.bool_)
        for start, stop in stretches(source, own_from, 0):
            wanted[start:stop] = True
        kept &= wanted
    if not keep_before:
        kept &= marked != BEFORE
    since = _since_take_over(source)
    steps = np.flatnonzero(kept)
    # a lesson ends where the label changes, and where another driver was in between
    breaks = np.flatnonzero((np.diff(marked[steps]) != 0) | (np.diff(_stint(source)[steps]) != 0)) + 1
    return [Lesson(part, int(marked[part[0]]), since[part]) for part in np.split(steps, breaks) if len(part)]


def _moving(source: Ints, action: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(n,) steps in which the hands did not rest.

    The first steps after a take-over that only hold what was commanded before are rest from the first one on: nothing
    has to settle then, and at a place where the policy stood still they would teach it to go on standing there.
    """
    kept = working(source, action, REST)
    for start, stop in runs(source == OPERATOR):
        for step in range(max(start, 1), stop):
            if (np.abs(action[step] - action[step - 1]) > REST).any():
                break
            kept[step] = False
    return kept


def _stint(source: Ints) -> Ints:
    """(n,) number of the run of one driver that each step belongs to."""
    return np.concatenate([[0], np.cumsum(np.diff(source) != 0)]).astype(np.int64)[: len(source)]


def _since_take_over(source: Ints) -> Ints:
    since = np.full(len(source), -1, np.int64)
    for start, stop in runs(source == OPERATOR):
        since[start:stop] = np.arange(stop - start)
    return since
