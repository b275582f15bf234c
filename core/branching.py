"""Which branch the next step belongs to: the rules of continuing and forking, as pure functions."""

from dataclasses import dataclass, replace

from core.branch_tree import Branch, BranchTree, Head, Kind, branch_of, has_descendants, next_id, owner
from core.identity import Identity
from core.seeds import step_seed
from core.step import Source

KIND_OF: dict[Source, Kind] = {"policy": "rollout", "operator": "correction", "replay": "replay"}
"""The kind of a branch that begins with a step of this source."""
_CONTINUES: dict[Source, tuple[Kind, ...]] = {
    "policy": ("rollout", "correction", "proposal"),
    "operator": ("correction", "proposal"),
    "replay": ("replay",),
}
"""The kinds of branches whose tip a source may go on from; a take-over leaves the failure visible beside it."""


@dataclass(frozen=True, slots=True)
class Makers:
    """Who makes steps now."""

    world: Identity
    policy: Identity
    operator: str = ""


def new_branch(tree: BranchTree, at: Head, kind: Kind, makers: Makers, seed: int | None = None) -> Branch:
    """An empty branch that grows from a node; it is not in the tree yet. Its seed follows from its id."""
    node = owner(tree, at.branch, at.index)
    parent, number = tree.branches[node.branch], next_id(tree)
    return Branch(
        id=number,
        parent=parent.id,
        fork_step=at.index,
        length=at.index,
        episode=parent.episode,
        kind=kind,
        seed=step_seed(parent.scene_seed, number) if seed is None else seed,
        scene_seed=parent.scene_seed,
        world=makers.world,
        policy=makers.policy,
        operator=makers.operator,
    )


def new_trunk(tree: BranchTree, scene_seed: int, makers: Makers) -> Branch:
    """The empty trunk of a new episode; it is not in the tree yet."""
    number = next_id(tree)
    return Branch(
        id=number,
        parent=None,
        fork_step=0,
        length=0,
        episode=1 + max((branch.episode for branch in tree.branches.values()), default=-1),
        kind="rollout",
        seed=step_seed(scene_seed, number),
        scene_seed=scene_seed,
        world=makers.world,
        policy=makers.policy,
        operator=makers.operator,
    )


def target(tree: BranchTree, head: Head, source: Source, makers: Makers, *, moved: bool) -> Branch:
    """The branch that a step of ``source`` from the head belongs to; new where its id is not in the tree.

    Args:
        tree: All branches.
        head: The current node of the session.
        source: Who drives the step.
        makers: Who imagines and acts now.
        moved: Whether the head came here other than by a step; a node that was just made has no descendants.
    """
    at = branch_of(tree, head.branch)
    mine = not at.discarded and (at.world, at.policy) == (makers.world, makers.policy) and head.index == at.length
    if mine and at.parent is not None and at.length == at.fork_step and at.kind != "replay":
        return replace(at, kind=KIND_OF[source])  # made by "branch here": it becomes what its first step makes it
    if mine and at.kind in _CONTINUES[source] and not (moved and has_descendants(tree, head.branch, head.index)):
        return at
    return new_branch(tree, head, KIND_OF[source], makers)
