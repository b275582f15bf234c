"""A failure in words: the columns of the list, its foot, and what is said when the operator arrives. No Qt."""

from typing import Final

from app.failures.reading import Listed
from models.failures.finding import Failure, Grade, Kind, Proposal
from models.failures.handled import Handled
from models.failures.queue import Queued

COLUMNS: Final = ("#", "Correct from", "How it failed", "Progress", "Trust", "Like this", "Correction")
GRADES: Final[dict[Grade, str]] = {"near miss": "Near miss", "partial": "Half done", "gross": "Gross failure"}
KINDS: Final[dict[Kind, str]] = {
    "stalled": "progress stalled",
    "fell back": "progress was lost again",
    "distrusted": "the world was unsure",
    "timed out": "time ran out",
}


def point_of(one: Queued, place: int) -> Proposal:
    """A proposed point of a failure; places beyond the last one begin again."""
    failure = failure_of(one)
    return failure.points[place % len(failure.points)]


def failure_of(one: Queued) -> Failure:
    """How it failed; entries of a queue always have that."""
    assert one.attempt.failure is not None
    return one.attempt.failure


def why_words(point: Proposal) -> str:
    """Last good step."""
    return point.why[:1].upper() + point.why[1:]


def kind_words(failure: Failure) -> str:
    """Progress stalled, the hands waited."""
    words = KINDS[failure.kind] + (", the hands waited" if failure.idle else "")
    return words[0].upper() + words[1:]


def cells(one: Queued, place: int) -> tuple[str, ...]:
    """The columns of a row.

    Args:
        one: The failure.
        place: Which of its proposed points is chosen.
    """
    attempt, (same, alike) = one.attempt, one.alike
    return (
        str(one.rank) if one.rank else "✓",
        f"{why_words(point_of(one, place))}, step {point_of(one, place).index} of {attempt.steps}",
        f"{GRADES[failure_of(one).grade]}: {kind_words(failure_of(one))}",
        f"best {attempt.best_progress:.2f}, end {attempt.progress:.2f}",
        "unknown" if attempt.trust is None else f"{attempt.trust:.2f}",
        f"{same} of {alike}",
        "" if one.handled is None else handled_words(one.handled),
    )


def handled_words(handled: Handled) -> str:
    """Solved in 12 s, 31 steps, 2 retries."""
    if handled.what == "skipped":
        return "left out"
    words = f"{'solved in ' if handled.solved else ''}{handled.seconds:.0f} s, {handled.steps} steps"
    return f"{words}, {_retries(handled.retries)}" if handled.retries else words


def _retries(count: float) -> str:
    return f"{count:g} {'retry' if count == 1 else 'retries'}"


def summary_words(listed: Listed) -> str:
    """What corrections take; "" where there is none yet."""
    done = listed.summary
    if done is None:
        return ""
    return (
        f"{done.corrected} of {len(listed.entries)} corrected, {done.solved} solved. Median: {done.seconds:.0f} s of "
        f"driving, {done.whole_seconds:.0f} s in all, {done.steps:g} steps, {_retries(done.retries)}."
    )


def listed_words(listed: Listed) -> str:
    """6 waiting, 14 corrected, 40 attempts; "" for no list."""
    if not listed.attempts:
        return ""
    waiting = sum(one.rank > 0 for one in listed.entries)
    return f"{waiting} to correct, {listed.successes} of {listed.attempts} attempts succeeded"


def about_words(listed: Listed) -> str:
    """Names of policy, world and task: diffusion in transport, push_t."""
    if not listed.about:
        return ""
    world, policy = listed.about["world"]["name"], listed.about["policy"]["name"]
    return f"{policy} in {world}, {listed.about['task']}"


def arrival_words(one: Queued, place: int, waiting: int) -> str:
    """What the operator reads at a failure."""
    failure, point = failure_of(one), point_of(one, place)
    return (
        f"{GRADES[failure.grade]}: {kind_words(failure)[0].lower()}{kind_words(failure)[1:]}. "
        f"{why_words(point)}, step {point.index} of {one.attempt.steps}. "
        + (f"{waiting} to correct." if one.rank else "It was corrected before.")
    )
