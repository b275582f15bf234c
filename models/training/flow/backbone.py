"""What the flow-matching policy gives the trainer: velocities on straight paths, times drawn as pi0 draws them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.policies.chunks.checkpoint import Stored
from models.policies.chunks.scaling import Floats, Scaling
from models.policies.flow.checkpoint import KIND, load_checkpoint, save
from models.policies.flow.config import FlowConfig
from models.policies.flow.euler import integrate
from models.policies.flow.network import FlowNetwork
from models.training.policy.backbone import Base

LATEST = 0.999
"""The latest time that is trained on: Euler steps never look at 1 itself."""
SHAPE = 1.5
"""Times are LATEST (1 - Beta(SHAPE, 1)): early, noisy ones more often (pi0, appendix B)."""


class FlowBackbone:
    """A models.training.policy.backbone.Backbone."""

    kind, chunks_per_look = KIND, 2

    def __init__(self, config: FlowConfig) -> None:
        config.require_whole()
        self.config = config

    @classmethod
    def of(cls, shape: Mapping[str, Any]) -> Self:
        """With these fields of FlowConfig.

        Raises:
            BadConfig: sizes that do not divide each other.
        """
        return cls(FlowConfig(**shape))

    @classmethod
    def read(cls, path: Path) -> Base:
        """What a weights file holds.

        Raises:
            BadCheckpoint: missing, torn, or of another kind or version.
        """
        found = load_checkpoint(path)
        return Base(cls(found.config), found.scaling, found.weights, found.sha256)

    def network(self) -> FlowNetwork:
        """Fresh weights."""
        return FlowNetwork(self.config)

    def errors(
        self, network: FlowNetwork, target: Tensor, seen: Tensor, states: Tensor, many: int, noise: torch.Generator
    ) -> Tensor:
        """Squared errors of the velocity, (B many, H, 14)."""
        memory = network.condition(seen, states).repeat_interleave(many, 0)
        target = target.repeat_interleave(many, 0)
        start = torch.randn(target.shape, generator=noise).to(target.device)
        time = times(len(target), noise).to(target.device)
        way = time[:, None, None]
        predicted: Tensor = network.expert(way * target + (1.0 - way) * start, time, memory)
        return (predicted.float() - (target - start)).square()

    def sample(self, network: FlowNetwork, seen: Tensor, states: Tensor, noise: Floats) -> Floats:
        """Chunks (B, H, 14) from this noise in as many Euler steps as ship."""
        memory = network.condition(seen, states)

        def velocity(x: Floats, time: Floats) -> Floats:
            inputs = (torch.from_numpy(values).to(seen.device) for values in (x, time))
            return np.asarray(network.expert(*inputs, memory).cpu(), np.float32)

        return integrate(noise, velocity, self.config.sampling_steps)

    def save(self, path: Path, scaling: Scaling, weights: Mapping[str, NDArray[Any]], card: Mapping[str, Any]) -> str:
        """Write weights and card; the SHA-256 of the weights file."""
        return save(path, Stored(self.config, scaling, {}, weights, ""), card)


def times(count: int, noise: torch.Generator) -> Tensor:
    """(N,) times of the flow: LATEST (1 - Beta(SHAPE, 1)), by inverting its distribution function x ** SHAPE."""
    return LATEST * (1.0 - torch.rand(count, generator=noise) ** (1.0 / SHAPE))
