"""Two policies on the same seeds: how much better one is, and how sure that is. Pure functions.

Outcomes are booleans by seed, in the same order for both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.seeds import generator
from models.evaluation.intervals import Interval

DRAWS: Final = 10_000
"""Resamples of a bootstrap."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One policy against another on n seeds."""

    attempts: int
    won: int
    """Seeds that only the first one solved."""
    lost: int
    """Seeds that only the other one solved."""
    gain: float
    """Difference of the success rates, -1..1."""
    interval: Interval
    """Of the gain, by a paired bootstrap."""
    p: float
    """Of the exact McNemar test, two-sided."""


def compared(one: Sequence[bool], other: Sequence[bool], confidence: float = 0.95, seed: int = 0) -> Comparison:
    """One policy against another, seed by seed.

    Raises:
        ValueError: no seeds, or not the same number.
    """
    if len(one) != len(other) or not one:
        raise ValueError(f"{len(one)} and {len(other)} outcomes are no pairs.")
    first, second = np.asarray(one, np.bool_), np.asarray(other, np.bool_)
    won, lost = int((first & ~second).sum()), int((~first & second).sum())
    interval = bootstrap(first.astype(np.float64) - second, confidence, seed)
    return Comparison(len(one), won, lost, (won - lost) / len(one), interval, mcnemar(won, lost))


def mcnemar(won: int, lost: int) -> float:
    """The two-sided p value of the exact McNemar test: won of won + lost flips of a fair coin; 1 without any."""
    if won + lost == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(won, won + lost, 0.5).pvalue)


def bootstrap(values: NDArray[np.float64], confidence: float = 0.95, seed: int = 0) -> Interval:
    """Where the mean of values (n,) lies, by the percentile bootstrap. A function of its arguments."""
    random, count = generator(seed), len(values)
    means = [values[random.integers(count, size=count)].mean() for _ in range(DRAWS)]
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(means, (tail, 1.0 - tail))
    return Interval(float(low), float(high), confidence)
