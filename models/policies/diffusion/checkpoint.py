"""The weights file of a diffusion policy: what all policies of chunks store, and the tables of its sampler."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.policies.chunks.checkpoint import Stored, read_weights, take, write_weights
from models.policies.chunks.scaling import Scaling
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.ddim import Ddim

KIND: Final = "diffusion"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Everything that the policy needs, as numpy arrays."""

    config: DiffusionConfig
    scaling: Scaling
    ddim: Ddim
    weights: Mapping[str, NDArray[Any]]
    """Of models.policies.diffusion.network.DiffusionNetwork."""
    sha256: str
    """Of the file; "" while it was never written."""


def save(path: Path, checkpoint: Checkpoint, card: Mapping[str, Any]) -> str:
    """Write weights and card, each by rename; the SHA-256 of the weights file."""
    tables: dict[str, NDArray[Any]] = {"ddim.levels": checkpoint.ddim.levels, "ddim.signal": checkpoint.ddim.signal}
    stored = Stored(checkpoint.config, checkpoint.scaling, tables, checkpoint.weights, "")
    return write_weights(path, KIND, stored, card)


def load_checkpoint(path: Path, task: str | None = None) -> Checkpoint:
    """Read and check a weights file.

    Raises:
        BadCheckpoint: missing, torn, not a diffusion policy, of another version or task, or not matching its card.
    """
    stored = read_weights(path, KIND, DiffusionConfig, task)
    steps = stored.config.sampling_steps
    levels = take(path, stored.tables, "ddim.levels", (steps,))
    signal = take(path, stored.tables, "ddim.signal", (steps + 1,))
    ddim = Ddim(levels.astype(np.int64), signal, stored.config.prediction)
    return Checkpoint(stored.config, stored.scaling, ddim, stored.weights, stored.sha256)
