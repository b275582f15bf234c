"""What the results of a study say: rates, comparisons on equal seeds, agreement of two worlds. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.evaluation.correlation import Agreement, agreement, ceiling
from models.evaluation.intervals import Interval, wilson
from models.evaluation.paired import Comparison, bootstrap, mcnemar
from models.study.results import Result, successes

FIRST_TRY: Final = 130
"""Steps by which a success counts as that of the first try; what comes later was tried again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cell of one backbone, over all seeds of its training."""

    backbone: str
    cell: str
    trainings: int
    attempts: int
    """Of all trainings."""
    success: float
    interval: Interval
    """Wilson's, as if attempts of different trainings were independent."""
    first_try: float
    """Share that succeeds within FIRST_TRY steps."""
    late: float
    """Share that succeeds later."""
    median_steps: float
    """Of the successes; NaN without any."""
    progress: float
    """Mean at the end, 0..1."""
    against: dict[str, Comparison]
    """Other cell of the same backbone -> comparison on the same seeds."""


OTHERS: Final = ("base", "longer", "closed_loop")
"""Cells that every other one is compared with."""


def rows(results: Sequence[Result]) -> list[Row]:
    """One row for each cell that has been evaluated in the reference world, in the order of the results."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        if result.reference and result.backbone != "also":
            groups.setdefault((result.backbone, result.cell), []).append(result)
    return [_row(key, group, groups) for key, group in groups.items()]


def _row(key: tuple[str, str], group: Sequence[Result], groups: dict[tuple[str, str], list[Result]]) -> Row:
    attempts = [attempt for result in group for attempt in result.reference]
    solved = [attempt for attempt in attempts if attempt.success]
    first = sum(attempt.steps <= FIRST_TRY for attempt in solved)
    others = {name: groups[key[0], name] for name in OTHERS if name != key[1] and (key[0], name) in groups}
    against = {name: comparison(group, other) for name, other in others.items()}
    return Row(
        *key, len(group), len(attempts), len(solved) / len(attempts), wilson(len(solved), len(attempts)),
        first / len(attempts), (len(solved) - first) / len(attempts),
        float(np.median([attempt.steps for attempt in solved])) if solved else float("nan"),
        float(np.mean([attempt.progress for attempt in attempts])), against,
    )  # fmt: skip


def comparison(group: Sequence[Result], others: Sequence[Result]) -> Comparison:
    """One cell against another on the seeds that both have; trainings of the same seed are paired where there are.

    The interval is a bootstrap over evaluation seeds of the mean over trainings. McNemar's test counts the pairs of
    all trainings.
    """
    pairs = [(result, _partner(result, others)) for result in group]
    count = min(len(part.reference) for pair in pairs for part in pair)
    one = np.array([successes(result.reference[:count]) for result, _ in pairs])
    other = np.array([successes(partner.reference[:count]) for _, partner in pairs])
    won, lost = int((one & ~other).sum()), int((~one & other).sum())
    difference = (one.astype(np.float64) - other).mean(0)
    return Comparison(one.size, won, lost, float(difference.mean()), bootstrap(difference), mcnemar(won, lost))


def _partner(result: Result, others: Sequence[Result]) -> Result:
    return next((other for other in others if other.seed == result.seed), others[0])


@dataclass(frozen=True, slots=True)
class WorldAgreement:
    """How success in the learned world and in the reference world agree over all policies."""

    points: tuple[tuple[str, float, float], ...]
    """Name, success in the world, in the reference."""
    agreement: Agreement
    ceiling: float
    """Pearson of two halves of the reference evaluation."""


def world_agreement(results: Sequence[Result]) -> WorldAgreement | None:
    """None where fewer than two policies were evaluated in both worlds."""
    both = [result for result in results if result.reference and result.world]
    if len(both) < 2:
        return None
    seen = [float(np.mean(successes(result.world))) for result in both]
    true = [float(np.mean(successes(result.reference))) for result in both]
    halves = [
        (float(np.mean(solved[::2])), float(np.mean(solved[1::2])))
        for solved in (successes(result.reference) for result in both)
        if len(solved) > 1
    ]
    points = tuple(zip([result.name for result in both], seen, true, strict=True))
    return WorldAgreement(points, agreement(seen, true, [result.lineage for result in both]), ceiling(halves))
