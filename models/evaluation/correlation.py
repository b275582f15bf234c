"""Whether success in a world orders policies as success in the reference does. Pure functions.

Policies that share data, seed and backbone are one lineage: they move together, so that what counts is the number of
lineages. Both series are success rates, 0..1, of the same policies in the same order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.seeds import generator
from models.evaluation.intervals import Interval
from models.evaluation.paired import DRAWS

FEWEST: Final = 5
"""Lineages below which a correlation says little: with three a permutation test never reaches p = 0.05."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How success in a world and in the reference agree."""

    policies: int
    lineages: int
    pearson: float
    """NaN where one of the two series does not vary."""
    interval: Interval
    """Of the Pearson correlation, by a bootstrap over lineages."""
    spearman: float
    mmrv: float
    """Mean maximum rank violation (Li et al. 2024): success rate that a wrong order costs, 0 is best."""
    leave_one_out: tuple[float, ...]
    """Pearson without each lineage in turn, in the order in which they first appear."""

    @property
    def enough(self) -> bool:
        """Whether there are lineages enough to say anything."""
        return self.lineages >= FEWEST


def pearson(x: Sequence[float], y: Sequence[float]) -> float:
    """Pearson's correlation; NaN where there are fewer than two points or one series does not vary."""
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if len(a) < 2 or np.ptp(a) == 0.0 or np.ptp(b) == 0.0:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def ranks(values: Sequence[float]) -> Floats:
    """1 for the smallest; equal values share the mean of their ranks."""
    found = np.asarray(values, np.float64)
    below = (found[:, None] > found).sum(1)
    equal = (found[:, None] == found).sum(1)
    return np.asarray(below + (equal + 1) / 2.0)


def spearman(x: Sequence[float], y: Sequence[float]) -> float:
    """Spearman's rank correlation; NaN as for Pearson's."""
    return pearson(ranks(x).tolist(), ranks(y).tolist())


def mmrv(world: Sequence[float], reference: Sequence[float]) -> float:
    """Mean maximum rank violation: of each policy, the largest true difference to one that the world orders wrongly."""
    seen, true = np.asarray(world, np.float64), np.asarray(reference, np.float64)
    if len(seen) == 0:
        return float("nan")
    wrong = (seen[:, None] < seen) != (true[:, None] < true)
    return float((np.abs(true[:, None] - true) * wrong).max(1).mean())


def agreement(
    world: Sequence[float], reference: Sequence[float], lineage: Sequence[str], confidence: float = 0.95, seed: int = 0
) -> Agreement:
    """All figures at once.

    Raises:
        ValueError: the three do not have the same length, or are empty.
    """
    if not len(world) == len(reference) == len(lineage) or not lineage:
        raise ValueError("Success rates of world and reference and the lineages must be of the same policies.")
    x, y, names = np.asarray(world, np.float64), np.asarray(reference, np.float64), np.asarray(lineage)
    unique = list(dict.fromkeys(lineage))
    left_out = tuple(pearson(x[names != name].tolist(), y[names != name].tolist()) for name in unique)
    return Agreement(
        len(x), len(unique), pearson(x.tolist(), y.tolist()), _interval(x, y, names, unique, confidence, seed),
        spearman(x.tolist(), y.tolist()), mmrv(x.tolist(), y.tolist()), left_out,
    )  # fmt: skip


def _interval(
    x: Floats, y: Floats, names: NDArray[np.str_], unique: list[str], confidence: float, seed: int
) -> Interval:
    """Of Pearson's correlation, drawing whole lineages; -1 .. 1 where no draw varies."""
    random = generator(seed)
    members = [np.flatnonzero(names == name) for name in unique]
    found = []
    for _ in range(DRAWS // 5):
        rows = np.concatenate([members[i] for i in random.integers(len(members), size=len(members))])
        found.append(pearson(x[rows].tolist(), y[rows].tolist()))
    known = [value for value in found if np.isfinite(value)]
    if not known:
        return Interval(-1.0, 1.0, confidence)
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(known, (tail, 1.0 - tail))
    return Interval(float(low), float(high), confidence)


def ceiling(halves: Sequence[tuple[float, float]]) -> float:
    """What two halves of the reference evaluation reach against each other: no world can be expected to do better."""
    return pearson([one for one, _ in halves], [other for _, other in halves])
