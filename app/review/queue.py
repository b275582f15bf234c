"""What is to be reviewed and in which order: pure functions over the branches of sessions."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.review.statistics import Statistics
from core.branch_tree import Branch

RANK: Final = {"unreviewed": 0, "needs_work": 1, "accepted": 2, "rejected": 2}
"""Order of the queue: without a verdict first, then what needs work, then the rest."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One branch of one session."""

    session: Path
    branch: Branch
    label: str
    """Short and stable: A, A1, B."""
    task: str
    statistics: Statistics

    @property
    def key(self) -> tuple[Path, int]:
        """Which one it is, whatever its labels."""
        return self.session, self.branch.id

    @property
    def policy(self) -> str:
        """Name of the policy beside the branch, "" where it is unknown."""
        return self.branch.policy.name if self.branch.policy is not None else ""

    @property
    def text(self) -> str:
        """Everything that words are looked for in, lower case."""
        markers = (marker.text for marker in self.branch.markers)
        parts = (self.label, self.branch.name, self.branch.note, self.branch.kind, self.session.name, *markers)
        return "\n".join(parts).lower()


@dataclass(frozen=True, slots=True)
class Filters:
    """What may stay; "" and the widest range let everything through."""

    outcome: str = ""
    review: str = ""
    kind: str = ""
    task: str = ""
    operator: str = ""
    policy: str = ""
    device: str = ""
    trust: tuple[float, float] = (-math.inf, math.inf)
    """Lowest and highest of the lowest trust of a branch; a branch whose trust is unknown stays only in the widest."""
    length: tuple[float, float] = (-math.inf, math.inf)
    """Fewest and most steps."""
    words: tuple[str, ...] = ()
    """All of them occur in label, name, note, markers, kind or folder."""


def passes(entry: Entry, filters: Filters) -> bool:
    """Whether an entry may stay."""
    found = entry.statistics
    named = (
        (filters.outcome, (entry.branch.outcome,)),
        (filters.review, (entry.branch.review,)),
        (filters.kind, (entry.branch.kind,)),
        (filters.task, (entry.task,)),
        (filters.operator, (entry.branch.operator,)),
        (filters.policy, (entry.policy,)),
        (filters.device, found.devices),
    )
    if any(wanted and wanted.lower() not in map(str.lower, there) for wanted, there in named):
        return False
    if not filters.length[0] <= found.steps <= filters.length[1]:
        return False
    if filters.trust != (-math.inf, math.inf) and not filters.trust[0] <= found.trust <= filters.trust[1]:
        return False
    return all(word in entry.text for word in filters.words)


def reviewable(branch: Branch, steps: int) -> bool:
    """Whether there is anything to judge: not what is in the trash, nor what holds no step."""
    return steps > 0 and not branch.discarded


def arranged(entries: Sequence[Entry], filters: Filters = Filters()) -> tuple[Entry, ...]:
    """What passes, unreviewed first, then what needs work; within them session by session, oldest branch first."""
    kept = [entry for entry in entries if passes(entry, filters)]
    return tuple(sorted(kept, key=lambda e: (RANK[e.branch.review], str(e.session), e.branch.id)))


def refreshed(order: Sequence[Entry], entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The same order with newer labels: no entry moves. Branches that no longer exist are left out."""
    newest = {entry.key: entry for entry in entries}
    return tuple(newest[entry.key] for entry in order if entry.key in newest)


def done(entries: Sequence[Entry]) -> int:
    """How many have a verdict."""
    return sum(entry.branch.review != "unreviewed" for entry in entries)


def progress_words(entries: Sequence[Entry]) -> str:
    """7 of 19 reviewed."""
    return f"{done(entries)} of {len(entries)} reviewed" if entries else "Nothing to review"


def following(order: Sequence[Entry], key: tuple[Path, int] | None) -> Entry | None:
    """The next one without a verdict behind an entry, going round once; None where all have one."""
    keys = [entry.key for entry in order]
    at = keys.index(key) if key in keys else -1
    around = [*order[at + 1 :], *order[: at + 1]]
    return next((entry for entry in around if entry.branch.review == "unreviewed" and entry.key != key), None)


def neighbour(order: Sequence[Entry], key: tuple[Path, int] | None, direction: int) -> Entry | None:
    """The entry above (-1) or below (+1); the first one where there is none, None where the order is empty."""
    if not order:
        return None
    keys = [entry.key for entry in order]
    if key not in keys:
        return order[0]
    return order[max(0, min(len(order) - 1, keys.index(key) + direction))]


def choices(entries: Sequence[Entry], field: str) -> list[str]:
    """What a filter can be set to: the values that occur, in alphabetical order."""
    read: dict[str, Callable[[Entry], tuple[str, ...]]] = {
        "outcome": lambda e: (e.branch.outcome,),
        "review": lambda e: (e.branch.review,),
        "kind": lambda e: (e.branch.kind,),
        "task": lambda e: (e.task,),
        "operator": lambda e: (e.branch.operator,),
        "policy": lambda e: (e.policy,),
        "device": lambda e: e.statistics.devices,
    }
    return sorted({value for entry in entries for value in read[field](entry) if value})
