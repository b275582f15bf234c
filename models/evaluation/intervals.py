"""How sure a success rate is."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """A proportion and where the truth lies with the stated confidence."""

    low: float
    high: float
    confidence: float


def wilson(successes: int, attempts: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a proportion; no attempts say nothing: 0 .. 1.

    Source: Wilson 1927; it stays inside 0 .. 1 and holds for small numbers, unlike the normal approximation.

    Raises:
        ValueError: more successes than attempts, negative numbers, a confidence outside 0 .. 1.
    """
    if not 0 <= successes <= attempts:
        raise ValueError(f"{successes} successes of {attempts} attempts make no proportion.")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"A confidence lies between 0 and 1, not at {confidence}.")
    if attempts == 0:
        return Interval(0.0, 1.0, confidence)
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    share, spread = successes / attempts, z * z / attempts
    centre = (share + spread / 2.0) / (1.0 + spread)
    half = z * sqrt(share * (1.0 - share) / attempts + spread / (4.0 * attempts)) / (1.0 + spread)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == attempts else min(1.0, centre + half)
    return Interval(low, high, confidence)
