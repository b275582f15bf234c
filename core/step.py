"""Nodes of the tree, live and as stored, and the steps between them."""

from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.action import BimanualDelta
from core.control import ControlState
from core.observation import Observation
from core.world import PackedState

Source = Literal["policy", "operator", "replay"]
SOURCES: tuple[Source, ...] = ("policy", "operator", "replay")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NodeValues:
    """What a node holds beside its three states."""

    observation: Observation
    action: NDArray[np.float32]
    """(14,) absolute targets that led here; NaN at the start of an episode."""
    source: Source | None
    """Who drove the step that led here; None at the start of an episode."""
    trust: float
    """0..1, NaN where unknown."""
    progress: float
    """0..1, by the task's judge."""
    success: bool
    world_time: float
    """Seconds since the start of the episode."""

    def values(self) -> dict[str, Any]:
        """These fields by name, without the states of a subclass."""
        return {field.name: getattr(self, field.name) for field in fields(NodeValues)}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Node(NodeValues):
    """A node of the tree with everything that the next step needs; live values."""

    world_state: Any
    policy_state: Any
    control_state: ControlState


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StoredNode(NodeValues):
    """A node whose three states are named arrays."""

    world: PackedState
    policy: PackedState
    control: PackedState


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The action that was taken from one node, and the node that it led to.

    Step i of a branch (i counts from 0 at the root of the episode, so a child's first step is
    ``fork_step``) leads from node i to node i + 1. Node 0 is the start of the episode.
    """

    branch: int
    index: int
    node: Node
    """Node index + 1; its action is the one that was applied."""
    action_policy: NDArray[np.float32]
    """(14,) what the policy wanted; NaN where it was not asked."""
    delta: BimanualDelta
    """What the operator asked for; zero where the policy drove."""
    wall_time: float
    """time.time() when the step was taken."""
    device: str
    """Registry name of the driving device; "" where the policy drove."""
