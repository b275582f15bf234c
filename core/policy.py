"""The contract of everything that acts on its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from core.identity import Identity
from core.observation import Observation
from core.world import PackedState

PolicyState = Any
"""History and unfinished chunk as a value; None is not a state."""


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """What a policy looks at and how far it plans."""

    identity: Identity
    task: str
    observations: int
    """How many recent observations start() wants; fewer are padded with the oldest."""
    horizon: int
    """H, length of a plan."""


class Policy(Protocol):
    """Holds weights, never episodes."""

    @property
    def spec(self) -> PolicySpec:
        """What this policy looks at and how far it plans."""

    def start(self, recent: Sequence[Sequence[Observation]]) -> list[PolicyState]:
        """Per batch entry, from its recent observations (oldest first): full history, no chunk.

        Called at reset, at a fork and at hand-back.
        """

    def act(
        self, observations: Sequence[Observation], states: Sequence[PolicyState], seeds: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], list[PolicyState]]:
        """Actions (B, 14) for now, plans (B, H, 14) from now on, and the next states.

        An observation may come without frames where `looks` says that its state needs none.
        """

    def pack(self, state: PolicyState) -> PackedState:
        """A state as named arrays."""

    def unpack(self, packed: PackedState) -> PolicyState:
        """The inverse of pack, bit for bit."""


@runtime_checkable
class LooksSometimes(Protocol):
    """What a policy adds to Policy that carries out several actions of a plan between two looks at the frames."""

    def looks(self, states: Sequence[PolicyState]) -> NDArray[np.bool_]:
        """(B,) whether act() will read the frames of the observation that comes with each state."""


def looks(policy: Policy, states: Sequence[PolicyState]) -> NDArray[np.bool_]:
    """(B,) which states need frames at the next act(); all of them where the policy does not say."""
    if isinstance(policy, LooksSometimes):
        return policy.looks(states)
    return np.ones(len(states), np.bool_)
