"""A policy of action chunks in closed loop: look, plan a chunk, carry out half of it, look again."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.errors import BadStore, PartFailed
from core.identity import Identity
from core.observation import Observation
from core.policy import PolicySpec
from core.seeds import generator
from core.world import PackedState
from models.onnx_session import backend
from models.policies.chunks.config import ChunkConfig
from models.policies.chunks.scaling import Floats, Scaling, shrink


@dataclass(frozen=True, slots=True, eq=False)
class ChunkState:
    """About a kilobyte: what the next action depends on besides the newest observation."""

    before: Floats
    """(14,) measured end effectors one step before the observation that act() will get."""
    chunk: Floats
    """(H, 14) absolute targets; NaN where there is no chunk."""
    used: int
    """Actions of the chunk that were carried out; `executed` of the configuration where it must look again."""


class ChunkPolicy(ABC):
    """Holds weights, never episodes. The noise of a chunk is a function of the seed of its first step."""

    def __init__(self, kind: str, config: ChunkConfig, scaling: Scaling, sha256: str, threads: int) -> None:
        """What every kind has.

        Args:
            kind: Its name in models.POLICIES.
            config: What it sees, and how long its chunks are.
            scaling: Ranges of its demonstrations.
            sha256: Of its weights file.
            threads: Of its networks.
        """
        self._kind, self._config, self._scaling = kind, config, scaling
        identity = Identity(kind, sha256, backend(), threads)
        self._spec = PolicySpec(identity, config.task, observations=2, horizon=config.horizon)

    @abstractmethod
    def _sample(self, frames: NDArray[np.uint8], states: Floats, noise: Floats) -> Floats:
        """Pictures (B, V, S, S, 3), network states (B, 28), noise (B, H, 14) -> normalised chunks (B, H, 14)."""

    @property
    def spec(self) -> PolicySpec:
        """What this policy looks at and how far it plans."""
        return self._spec

    def start(self, recent: Sequence[Sequence[Observation]]) -> list[ChunkState]:
        """No chunk; the newest of `recent` is the observation that act() gets next."""
        empty = np.full((self._config.horizon, ACTION_DIM), np.nan, np.float32)
        before = [seen[-2] if len(seen) > 1 else seen[-1] for seen in recent]
        return [ChunkState(seen.ee_state.copy(), empty, self._config.executed) for seen in before]

    def act(
        self, observations: Sequence[Observation], states: Sequence[ChunkState], seeds: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], list[ChunkState]]:
        """The next action of each chunk; new chunks, in one batch, where they are used up.

        Raises:
            PartFailed: frames that are missing or of another size, or a state that is not finite.
        """
        looking = [int(row) for row in np.flatnonzero(self.looks(states))]
        chunks, used = [state.chunk for state in states], [state.used for state in states]
        if looking:
            fresh = self._look(
                [observations[row] for row in looking],
                [states[row].before for row in looking],
                [seeds[row] for row in looking],
            )
            for row, chunk in zip(looking, fresh, strict=True):
                chunks[row], used[row] = chunk, 0
        plans = np.empty((len(states), self._config.horizon, ACTION_DIM), np.float32)
        for row, (chunk, done) in enumerate(zip(chunks, used, strict=True)):
            plans[row] = chunk[np.minimum(done + np.arange(self._config.horizon), self._config.horizon - 1)]
        after = [
            ChunkState(seen.ee_state.copy(), chunk, done + 1)
            for seen, chunk, done in zip(observations, chunks, used, strict=True)
        ]
        return plans[:, 0].copy(), plans, after

    def looks(self, states: Sequence[ChunkState]) -> NDArray[np.bool_]:
        """(B,) whether a new chunk is due."""
        return np.array([state.used >= self._config.executed for state in states], np.bool_)

    def _look(self, observations: Sequence[Observation], before: Sequence[Floats], seeds: Sequence[int]) -> Floats:
        """New chunks (B, H, 14) from what is seen now and the measured states (14,) one step earlier."""
        frames = np.stack([self._pictures(observation) for observation in observations])
        now = np.stack([observation.ee_state for observation in observations])
        if not np.isfinite(now).all():
            raise PartFailed(f"The {self._kind} policy was given a measured state that is not finite.")
        inputs = self._scaling.states(now, np.stack(before))
        shape = (self._config.horizon, ACTION_DIM)
        noise = np.stack([generator(seed).standard_normal(shape, np.float32) for seed in seeds])
        return self._scaling.actions(self._sample(frames, inputs, noise), now)

    def _pictures(self, observation: Observation) -> NDArray[np.uint8]:
        """(V, S, S, 3) as the encoder wants them."""
        size, pictures = self._config.frame_size, []
        for camera in self._config.cameras:
            frame = observation.frames.get(camera)
            if frame is None or frame.shape != (size, size, 3):
                found = "no such frame" if frame is None else f"frames of shape {frame.shape}"
                raise PartFailed(
                    f"The {self._kind} policy wants frames {size} x {size} of the camera {camera!r}; there are {found}."
                )
            pictures.append(shrink(frame, self._config.image_size))
        return np.stack(pictures)

    def pack(self, state: ChunkState) -> PackedState:
        """Three arrays, about a kilobyte."""
        return PackedState({"before": state.before, "chunk": state.chunk, "used": np.array([state.used], np.int64)})

    def unpack(self, packed: PackedState) -> ChunkState:
        """The inverse of pack, bit for bit.

        Raises:
            BadStore: arrays are missing or of other shapes.
        """
        shapes = {"before": (ACTION_DIM,), "chunk": (self._config.horizon, ACTION_DIM), "used": (1,)}
        for name, shape in shapes.items():
            if name not in packed.arrays or packed.arrays[name].shape != shape:
                raise BadStore(
                    f"A stored state of the {self._kind} policy is torn: {name!r} should have shape {shape}."
                )
        before, chunk, used = (packed.arrays[name] for name in shapes)
        return ChunkState(before.astype(np.float32), chunk.astype(np.float32), int(used[0]))
