"""The current place of a session as a value, and what the next step from there depends on."""

from collections.abc import Callable
from dataclasses import dataclass

from core.action import BimanualDelta
from core.branch_tree import BranchTree, Head, last_nodes, owner
from core.branching import Makers, target
from core.control import ControlOutput, ControlState
from core.replay_check import Playback
from core.step import Node
from core.step_request import StepRequest


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Everything about now that a step depends on."""

    ticket: int
    """Of the session; a result with an older one is dropped."""
    tree: BranchTree
    head: Head
    node: Node
    """The node at the head."""
    makers: Makers
    moved: bool
    """Whether the head came here other than by a step."""


def of_policy(here: Standing, node_at: Callable[[Head], Node], observations: int, *, restart: bool) -> StepRequest:
    """A step of the policy, which starts from its last ``observations`` where it does not go on from its own state.

    Args:
        here: The current place of the session.
        node_at: A node by its owner.
        observations: How many the policy starts from.
        restart: Whether it starts anew in any case: after a hand-back.
    """
    branch = target(here.tree, here.head, "policy", here.makers, moved=here.moved)
    fresh = restart or branch.id not in here.tree.branches or branch.length == branch.fork_step
    recent: list[Head] = []
    if fresh or here.node.source in ("operator", "replay"):
        recent = last_nodes(here.tree, here.head.branch, here.head.index, observations)
    return StepRequest(
        ticket=here.ticket, target=branch, node=here.node, index=here.head.index, source="policy", action=None,
        control=None, delta=BimanualDelta.zero(), recent=tuple(node_at(head).observation for head in recent),
    )  # fmt: skip


def of_operator(here: Standing, out: ControlOutput, device: str) -> StepRequest:
    """A step of the hands."""
    branch = target(here.tree, here.head, "operator", here.makers, moved=here.moved)
    return StepRequest(
        ticket=here.ticket, target=branch, node=here.node, index=here.head.index, source="operator",
        action=out.action, control=out.state, delta=out.delta, device=device,
    )  # fmt: skip


def of_replay(here: Standing, node_at: Callable[[Head], Node], playback: Playback) -> StepRequest:
    """The next step of a replay."""
    original = node_at(owner(here.tree, playback.original, here.head.index + 1))
    return StepRequest(
        ticket=here.ticket, target=here.tree.branches[playback.copy], node=here.node, index=here.head.index,
        source="replay", action=original.action, control=original.control_state, delta=BimanualDelta.zero(),
        original=original,
    )  # fmt: skip


def resting(before: ControlState, out: ControlOutput) -> ControlState:
    """Keep the old state unless an anchor changed, so that slow motion accumulates while the world is frozen."""
    same = before.epoch == out.state.epoch and all(
        a.anchored == b.anchored for a, b in zip(before.anchors, out.state.anchors, strict=True)
    )
    return before if same else out.state
