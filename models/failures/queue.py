"""The queue of failures as values: in which order, what each took, and what a correction takes. No disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from models.failures.effort import Effort
from models.failures.handled import Handled, waiting
from models.failures.listing import Attempted, Listing, cases_of
from models.failures.ranking import how_often


class Key(NamedTuple):
    """Which failure: where it is recorded."""

    session: str
    """Folder beside the list."""
    branch: int
    """The trunk in that session."""


@dataclass(frozen=True, slots=True)
class Queued:
    """One failure of the queue."""

    rank: int
    """1 is corrected first; 0 where it is handled already."""
    key: Key
    attempt: Attempted
    alike: tuple[int, int]
    """How often the policy fails like that: failures of the same grade, attempts that started most alike."""
    handled: Handled | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Medians over the failures that were corrected."""

    corrected: int
    solved: int
    seconds: float
    whole_seconds: float
    steps: float
    retries: float


def queue(listing: Listing, handled: Sequence[Handled]) -> list[Queued]:
    """The failures that wait, the one to correct first in front, then those that are handled."""
    cases, known = cases_of(listing.attempts), {(one.seed, one.draw): one for one in handled}
    case_of = {(one.seed, one.draw): case for one, case in zip(listing.attempts, cases, strict=True)}
    left = waiting(listing, handled)
    done = [one for one in listing.attempts if one.failure is not None and (one.seed, one.draw) in known]
    found: list[Queued] = []
    for rank, one in [*enumerate(left, 1), *((0, one) for one in done)]:
        place = one.seed, one.draw
        if one.branch is not None:
            key = Key(one.session, one.branch)
            found.append(Queued(rank, key, one, how_often(case_of[place], cases), known.get(place)))
    return found


def with_effort(
    handled: Sequence[Handled], attempt: Attempted, effort: Effort, more_seconds: float = 0.0
) -> list[Handled]:
    """With what a failure took by now, in place of what was known before.

    Args:
        handled: What is known.
        attempt: The failure.
        effort: As its session says.
        more_seconds: For which it was on the screen since it was last written down.
    """
    place = attempt.seed, attempt.draw
    before = sum(one.whole_seconds for one in handled if (one.seed, one.draw) == place)
    now = Handled(
        *place, "corrected", effort.branches, effort.seconds, effort.steps, effort.retries, effort.solved,
        round(before + more_seconds, 3),
    )  # fmt: skip
    return [*(one for one in handled if (one.seed, one.draw) != place), now]


def summary(handled: Sequence[Handled]) -> Summary | None:
    """What the corrections of one failure take; None where nothing is corrected."""
    done = [one for one in handled if one.what == "corrected"]
    if not done:
        return None
    return Summary(
        len(done),
        sum(one.solved for one in done),
        median(one.seconds for one in done),
        median(one.whole_seconds for one in done),
        median(one.steps for one in done),
        median(one.retries for one in done),
    )
