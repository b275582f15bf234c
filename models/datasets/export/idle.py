"""Steps of an operator whose hands rested: what an export may leave out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.datasets.export.labels import OPERATOR

SETTLE: Final = 3
"""Idle steps that stay at the start of each run: objects may still move."""


def working(
    source: NDArray[np.int64], action: NDArray[np.float32], rest: NDArray[np.float32] | None = None
) -> NDArray[np.bool_]:
    """Which steps to keep: all but those in which the operator drove and the command had not changed for a while.

    Args:
        source: (n,) who drove each step, indices into core.step.SOURCES.
        action: (n, 14) applied.
        rest: (14,) change from one step to the next that still counts as none; exactly none where absent.
    """
    same, still = np.zeros(len(source), np.bool_), np.zeros(action.shape[1], np.float32) if rest is None else rest
    same[1:] = (np.abs(action[1:] - action[:-1]) <= still).all(axis=1)
    idle = same & (source == OPERATOR)
    number = np.arange(len(idle))
    run = number - np.maximum.accumulate(np.where(idle, -1, number))  # length of the idle run up to each step
    return np.asarray(~idle | (run <= SETTLE))


def spans(keep: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The runs of kept steps as (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], keep.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
