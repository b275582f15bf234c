"""The diffusion policy: chunks are denoised from noise, given what is seen."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import DEFAULT_TASK, shipped_weights
from models.policies.chunks.policy import ChunkPolicy
from models.policies.chunks.scaling import Floats
from models.policies.diffusion.checkpoint import KIND, Checkpoint, load_checkpoint
from models.policies.diffusion.graphs import Graphs


class DiffusionPolicy(ChunkPolicy):
    """A policy of chunks whose sampler is DDIM."""

    def __init__(self, checkpoint: Checkpoint, threads: int = 1) -> None:
        super().__init__(KIND, checkpoint.config, checkpoint.scaling, checkpoint.sha256, threads)
        self._ddim = checkpoint.ddim
        self._graphs = Graphs(checkpoint.config, checkpoint.weights, checkpoint.sha256, threads)

    def _sample(self, frames: NDArray[np.uint8], states: Floats, noise: Floats) -> Floats:
        condition = self._graphs.observe(frames, states)
        return self._ddim.sample(noise, lambda x, level: self._graphs.denoise(x, level, condition))


def load(weights: Path | str | None = None, task: str | None = None, threads: int = 1) -> DiffusionPolicy:
    """The policy of a weights file; by default the one that ships with the default task.

    Raises:
        BadCheckpoint: weights that are missing, torn, of another version or of another task.
    """
    path = shipped_weights("diffusion", DEFAULT_TASK) if weights is None else Path(weights)
    return DiffusionPolicy(load_checkpoint(path, task), threads)
