"""The contract of everything that can be stepped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.action import ActionLimits
from core.camera import Camera
from core.identity import Identity
from core.observation import Observation
from core.task import Scene
from core.workcell import Workcell

WorldState = Any
"""A value: never changed in place, kept by reference. Only its world looks inside."""


@dataclass(frozen=True, slots=True, eq=False)
class WorldSpec:
    """What a world shows, takes and promises."""

    identity: Identity
    kind: str
    """"transport", "structured", "reference", "remote", "toy": how it imagines, shown to the user."""
    training_inputs: str
    """One sentence: what it was given in training; stored with each recording as "told"."""
    task: str
    workcell: Workcell
    """Robot, cameras and rate that it was made for."""
    context: int = 1
    """Observations that encode() wants, oldest first."""
    steps_per_call: int = 1
    tolerance: Mapping[str, float] = field(default_factory=dict)
    """What trust promises to stay within, for example {"position_m": 0.02, "angle_rad": 0.2}."""

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """Of the workcell, in the order in which they are shown."""
        return self.workcell.cameras

    @property
    def dt(self) -> float:
        """Seconds of world time per control step."""
        return self.workcell.dt

    @property
    def limits(self) -> ActionLimits:
        """The actions that it takes."""
        return self.workcell.limits

    @property
    def home(self) -> NDArray[np.float32]:
        """(14,) action of the resting arms."""
        return self.workcell.home

    @property
    def codec(self) -> str:
        """How actions are laid out."""
        return self.workcell.codec


@dataclass(frozen=True, slots=True, eq=False)
class PackedState:
    """A state as named arrays, ready for a file."""

    arrays: Mapping[str, NDArray[Any]]
    """What changes every step: about a hundred bytes."""
    shared: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """What is constant over an episode (an object map); stores keep one copy by content hash."""


class World(Protocol):
    """Holds weights, never episodes. All methods are safe to call again with the same values."""

    @property
    def spec(self) -> WorldSpec:
        """What this world shows, takes and promises."""

    def reset(self, scenes: Sequence[Scene], seeds: Sequence[int]) -> list[WorldState]:
        """One state per scene. Raises StudioError for a scene that this world cannot start."""

    def encode(self, observations: Sequence[Observation], actions: NDArray[np.float32]) -> WorldState:
        """A state from the last `context` observations and the (T-1, 14) actions between them."""

    def step(
        self, states: Sequence[WorldState], actions: NDArray[np.float32], seeds: Sequence[int]
    ) -> tuple[list[WorldState], NDArray[np.float32] | None]:
        """Advance B states by (B, K, 14) actions; seeds from core.seeds.step_seed.

        Returns the new states and the trust (B,) in 0..1, or None where it is unknown.
        """

    def observe(self, states: Sequence[WorldState]) -> list[Observation]:
        """Decode; apart from stepping, so that pictures that are not shown cost nothing."""

    def measured(self, states: Sequence[WorldState]) -> NDArray[np.float32]:
        """(B, 14) measured end effectors, bit for bit those of observe(), without drawing."""

    def object_poses(self, states: Sequence[WorldState]) -> NDArray[np.float64] | None:
        """(B, 3) x m, y m, yaw rad, base frame, of a frame that is fixed in the one rigid object of each state.

        Which frame it is, is the world's choice. None where a world has no such object. A hint that tells which states
        are worth drawing; what counts is judged from pictures.
        """

    def pack(self, state: WorldState) -> PackedState:
        """A state as named arrays."""

    def unpack(self, packed: PackedState) -> WorldState:
        """The inverse of pack, bit for bit."""
