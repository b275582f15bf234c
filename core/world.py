"""The contract of everything that can be stepped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.action import CODEC, ActionLimits
from core.identity import Identity
from core.observation import Observation
from core.task import Scene

WorldState = Any
"""A value: never changed in place, kept by reference. Only its world looks inside."""


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A calibrated static pinhole camera, OpenCV axes (x right, y down, z forward)."""

    name: str
    width: int
    height: int
    intrinsics: NDArray[np.float64]
    """(3, 3) pixels."""
    base_to_camera: NDArray[np.float64]
    """(4, 4) rigid transform from the robot base frame, metres."""

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Base-frame points (..., 3) in metres -> pixels (..., 2), x right, y down."""
        seen = points @ self.base_to_camera[:3, :3].T + self.base_to_camera[:3, 3]
        pixels = seen @ self.intrinsics.T
        return np.asarray(pixels[..., :2] / pixels[..., 2:3])


@dataclass(frozen=True, slots=True, eq=False)
class WorldSpec:
    """What a world shows, takes and promises."""

    identity: Identity
    kind: str
    """"transport", "structured", "reference", "remote", "toy": how it imagines, shown to the user."""
    told: str
    """One sentence: what it was given in training, stored with each recording."""
    task: str
    cameras: tuple[Camera, ...]
    dt: float
    """Seconds of world time per control step."""
    limits: ActionLimits
    home: NDArray[np.float32]
    """(14,) action of the resting arms."""
    context: int = 1
    """Observations that encode() wants, oldest first."""
    steps_per_call: int = 1
    tolerance: Mapping[str, float] = field(default_factory=dict)
    """What trust promises to stay within, for example {"position_m": 0.02, "angle_rad": 0.2}."""
    codec: str = CODEC


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
        """Decode; apart from stepping, so that nobody pays for pictures that nobody sees."""

    def pack(self, state: WorldState) -> PackedState:
        """A state as named arrays."""

    def unpack(self, packed: PackedState) -> WorldState:
        """The inverse of pack, bit for bit."""
