"""The weights file of a flow-matching policy: what all policies of chunks store; its sampler has no tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from models.policies.chunks.checkpoint import Stored, read_weights, write_weights
from models.policies.flow.config import FlowConfig

KIND: Final = "flow"
Checkpoint = Stored[FlowConfig]
"""A type; its weights are those of models.policies.flow.network.FlowNetwork, and it has no tables."""


def save(path: Path, checkpoint: Checkpoint, card: Mapping[str, Any]) -> str:
    """Write weights and card, each by rename; the SHA-256 of the weights file."""
    return write_weights(path, KIND, checkpoint, card)


def load_checkpoint(path: Path, task: str | None = None) -> Checkpoint:
    """Read and check a weights file.

    Raises:
        BadCheckpoint: missing, torn, not a flow policy, of another version or task, or not matching its card.
    """
    return read_weights(path, KIND, FlowConfig, task)
