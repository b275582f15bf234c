"""Deterministic sampling (DDIM, eta 0) on numpy, from tables that the diffusers library wrote into the weights.

The tests hold it against diffusers' own DDIMScheduler; docs/decisions/2026-11-28-own-ddim-sampler.md says why the
application does not import that library.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Denoise = Callable[[Floats, NDArray[np.int64]], Floats]
"""Noisy chunks (B, H, 14) and noise levels (B,) -> what the network predicts, (B, H, 14)."""


@dataclass(frozen=True, slots=True, eq=False)
class Ddim:
    """The tables of one schedule."""

    levels: NDArray[np.int64]
    """(S,) noise levels that are visited, falling."""
    signal: Floats
    """(S + 1,) cumulative alpha at each of them, and after the last step."""
    prediction: str
    """What the network predicts: "epsilon", "sample" or "v_prediction"."""

    def sample(self, noise: Floats, denoise: Denoise) -> Floats:
        """From noise (B, H, 14) to clean chunks, clipped to -1 .. 1 on the way."""
        x = noise
        for step, level in enumerate(self.levels):
            now, after = self.signal[step], self.signal[step + 1]
            predicted = denoise(x, np.full(len(x), level, np.int64))
            clean, error = self._split(x, predicted, now)
            x = np.sqrt(after) * np.clip(clean, -1.0, 1.0) + np.sqrt(np.float32(1.0) - after) * error
        return x

    def _split(self, x: Floats, predicted: Floats, signal: np.float32) -> tuple[Floats, Floats]:
        """The clean chunk and the noise that the network sees in x (Song et al. 2021, equation 12)."""
        root, rest = np.sqrt(signal), np.sqrt(np.float32(1.0) - signal)
        if self.prediction == "epsilon":
            return (x - rest * predicted) / root, predicted
        if self.prediction == "sample":
            return predicted, (x - root * predicted) / rest
        return root * x - rest * predicted, root * predicted + rest * x
