"""Between metres and the numbers that the network sees: relative targets, every number about -1 .. 1.

An action chunk is written relative to the end effectors measured now (positions and yaw): what a motion looks
like then hardly depends on where on the table it happens. Each step of a chunk has its own range: the next
target is near, the last one may be far, and both are worth the same precision relative to how far they go.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, ARM_DIM

Floats = NDArray[np.float32]

RELATIVE = np.array([i % ARM_DIM in (0, 1, 2, 5) for i in range(ACTION_DIM)])
"""(14,) which numbers of an action are written relative to the measured state: x, y, z and yaw."""
FLOOR = np.array([0.01, 0.01, 0.01, 0.1, 0.1, 0.1, 0.1] * 2, np.float32)
"""(14,) smallest half range: metres, radians, opening. A number that never moves stays near zero."""
STATE_DIM = 2 * ACTION_DIM
STRIDE = np.array([0.02, 0.02, 0.02, 0.1, 0.1, 0.1, 0.1] * 2, np.float32)
"""(14,) change of the measured state in one step that counts as 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """The ranges of the demonstrations."""

    chunk_centre: Floats
    """(H, 14) middle of the (relative) targets, per step of a chunk."""
    chunk_half: Floats
    """(H, 14) half range of the (relative) targets, per step of a chunk."""
    state_centre: Floats
    """(14,) middle of the measured states."""
    state_half: Floats
    """(14,) half range of the measured states."""
    action_low: Floats
    """(14,) lowest demonstrated target; actions are clipped to the demonstrated box."""
    action_high: Floats
    """(14,) highest demonstrated target."""

    @staticmethod
    def fit(states: Floats, chunks: Floats) -> "Scaling":
        """From measured states (N, 14) and the absolute chunks (N, H, 14) that followed them."""
        relative = chunks - base(states)[:, None]
        low, high = np.quantile(relative, (0.002, 0.998), axis=0)
        lowest, highest = states.min(0), states.max(0)
        return Scaling(
            ((low + high) / 2).astype(np.float32),
            np.maximum((high - low) / 2 * 1.05, FLOOR).astype(np.float32),
            ((lowest + highest) / 2).astype(np.float32),
            np.maximum((highest - lowest) / 2, FLOOR).astype(np.float32),
            chunks.min((0, 1)).astype(np.float32),
            chunks.max((0, 1)).astype(np.float32),
        )

    def states(self, now: Floats, before: Floats) -> Floats:
        """Measured states now and one step earlier (B, 14) -> network input (B, 28)."""
        centred = (now - self.state_centre) / self.state_half
        return np.concatenate([centred, (now - before) / STRIDE], axis=-1, dtype=np.float32)

    def normalised(self, chunks: Floats, now: Floats) -> Floats:
        """Absolute chunks (B, H, 14) -> network output, about -1 .. 1."""
        return np.asarray((chunks - base(now)[:, None] - self.chunk_centre) / self.chunk_half, np.float32)

    def actions(self, normalised: Floats, now: Floats) -> Floats:
        """The inverse of normalised, clipped to the demonstrated box, (B, H, 14) float32."""
        chunks = normalised * self.chunk_half + self.chunk_centre + base(now)[:, None]
        return np.asarray(np.clip(chunks, self.action_low, self.action_high), np.float32)


def base(now: Floats) -> Floats:
    """What targets are relative to: the measured positions and yaws, zero elsewhere, (B, 14)."""
    return np.asarray(np.where(RELATIVE, now, np.float32(0.0)), np.float32)


def shrink(frames: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """(..., H, W, 3) -> (..., size, size, 3): means of whole blocks, rounded. Integer arithmetic, so exact."""
    height, width = frames.shape[-3:-1]
    block = height // size
    if block * size != height or height != width:
        raise ValueError(f"Frames of {width} x {height} do not shrink to {size} x {size} by a whole factor.")
    if block == 1:
        return frames
    split = frames.reshape(*frames.shape[:-3], size, block, size, block, 3)
    total = split.sum(axis=(-4, -2), dtype=np.uint16)
    return np.asarray((total + block * block // 2) // (block * block), np.uint8)
