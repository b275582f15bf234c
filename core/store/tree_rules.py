"""What makes a table of branches a tree: no cycle, no fork from a node that is not there."""

from collections.abc import Mapping, Sequence

from core.branch_tree import Branch


def misplaced(branch: Branch, earlier: Mapping[int, Branch] | Sequence[Branch]) -> str:
    """Why the place of a branch is impossible, in words; "" if it is possible.

    Args:
        branch: With the id that is its place in the table.
        earlier: At least all branches of smaller ids, with the lengths that they have.
    """
    name = f"branch {branch.id}"
    if branch.parent is None:
        if branch.fork_step != 0:
            return f"{name} has no parent, but forks at node {branch.fork_step}"
        if not 0 <= branch.episode <= branch.id:
            return f"{name} begins episode {branch.episode}, which no earlier episode leads to"
        return ""
    if not 0 <= branch.parent < branch.id:
        return f"{name} says that it grew from branch {branch.parent}, which is not older"
    parent = earlier[branch.parent]
    if not 0 <= branch.fork_step <= parent.length:
        return f"{name} forks at node {branch.fork_step} of branch {parent.id}, which ends at node {parent.length}"
    if branch.episode != parent.episode:
        return f"{name} is of episode {branch.episode}, branch {parent.id} from which it grew of {parent.episode}"
    return ""
