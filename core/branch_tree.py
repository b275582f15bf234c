"""The tree of branches as a value: editing the past forks, nothing is ever truncated.

A node is (branch, index). Node 0 of an episode is its start; step i leads from node i to node i + 1. A
child forks at node ``fork_step`` of its parent, so it owns the nodes fork_step + 1 .. and shares the
earlier ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.identity import Identity

Kind = Literal["rollout", "correction", "replay", "proposal"]
Outcome = Literal["open", "success", "failure", "timeout"]
Review = Literal["unreviewed", "accepted", "rejected", "needs_work"]
MarkerKind = Literal["failure", "success", "note"]


@dataclass(frozen=True, slots=True)
class Marker:
    """A labelled node."""

    index: int
    """Node of the branch."""
    kind: MarkerKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of steps."""

    id: int
    parent: int | None
    """None for the trunk of an episode."""
    fork_step: int
    """Node of the parent from which this branch grows; 0 for a trunk."""
    length: int
    """Index of the last node: fork_step where nothing was stepped yet."""
    episode: int
    kind: Kind
    seed: int
    scene_seed: int
    name: str = ""
    outcome: Outcome = "open"
    review: Review = "unreviewed"
    markers: tuple[Marker, ...] = ()
    discarded: bool = False
    """In the trash lane; restorable."""
    world: Identity | None = None
    """Who imagined its steps; None where nobody said."""
    policy: Identity | None = None
    """Whose policy states its nodes hold."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the session stands."""

    branch: int
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class BranchTree:
    """All branches of a session, by id. Lengths grow, nothing shrinks."""

    branches: Mapping[int, Branch] = field(default_factory=dict)
