"""Events that the runtime sends to the rest of the application: frozen values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import BranchTree, Head
from core.history import History
from core.observation import Observation
from core.step import Source
from core.verbs import Phase


@dataclass(frozen=True, slots=True, eq=False)
class Status:
    """The newest picture of the session; older ones may be dropped."""

    phase: Phase
    head: Head
    observation: Observation
    trust: float
    """0..1, NaN where unknown."""
    progress: float
    """0..1, by the task's judge."""
    success: bool
    driver: Source | None
    """Who took the step that led here; None at a start."""
    device: str
    """Registry name of the assigned device."""
    device_connected: bool
    world_time: float
    """Seconds since the start of the episode."""
    rate_hz: float
    """Steps taken per wall second, over the last second."""
    step_ms: float
    """Milliseconds of the last world step + decode + policy."""
    speed: float
    """World seconds per wall second."""
    freeze_on_idle: bool
    frozen: bool
    """The world is not stepped because the hands rest."""
    clutch: tuple[bool, bool]
    limit_hits: tuple[bool, bool]
    """Per arm: the last command was cut by a speed or workspace limit."""
    recorded: int
    """Steps that are on disk."""
    shown_at: float = 0.0
    """time.monotonic() when this status was made."""
    idle: bool = False
    """The hands rested in the last step that they drove."""
    target: NDArray[np.float64] | None = None
    """(14,) the last command, laid out as an action: what the arms are pulled to; None where unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class TreeChanged:
    """The tree after a verb or a fork. Never dropped."""

    tree: BranchTree
    head: Head
    history: History = field(default_factory=History)
    """What Undo and Redo would do."""


@dataclass(frozen=True, slots=True, eq=False)
class Stepped:
    """One step was appended. Never dropped."""

    branch: int
    index: int
    """Of the step; it led to node index + 1."""
    source: Source
    trust: float
    """0..1, NaN where unknown."""
    progress: float
    """0..1, by the task's judge."""
    success: bool
    observation: Observation
    plan: object | None = None
    """(H, 14) float32 of the policy, where it drove."""


@dataclass(frozen=True, slots=True)
class StatesMoved:
    """States left memory for the disk, or came back. Never dropped."""

    moves: tuple[tuple[int, int, bool], ...]
    """(branch, node, whether it is in memory now), in order."""


@dataclass(frozen=True, slots=True)
class Message:
    """Words for the user. Never dropped."""

    level: str
    """"info", "warning", "error", or "hint" for what helps a new user."""
    text: str
    details: Mapping[str, str] = field(default_factory=dict)


Event = Status | TreeChanged | Stepped | StatesMoved | Message
