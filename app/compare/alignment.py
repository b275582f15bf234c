"""How branches are laid beside each other: each starts counting where it parts from the others. No Qt."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.branch_tree import Branch, BranchTree, branch_of, lineage

FAILED = ("failure", "timeout")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a branch is at an offset."""

    node: int
    """The node that is shown: the nearest one that there is."""
    beyond: int
    """0 where the branch is there; -1 it has not begun; +1 it has ended."""


def parting(tree: BranchTree, one: int, other: int) -> int | None:
    """The last node that two branches share; None where they are of different episodes.

    Raises:
        IllegalVerb: there is no such branch.
    """
    mine, theirs = leaving(tree, one, other), leaving(tree, other, one)
    return None if mine is None or theirs is None else min(mine, theirs)


def leaving(tree: BranchTree, branch: int, other: int) -> int | None:
    """The node at which a branch leaves the path of another one: its end where the other grew from it."""
    theirs = {b.id for b in lineage(tree, other)}
    at = branch_of(tree, branch).length
    for own in lineage(tree, branch):
        if own.id in theirs:
            return at
        at = own.fork_step
    return None


def anchors(tree: BranchTree, branches: Sequence[int]) -> tuple[int, ...]:
    """The node of each branch at offset 0, aligned at the fork.

    The first branch is the reference: its node is where the second one parts from it. Every other node is where that
    branch parts from the reference; one that shares no episode with it is aligned at its fork, which is 0 for a trunk.
    """
    if not branches:
        return ()
    first = branches[0]
    places = []
    for place, branch in enumerate(branches):
        partner = first if place > 0 else next((b for b in branches[1:] if b != first), first)
        at = parting(tree, branch, partner) if partner != branch else None
        places.append(branch_of(tree, branch).fork_step if at is None else at)
    return tuple(places)


def extent(lengths: Sequence[int], at: Sequence[int]) -> tuple[int, int]:
    """First and last offset at which any branch has a node."""
    if not lengths:
        return 0, 0
    return -max(at), max(length - anchor for length, anchor in zip(lengths, at, strict=True))


def place(offset: int, anchor: int, length: int) -> Place:
    """Where a branch is at an offset from its anchor."""
    node = anchor + offset
    return Place(max(0, min(length, node)), -1 if node < 0 else 1 if node > length else 0)


def failure_of(tree: BranchTree, branch: int) -> int | None:
    """The failing branch that a branch is about: itself, else the nearest one it grew from; None where none failed."""
    return next((b.id for b in lineage(tree, branch) if b.outcome in FAILED), None)


def best_correction(tree: BranchTree, failing: int, progress: Mapping[int, float]) -> int | None:
    """The best answer to a failure: what grew from it, successes first, then accepted, farthest, shortest, newest.

    Args:
        tree: Of the session.
        failing: The branch that failed.
        progress: Branch -> progress at its end, where it is known.
    """

    def rank(branch: Branch) -> tuple[bool, bool, float, int, int]:
        reached = progress.get(branch.id, math.nan)
        return (
            branch.outcome == "success",
            branch.review == "accepted",
            -1.0 if math.isnan(reached) else reached,
            -(branch.length - branch.fork_step),
            branch.id,
        )

    found = [b for b in answers(tree, failing) if b.review != "rejected"] or answers(tree, failing)
    return max(found, key=rank).id if found else None


def answers(tree: BranchTree, failing: int) -> list[Branch]:
    """Every branch with steps that grew from a branch, directly or not, without the trash."""
    return [
        b
        for b in tree.branches.values()
        if b.id != failing and not b.discarded and b.length > b.fork_step
        and any(up.id == failing for up in lineage(tree, b.id))
    ]  # fmt: skip


def before_after(tree: BranchTree, branch: int, progress: Mapping[int, float]) -> tuple[int, int] | None:
    """(failing branch, its best correction) for any branch of the attempt; None where there is no such pair.

    Asked about a branch that answers a failure itself, the pair is that failure and its best answer all the same.
    """
    failing = failure_of(tree, branch)
    while failing is not None:
        best = best_correction(tree, failing, progress)
        if best is not None:
            return failing, best
        parent = tree.branches[failing].parent
        failing = failure_of(tree, parent) if parent is not None else None
    return None


def four(tree: BranchTree, branch: int, progress: Mapping[int, float]) -> tuple[int, ...]:
    """Up to four branches worth seeing together: the failure, its best correction, and the next best ones."""
    pair = before_after(tree, branch, progress)
    first = pair[0] if pair is not None else branch
    chosen = list(pair or (branch,))
    episode = [b for b in tree.branches.values() if b.episode == tree.branches[first].episode and not b.discarded]
    rest = [b for b in (*answers(tree, first), *episode) if b.length > b.fork_step or b.parent is None]
    rest.sort(key=lambda b: (b.outcome == "success", progress.get(b.id, 0.0)), reverse=True)
    for other in rest:
        if other.id not in chosen and len(chosen) < 4:
            chosen.append(other.id)
    return tuple(chosen)
