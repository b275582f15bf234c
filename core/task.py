"""The contract of a task: where it starts and how it is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A start. Simulators read the parameters; learned worlds read the observation."""

    task: str
    seed: int
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Plain numbers and strings, for example {"object_pose": (x m, y m, yaw rad), "look": "shipped"}."""
    observation: Observation | None = None
    """What the start looks like, where it is known."""


class Task(Protocol):
    """One implementation for every world: it sees frames and end effectors, never a simulator."""

    name: str
    title: str
    max_steps: int
    """Steps after which an attempt counts as timed out."""

    def scene(self, seed: int) -> Scene:
        """The start of a seed; the same seed gives the same start in every world."""

    def judge(self, observations: Sequence[Observation]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """(B,) progress 0..1 and (B,) success."""
