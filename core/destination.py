"""Where a verb moves the head, as pure functions of the tree."""

from collections.abc import Callable
from typing import Final

from core.branch_tree import BranchTree, Head, branch_of, descends, last_failure, last_nodes, owner
from core.edits import Edit
from core.errors import IllegalVerb
from core.failure_point import Point, last_good
from core.step import Node

AHEAD: Final = 20
"""Steps before a failure to correct from, where progress and trust do not say."""
LOOK_BACK: Final = 400
"""Nodes before a failure that are looked at."""


def destination(tree: BranchTree, branch: int, index: int) -> Head:
    """The owner of a node; a branch without steps owns its start, so that it can be gone on with.

    Raises:
        IllegalVerb: no such branch or node.
    """
    at = branch_of(tree, branch)
    empty = at.length == at.fork_step == index
    return Head(branch, index) if empty else owner(tree, branch, index)


def named(tree: BranchTree, head: Head, branch: int | None, index: int | None) -> Head:
    """The node that a verb names; what it leaves open is the head's.

    Raises:
        IllegalVerb: no such branch or node.
    """
    if branch is None and index is None:
        return head
    number = head.branch if branch is None else branch
    return destination(tree, number, head.index if index is None else index)


def before_failure(
    tree: BranchTree, branch: int, before: int | None, node_at: Callable[[Head], Node]
) -> tuple[Head, str]:
    """Where to go back to from the last failure that is marked, and words that say so.

    Args:
        tree: All branches.
        branch: The branch of the head.
        before: Steps before the failure; None where progress or trust last fell, as far as they say.
        node_at: A node by its owner.

    Raises:
        IllegalVerb: no failure is marked in the episode.
    """
    failure = last_failure(tree, branch)
    if failure is None:
        raise IllegalVerb("No failure is marked in this episode. Mark one first, then roll back to it.")
    point = _point_before(tree, failure, node_at) if before is None else None
    ahead = point.back if point is not None else AHEAD if before is None else before
    there = owner(tree, failure.branch, max(0, failure.index - ahead))
    ahead = failure.index - there.index
    words = f"{ahead} step{'' if ahead == 1 else 's'} before the failure" if ahead else "the failure"
    cause = f" Next, {point.cause}." if point is not None else ""
    return there, f"At step {there.index}, {words} at step {failure.index} of branch {failure.branch}.{cause}"


def _point_before(tree: BranchTree, failure: Head, node_at: Callable[[Head], Node]) -> Point | None:
    """Where to correct a failure from; None where progress and trust do not say."""
    nodes = [node_at(head) for head in reversed(last_nodes(tree, failure.branch, failure.index, LOOK_BACK))]
    return last_good([node.progress for node in nodes], [node.trust for node in nodes])


def after_edit(tree: BranchTree, head: Head, edit: Edit) -> Head | None:
    """Where the head is after an edit; None where its episode is discarded, so that its scene starts again."""
    if edit.discards and descends(tree, head.branch, edit.after.id):
        parent = edit.after.parent
        return None if parent is None else owner(tree, parent, edit.after.fork_step)
    return edit.head_after if head == edit.head_before else head
