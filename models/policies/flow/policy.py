"""The flow-matching policy: chunks flow from noise along a velocity, given what is seen."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import DEFAULT_TASK, shipped_weights
from models.policies.chunks.policy import ChunkPolicy
from models.policies.chunks.scaling import Floats
from models.policies.flow.checkpoint import KIND, Checkpoint, load_checkpoint
from models.policies.flow.euler import integrate
from models.policies.flow.graphs import Graphs


class FlowPolicy(ChunkPolicy):
    """A policy of chunks whose sampler integrates a velocity."""

    def __init__(self, checkpoint: Checkpoint, threads: int = 1) -> None:
        super().__init__(KIND, checkpoint.config, checkpoint.scaling, checkpoint.sha256, threads)
        self._graphs = Graphs(checkpoint.config, checkpoint.weights, checkpoint.sha256, threads)

    def _sample(self, frames: NDArray[np.uint8], states: Floats, noise: Floats) -> Floats:
        memory = self._graphs.observe(frames, states)
        return integrate(noise, lambda x, time: self._graphs.velocity(x, time, memory), self._config.sampling_steps)


def load(weights: Path | str | None = None, task: str | None = None, threads: int = 1) -> FlowPolicy:
    """The policy of a weights file; by default the one that ships with the default task.

    Raises:
        BadConfig: no weights were named, and none ship.
        BadCheckpoint: weights that are missing, torn, of another version or of another task.
    """
    path = shipped_weights(KIND, DEFAULT_TASK) if weights is None else Path(weights)
    return FlowPolicy(load_checkpoint(path, task), threads)
