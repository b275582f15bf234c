"""Whether a session can go on from an archive, and from where."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.branch_tree import Branches, BranchTree, Head, last_nodes
from core.errors import BadStore, StudioError, WrongIdentity
from core.history import History
from core.identity import Identity
from core.recording import Archive
from core.step import Node
from core.step_request import Parts

NEAREST: Final = 64
"""Nodes before a torn head that are tried when a session is opened."""


@dataclass(frozen=True, slots=True, eq=False)
class Continuation:
    """The state in which a recorded session goes on."""

    tree: BranchTree
    head: Head
    history: History
    warning: str
    """What the user should know, "" for nothing."""


def continuation(archive: Archive, parts: Parts) -> Continuation | None:
    """Where these parts go on; None where the archive is empty.

    Raises:
        WrongIdentity: another world, or another version of its weights, made the states.
        BadStore: the archive does not say who made it.
    """
    info, head = archive.info(), archive.head()
    if info is None or head is None:
        return None
    world = info.get("world")
    if not isinstance(world, dict) or not {"name", "sha256", "backend"} <= world.keys():
        raise BadStore("The session does not say which world made it, so that nothing can go on from its states.")
    made_by, mine = Identity.from_dict(world), parts.world.spec.identity
    if info.get("task") != parts.task.name or (made_by.name, made_by.sha256) != (mine.name, mine.sha256):
        raise WrongIdentity(
            f"This session was made by the world {made_by.name!r} ({made_by.sha256[:12]}) for the task "
            f"{info.get('task')!r}; {mine.name!r} ({mine.sha256[:12]}) for {parts.task.name!r} cannot go on with it. "
            "Open it with the world that made it, or start a new session."
        )
    warning = ""
    if made_by != mine:
        warning = (
            f"This session was computed by {made_by.backend} on {made_by.threads} threads; this is {mine.backend} on "
            f"{mine.threads}. Replays may differ in the last bits."
        )
    return Continuation(BranchTree(Branches(archive.tree().branches.values())), head, archive.history(), warning)


def nearest(tree: BranchTree, head: Head, node_at: Callable[[Head], Node]) -> tuple[Head, Node, str]:
    """Where a session opens: at its head, or at the last node before it that can be read; and words on why not there.

    Raises:
        BadStore: none of the last ``NEAREST`` nodes can be read.
    """
    first: StudioError | None = None
    for at in reversed(last_nodes(tree, head.branch, head.index, NEAREST)):
        try:
            found = node_at(at)
        except StudioError as error:
            first = first or error
            continue
        if first is None:
            return head, found, ""
        return at, found, f"{first} The session opens at node {at.index} of branch {at.branch} instead."
    raise first or BadStore(f"Branch {head.branch} has no node {head.index}.")
