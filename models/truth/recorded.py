"""Branches of a recorded session as the check reads them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import Branch, Head, owner
from core.errors import BadStore, StudioError
from core.observation import Observation
from core.step import StoredNode
from core.store.archive import StoreArchive
from core.workcell import Workcell
from core.world import World
from models import WORLDS, load_world
from models.truth.follower import Follower


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """What one branch holds."""

    branch: Branch
    start: Observation
    """At its fork."""
    poses: list[NDArray[np.float64] | None]
    """N + 1, of the object from the fork on; None where it was not found."""
    actions: NDArray[np.float32]
    """(N, 14) that were applied."""
    success_at: int | None
    """Steps after the fork."""


def task_and_workcell(archive: StoreArchive) -> tuple[str, Workcell]:
    """Of a session.

    Raises:
        BadStore: nothing was recorded in it.
    """
    info, workcell = archive.info(), archive.workcell()
    if info is None or workcell is None:
        raise BadStore(f"The session {archive.folder} is empty; there is nothing to check. Choose another one.")
    return str(info["task"]), workcell


def recording_world(archive: StoreArchive, task: str) -> World | None:
    """The world that recorded a session, to read its states; None where it is not here: pictures must do."""
    info = archive.info()
    identity = {} if info is None else info["world"]
    if not isinstance(identity, dict) or identity.get("name") not in WORLDS:
        return None
    try:
        world: World = load_world(str(identity["name"]), task)
    except StudioError:
        return None
    return world if world.spec.identity.sha256 == identity.get("sha256") else None


def branches_of(archive: StoreArchive, wanted: int | None, everything: bool) -> list[Branch]:
    """Which branches are checked: the named one, or all corrections, or those that were not rejected.

    Raises:
        BadStore: there is no such branch, or it has no steps.
    """
    branches = archive.tree().branches
    if wanted is not None:
        if wanted not in branches or branches[wanted].length == branches[wanted].fork_step:
            raise BadStore(f"The session {archive.folder} has no branch {wanted} with steps.")
        return [branches[wanted]]
    return [
        branch
        for branch in branches.values()
        if branch.kind == "correction"
        and not branch.discarded
        and branch.length > branch.fork_step
        and (everything or branch.review != "rejected")
    ]


def corrected(archive: StoreArchive, branch: Branch, world: World | None, follower: Follower) -> Corrected:
    """Read one branch.

    Raises:
        BadStore: a node is missing or torn.
    """
    tree = archive.tree()
    first = _node(archive, owner(tree, branch.id, 0))
    state = follower.start(first.observation, _carried(world, first))
    nodes = _nodes(archive, branch)
    start = next(nodes)
    poses, actions, success_at = [follower.pose(state, start.observation, _carried(world, start))], [], None
    for step, node in enumerate(nodes, 1):
        poses.append(follower.pose(state, node.observation, _carried(world, node)))
        actions.append(node.action)
        if node.success and success_at is None:
            success_at = step
    return Corrected(branch, start.observation, poses, np.stack(actions), success_at)


def _nodes(archive: StoreArchive, branch: Branch) -> Iterator[StoredNode]:
    """The node of the fork and those of the branch."""
    tree = archive.tree()
    for index in range(branch.fork_step, branch.length + 1):
        yield _node(archive, owner(tree, branch.id, index))


def _node(archive: StoreArchive, head: Head) -> StoredNode:
    return archive.node(head.branch, head.index)


def _carried(world: World | None, node: StoredNode) -> NDArray[np.float64] | None:
    if world is None:
        return None
    poses = world.object_poses([world.unpack(node.world)])
    return None if poses is None else poses[0]
