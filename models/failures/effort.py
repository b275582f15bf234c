"""What the corrections of one failure took: read from the session that holds them. No clock but that of its steps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import Branch
from core.step import SOURCES
from core.store.archive import StoreArchive


@dataclass(frozen=True, slots=True)
class Effort:
    """Of all corrections in the episode of a failed attempt."""

    steps: int = 0
    """That the operator drove."""
    branches: tuple[int, ...] = ()
    """That the operator drove in and that are not in the trash."""
    retries: int = 0
    """Branches that the operator drove in and that are in the trash."""
    seconds: float = 0.0
    """From take-over to hand back, pause or success, over all these branches."""
    solved: bool = False
    """Whether a branch that is kept ended as a success."""


def effort(archive: StoreArchive, trunk: int) -> Effort:
    """What was done about an attempt.

    Args:
        archive: Of the session that holds it.
        trunk: The branch of the attempt.

    Raises:
        KeyError: there is no such branch.
        BadStore: a column is torn.
    """
    tree = archive.tree()
    episode = tree.branches[trunk].episode
    steps, retries, seconds, solved = 0, 0, 0.0, False
    kept: list[int] = []
    for branch in tree.branches.values():
        if branch.episode != episode:
            continue
        hands, wall = _driven(archive, branch)
        if not hands.any():
            continue
        steps += int(hands.sum())
        seconds += driven_seconds(hands, wall, archive.dt)
        if branch.discarded:
            retries += 1
            continue
        kept.append(branch.id)
        solved = solved or branch.outcome == "success"
    return Effort(steps, tuple(kept), retries, round(seconds, 3), solved)


def driven_seconds(hands: NDArray[np.bool_], wall: NDArray[np.float64], dt: float) -> float:
    """Seconds that hands drove.

    Args:
        hands: (N,) whether they drove a step.
        wall: (N,) time.time() when the step was taken.
        dt: Seconds of a control step: what the first step of each stretch counts, since its begin is not recorded.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hands, [False]]).astype(np.int8)))
    begins, ends = edges[::2], edges[1::2] - 1
    return float(np.maximum(wall[ends] - wall[begins], 0.0).sum() + dt * len(begins))


def _driven(archive: StoreArchive, branch: Branch) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    skip = 1 if branch.parent is None else 0  # a trunk owns the start, which no step led to
    if branch.length - branch.fork_step == 0:
        return np.zeros(0, np.bool_), np.zeros(0)
    source = archive.column("source", branch.id)[skip:]
    wall = archive.column("wall_time", branch.id)[skip:].astype(np.float64)
    return source == SOURCES.index("operator"), wall
