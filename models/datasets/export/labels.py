"""Who drove, step by step, and which steps make an episode: pure functions of the sources of a path.

Codes follow Sirius (Liu et al. 2022): mode -1 a demonstration, 0 the robot, 1 an intervention; the label is the mode,
but -10 in a window before each intervention.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.step import SOURCES

DEMONSTRATION: Final = -1
ROBOT: Final = 0
INTERVENTION: Final = 1
BEFORE: Final = -10
OPERATOR: Final = SOURCES.index("operator")

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Of n steps."""

    intervention: NDArray[np.bool_]
    """(n,) the operator drove."""
    mode: Ints
    """(n,) -1 demonstration (the operator drove all of the path), 0 robot, 1 intervention."""
    label: Ints
    """(n,) the mode, but -10 where an intervention is near."""

    def of(self, rows: Ints) -> "Labels":
        """Of some of the steps."""
        return replace(self, intervention=self.intervention[rows], mode=self.mode[rows], label=self.label[rows])

    def cut(self, start: int, stop: int) -> "Labels":
        """Of steps start .. stop - 1."""
        return replace(
            self,
            intervention=self.intervention[start:stop],
            mode=self.mode[start:stop],
            label=self.label[start:stop],
        )


def labels(source: Ints, window: int) -> Labels:
    """Labels of a path from the sources (n,) of its steps (indices into core.step.SOURCES).

    The window holds the steps right before each stretch that the operator drove, as many as were not his own.
    """
    driven = source == OPERATOR
    mode = np.where(driven, INTERVENTION, ROBOT).astype(np.int64)
    if len(driven) and driven.all():
        mode[:] = DEMONSTRATION
    label = mode.copy()
    for start, _ in runs(driven):
        first = _lead_in(driven, start, window)
        label[first:start] = BEFORE
    return Labels(driven, mode, label)


def stretches(source: Ints, own_from: int, window: int) -> list[tuple[int, int]]:
    """Steps (start, stop) of each correction of a branch: what the operator drove, and the window before it.

    Args:
        source: (n,) of the whole path.
        own_from: First step that the branch itself owns; corrections of its parents are theirs.
        window: Steps before the operator's that come along, unless they were his own.
    """
    driven = source == OPERATOR
    found = []
    for start, stop in runs(driven):
        if stop > own_from:
            begin = max(start, own_from)
            found.append((_lead_in(driven, begin, window), stop))
    return found


def runs(where: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(start, stop) of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _lead_in(driven: NDArray[np.bool_], start: int, window: int) -> int:
    """The first of up to ``window`` steps before ``start`` that the operator did not drive."""
    earlier = np.flatnonzero(driven[:start])
    after_last = int(earlier[-1]) + 1 if len(earlier) else 0
    return max(after_last, start - window)
