"""The tree of branches as a value: editing the past forks, nothing is ever truncated.

A node is (branch, index). Node 0 of an episode is its start; step i leads from node i to node i + 1. A
child forks at node ``fork_step`` of its parent, so it owns the nodes fork_step + 1 .. and shares the
earlier ones.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from core.errors import BadStore, IllegalVerb
from core.identity import Identity

Kind = Literal["rollout", "correction", "replay", "proposal"]
Outcome = Literal["open", "success", "failure", "timeout"]
Review = Literal["unreviewed", "accepted", "rejected", "needs_work"]
MarkerKind = Literal["failure", "success", "note"]
AUTOMATIC = -1
"""The color of a branch to which the user gave none."""


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
    """The world that imagined its steps; None where it was not recorded."""
    policy: Identity | None = None
    """Whose policy states its nodes hold."""
    note: str = ""
    color: int = AUTOMATIC
    """Place in the palette of the view, or AUTOMATIC."""
    pinned: bool = False
    hidden: bool = False
    """Not drawn unless asked for; it is there all the same, and exported."""
    operator: str = ""
    """Operator of the session when it began; "" where it was not recorded."""
    reviewer: str = ""
    """Who reviewed it last."""


@dataclass(frozen=True, slots=True)
class Head:
    """The current node of a session."""

    branch: int
    index: int


_BLOCK = 64


class Branches(Mapping[int, Branch]):
    """Branches with ids 0, 1, 2, ... as a persistent value: a changed copy shares all but one block.

    A session changes one branch per step, so copying a plain dict would make a step cost O(branches).
    """

    __slots__ = ("_blocks", "_count")

    def __init__(self, branches: Iterable[Branch] = ()) -> None:
        ordered = sorted(branches, key=lambda branch: branch.id)
        for expected, branch in enumerate(ordered):
            if branch.id != expected:
                raise BadStore(f"Branch {expected} is missing from the tree; the next one is {branch.id}.")
        self._count = len(ordered)
        self._blocks = tuple(tuple(ordered[i : i + _BLOCK]) for i in range(0, len(ordered), _BLOCK))

    def __getitem__(self, key: int) -> Branch:
        if not 0 <= key < self._count:
            raise KeyError(key)
        return self._blocks[key // _BLOCK][key % _BLOCK]

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._count))

    def __len__(self) -> int:
        return self._count

    def put(self, branch: Branch) -> "Branches":
        """A copy in which this branch is new (id = length) or changed."""
        if not 0 <= branch.id <= self._count:
            raise KeyError(branch.id)
        block, place = divmod(branch.id, _BLOCK)
        old = self._blocks[block] if block < len(self._blocks) else ()
        copy = Branches.__new__(Branches)
        copy._count = max(self._count, branch.id + 1)
        copy._blocks = (*self._blocks[:block], (*old[:place], branch, *old[place + 1 :]), *self._blocks[block + 1 :])
        return copy

    def since(self, before: "Branches") -> list[Branch]:
        """Branches that are new or other than in an earlier value, by id; shared blocks are not looked into."""
        found: list[Branch] = []
        for number, block in enumerate(self._blocks):
            old = before._blocks[number] if number < len(before._blocks) else ()
            if block is not old:
                found += [b for place, b in enumerate(block) if place >= len(old) or b is not old[place]]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class BranchTree:
    """All branches of a session, by id. Lengths grow, nothing shrinks."""

    branches: Mapping[int, Branch] = field(default_factory=Branches)


def branch_of(tree: BranchTree, branch: int) -> Branch:
    """A branch by id.

    Raises:
        IllegalVerb: there is none.
    """
    if branch not in tree.branches:
        raise IllegalVerb(f"There is no branch {branch}; this session has {len(tree.branches)}.")
    return tree.branches[branch]


def with_branch(tree: BranchTree, branch: Branch) -> BranchTree:
    """The tree in which this branch is new (the next free id) or changed."""
    branches = tree.branches if isinstance(tree.branches, Branches) else Branches(tree.branches.values())
    return BranchTree(branches.put(branch))


def next_id(tree: BranchTree) -> int:
    """The id of the next new branch."""
    return len(tree.branches)


def extended(tree: BranchTree, branch: int) -> BranchTree:
    """The tree in which a branch is one step longer."""
    old = tree.branches[branch]
    return with_branch(tree, replace(old, length=old.length + 1))


def owner(tree: BranchTree, branch: int, index: int) -> Head:
    """The branch that owns a node: an ancestor where the branch forked later.

    Raises:
        IllegalVerb: no such branch or node.
    """
    at = branch_of(tree, branch)
    if not 0 <= index <= at.length:
        raise IllegalVerb(f"Branch {branch} has nodes 0 to {at.length}; {index} is not one of them.")
    while at.parent is not None and index <= at.fork_step:
        at = tree.branches[at.parent]
    return Head(at.id, index)


def lineage(tree: BranchTree, branch: int) -> list[Branch]:
    """The branch, its parent, ... and the trunk of its episode."""
    line = [branch_of(tree, branch)]
    while line[-1].parent is not None:
        line.append(tree.branches[line[-1].parent])
    return line


def path(tree: BranchTree, branch: int, index: int) -> list[Head]:
    """The owners of nodes 0 .. index, from the start of the episode to the node."""
    return last_nodes(tree, branch, index, index + 1)


def last_nodes(tree: BranchTree, branch: int, index: int, count: int) -> list[Head]:
    """The owners of the last ``count`` nodes up to ``index``, oldest first; fewer at a start."""
    at, nodes = tree.branches[owner(tree, branch, index).branch], []
    for i in range(index, max(-1, index - count), -1):
        while at.parent is not None and i <= at.fork_step:
            at = tree.branches[at.parent]
        nodes.append(Head(at.id, i))
    return nodes[::-1]


def children(tree: BranchTree, branch: int) -> list[Branch]:
    """Branches that fork from this one, oldest first."""
    return [b for b in tree.branches.values() if b.parent == branch]


def siblings(tree: BranchTree, branch: int) -> list[Branch]:
    """Branches that fork from the same node as this one, itself included; the trunks of a session are siblings."""
    at = branch_of(tree, branch)
    return [b for b in tree.branches.values() if b.parent == at.parent and b.fork_step == at.fork_step]


def has_descendants(tree: BranchTree, branch: int, index: int) -> bool:
    """Whether anything was stepped or forked from a node."""
    node = owner(tree, branch, index)
    if index < tree.branches[node.branch].length:
        return True
    forks = ((b.parent, b.fork_step) for b in tree.branches.values() if b.fork_step == index)
    return any(parent is not None and owner(tree, parent, step) == node for parent, step in forks)


def descends(tree: BranchTree, branch: int, ancestor: int) -> bool:
    """Whether ``ancestor`` is the branch itself or one that it grew from."""
    return any(b.id == ancestor for b in lineage(tree, branch))


def last_failure(tree: BranchTree, branch: int) -> Head | None:
    """The latest failure marker on the nearest branch of the line that has one, else of the episode's newest.

    A branch that failed or timed out without a marker counts as failed at its last node.
    """
    line = lineage(tree, branch)
    others = [b for b in tree.branches.values() if b.episode == line[0].episode and not b.discarded]
    for candidate in (*line, *reversed(others)):
        marked = [m.index for m in candidate.markers if m.kind == "failure"]
        if marked:
            return Head(candidate.id, max(marked))
        if candidate.outcome in ("failure", "timeout"):
            return Head(candidate.id, candidate.length)
    return None
