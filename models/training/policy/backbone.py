"""The seam between the trainer of policies and the kinds of policies that it trains.

The trainer reads data, draws batches, takes optimiser steps, averages, saves, resumes, validates and reports. A kind
gives its network, its loss on a batch, its sampler and its weights file: one class in models/training/<kind>, one row
in BACKBONES.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self

import torch
from numpy.typing import NDArray
from torch import Tensor

from core.registry import Registry
from models.policies.chunks.checkpoint import policy_kind
from models.policies.chunks.config import ChunkConfig
from models.policies.chunks.encoder import KeypointEncoder
from models.policies.chunks.scaling import Floats, Scaling

BACKBONES: Final = Registry(
    "kind of policy",
    {
        "diffusion": "models.training.diffusion.backbone:DiffusionBackbone",
        "flow": "models.training.flow.backbone:FlowBackbone",
    },
)


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """A trained policy that a training begins from."""

    backbone: "Backbone"
    scaling: Scaling
    weights: Mapping[str, NDArray[Any]]
    sha256: str
    """Of its file."""

    @property
    def config(self) -> ChunkConfig:
        """What it sees, and how long its chunks are: for reading data."""
        return self.backbone.config


class Backbone(Protocol):
    """What one kind of policy gives the trainer."""

    @property
    def kind(self) -> str:
        """Its name in BACKBONES and models.POLICIES."""

    @property
    def config(self) -> ChunkConfig:
        """The shape of its network."""

    @property
    def chunks_per_look(self) -> int:
        """Noise levels per look that are worth their time, where the user names no other number."""

    @classmethod
    def of(cls, shape: Mapping[str, Any]) -> Self:
        """With these fields of its configuration, defaults elsewhere.

        Raises:
            BadConfig: sizes that do not go together.
        """

    @classmethod
    def read(cls, path: Path) -> Base:
        """What a weights file holds.

        Raises:
            BadCheckpoint: missing, torn, or of another kind or version.
        """

    def network(self) -> KeypointEncoder:
        """A network with fresh weights; draws from torch's global generator."""

    def errors(
        self, network: Any, target: Tensor, seen: Tensor, states: Tensor, many: int, noise: torch.Generator
    ) -> Tensor:
        """Squared errors of what the network predicts.

        Args:
            network: One that network() made.
            target: (B, H, 14) normalised chunks.
            seen: (B, D) what its see() gave for the pictures.
            states: (B, 28) network input.
            many: Noise levels per chunk.
            noise: Source of every random number, on the CPU.

        Returns:
            (B many, H, 14): those of the first chunk, then those of the second, ...
        """

    def sample(self, network: Any, seen: Tensor, states: Tensor, noise: Floats) -> Floats:
        """Normalised chunks (B, H, 14) as the shipped policy would sample them from this noise (B, H, 14)."""

    def save(self, path: Path, scaling: Scaling, weights: Mapping[str, NDArray[Any]], card: Mapping[str, Any]) -> str:
        """Write the weights file and its card; its SHA-256."""


def backbone_of(kind: str, shape: Mapping[str, Any]) -> Backbone:
    """The backbone of a kind with these fields of its configuration.

    Raises:
        UnknownName: no such kind.
    """
    made: Backbone = BACKBONES.load(kind).of(shape)
    return made


def read_base(path: Path) -> Base:
    """A trained policy of any kind, from its weights file.

    Raises:
        BadCheckpoint: missing, torn, or of no kind that can be trained.
    """
    base: Base = BACKBONES.load(policy_kind(path)).read(path)
    return base
