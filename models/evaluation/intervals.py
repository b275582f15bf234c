"""How sure a success rate is."""

from dataclasses import dataclass


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
    from scipy.stats import binomtest  # seconds to import, and only evaluations need it

    found = binomtest(successes, attempts).proportion_ci(confidence, method="wilson")
    return Interval(float(found.low), float(found.high), confidence)
