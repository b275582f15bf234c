"""One recorded step of a branch."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.action import BimanualDelta
from core.observation import Observation

Source = Literal["policy", "operator", "replay"]
SOURCES: tuple[Source, ...] = ("policy", "operator", "replay")


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The action that was taken from one state, and the state that came of it.

    Step i of a branch (i counts from 0 at the root of the episode, so a child's first step is
    ``fork_step``) leads from node i to node i + 1. Node 0 is the start of the episode.
    """

    branch: int
    index: int
    action: NDArray[np.float32]
    """(14,) applied, absolute targets."""
    action_policy: NDArray[np.float32]
    """(14,) what the policy wanted; NaN where it was not asked."""
    delta: BimanualDelta
    """What the operator asked for; zero where the policy drove."""
    source: Source
    observation: Observation
    """Of node index + 1: what came of the action."""
    world_state: Any
    """Of node index + 1."""
    policy_state: Any
    """Of node index + 1."""
    control_state: Any
    """core.control.ControlState of node index + 1."""
    trust: float
    """0..1, NaN where unknown."""
    progress: float
    """0..1, by the task's judge."""
    success: bool
    world_time: float
    """Seconds since the start of the episode, of node index + 1."""
    wall_time: float
    """time.time() when the step was taken."""
    device: str
    """Registry name of the driving device; "" where the policy drove."""
