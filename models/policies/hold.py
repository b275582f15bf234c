"""A policy that keeps the arms where they are: for free play, and where no trained policy is at hand. numpy only."""

import hashlib
import pathlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.errors import BadStore
from core.identity import Identity
from core.observation import Observation
from core.policy import PolicySpec
from core.world import PackedState

HORIZON = 8


@dataclass(frozen=True, slots=True, eq=False)
class HoldState:
    """Where the arms were when it was started."""

    target: NDArray[np.float32]
    """(14,) laid out as an action."""


class HoldPolicy:
    """Commands the measured pose of its start, at every step."""

    def __init__(self) -> None:
        source = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
        self._spec = PolicySpec(Identity("hold", source, f"numpy {np.__version__}"), "", 1, HORIZON)

    @property
    def spec(self) -> PolicySpec:
        """What this policy looks at and how far it plans; it fits any task."""
        return self._spec

    def start(self, recent: Sequence[Sequence[Observation]]) -> list[HoldState]:
        """Stay at the newest measured pose."""
        return [HoldState(observations[-1].ee_state.astype(np.float32)) for observations in recent]

    def act(
        self, observations: Sequence[Observation], states: Sequence[HoldState], seeds: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], list[HoldState]]:
        """The same pose now and for the whole plan."""
        actions = np.stack([state.target for state in states])
        return actions, np.repeat(actions[:, None], HORIZON, 1), list(states)

    def looks(self, states: Sequence[HoldState]) -> NDArray[np.bool_]:
        """(B,) never."""
        return np.zeros(len(states), np.bool_)

    def pack(self, state: HoldState) -> PackedState:
        """One array, 56 bytes."""
        return PackedState({"target": state.target})

    def unpack(self, packed: PackedState) -> HoldState:
        """The inverse of pack, bit for bit."""
        target = packed.arrays.get("target")
        if target is None or target.shape != (ACTION_DIM,):
            raise BadStore("A stored state of the hold policy is torn: 'target' is not 14 numbers.")
        return HoldState(target.astype(np.float32))


def load() -> HoldPolicy:
    """The hold policy."""
    return HoldPolicy()
