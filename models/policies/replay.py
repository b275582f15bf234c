"""A policy that plays recorded actions, one per step, and then holds the last."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, checked_action
from core.errors import BadAction, BadStore
from core.identity import Identity
from core.observation import Observation
from core.policy import PolicySpec
from core.world import PackedState


@dataclass(frozen=True, slots=True)
class ReplayState:
    """How many actions were played."""

    played: int


class ReplayPolicy:
    """Knows nothing of what it sees."""

    def __init__(self, actions: NDArray[np.float32], task: str = "", horizon: int = 1) -> None:
        if len(actions) == 0:
            raise BadAction("There is nothing to replay: the recording holds no actions.")
        self._actions = np.stack([checked_action(action) for action in actions])
        digest = hashlib.sha256(self._actions.tobytes()).hexdigest()
        self._spec = PolicySpec(Identity("replay", digest, f"numpy {np.__version__}"), task, 1, horizon)

    @property
    def spec(self) -> PolicySpec:
        """What this policy looks at and how far it plans."""
        return self._spec

    def start(self, recent: Sequence[Sequence[Observation]]) -> list[ReplayState]:
        """From the first action."""
        return [ReplayState(0) for _ in recent]

    def act(
        self, observations: Sequence[Observation], states: Sequence[ReplayState], seeds: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], list[ReplayState]]:
        """The next recorded actions."""
        last = len(self._actions) - 1
        plans = np.empty((len(states), self._spec.horizon, ACTION_DIM), np.float32)
        for row, state in enumerate(states):
            plans[row] = self._actions[np.minimum(state.played + np.arange(self._spec.horizon), last)]
        return plans[:, 0].copy(), plans, [ReplayState(state.played + 1) for state in states]

    def looks(self, states: Sequence[ReplayState]) -> NDArray[np.bool_]:
        """(B,) never."""
        return np.zeros(len(states), np.bool_)

    def pack(self, state: ReplayState) -> PackedState:
        """One number."""
        return PackedState({"played": np.array([state.played], np.int64)})

    def unpack(self, packed: PackedState) -> ReplayState:
        """The inverse of pack, bit for bit."""
        if "played" not in packed.arrays:
            raise BadStore("A stored state of the replay policy is torn: 'played' is missing.")
        return ReplayState(int(packed.arrays["played"][0]))


def load(actions: NDArray[np.float32] | None = None, task: str = "", horizon: int = 1) -> ReplayPolicy:
    """A policy that plays (N, 14) actions.

    Raises:
        BadAction: there are none.
    """
    return ReplayPolicy(np.empty((0, ACTION_DIM), np.float32) if actions is None else actions, task, horizon)
