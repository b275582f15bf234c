"""What the diffusion policy gives the trainer: noise is added as diffusers does, chunks are sampled with DDIM."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.policies.chunks.scaling import Floats, Scaling
from models.policies.diffusion.checkpoint import KIND, Checkpoint, load_checkpoint, save
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.network import DiffusionNetwork
from models.training.diffusion.schedule import ddim_tables, ddpm
from models.training.policy.backbone import Base


class DiffusionBackbone:
    """A models.training.policy.backbone.Backbone."""

    kind, chunks_per_look = KIND, 4

    def __init__(self, config: DiffusionConfig) -> None:
        self.config = config
        self._tables, self._scheduler = ddim_tables(config), ddpm(config)

    @classmethod
    def of(cls, shape: Mapping[str, Any]) -> Self:
        """With these fields of DiffusionConfig.

        Raises:
            BadConfig: noise levels that the sampling steps do not divide.
        """
        return cls(DiffusionConfig(**shape))

    @classmethod
    def read(cls, path: Path) -> Base:
        """What a weights file holds.

        Raises:
            BadCheckpoint: missing, torn, or of another kind or version.
        """
        found = load_checkpoint(path)
        return Base(cls(found.config), found.scaling, found.weights, found.sha256)

    def network(self) -> DiffusionNetwork:
        """Fresh weights."""
        return DiffusionNetwork(self.config)

    def errors(
        self, network: DiffusionNetwork, target: Tensor, seen: Tensor, states: Tensor, many: int, noise: torch.Generator
    ) -> Tensor:
        """Squared errors of what the denoiser predicts, (B many, H, 14)."""
        condition = network.condition(seen, states).repeat_interleave(many, 0)
        target = target.repeat_interleave(many, 0)
        error = torch.randn(target.shape, generator=noise).to(target.device)
        level = torch.randint(self.config.noise_levels, (len(target),), generator=noise).to(target.device)
        noisy: Tensor = self._scheduler.add_noise(target, error, level)
        wanted: dict[str, Tensor] = {"sample": target, "epsilon": error}
        if self.config.prediction == "v_prediction":
            wanted["v_prediction"] = self._scheduler.get_velocity(target, error, level)
        predicted: Tensor = network.denoiser(noisy, level, condition)
        return (predicted.float() - wanted[self.config.prediction]).square()

    def sample(self, network: DiffusionNetwork, seen: Tensor, states: Tensor, noise: Floats) -> Floats:
        """Chunks (B, H, 14) from this noise with the tables that ship."""
        condition = network.condition(seen, states)

        def denoise(x: Floats, level: NDArray[np.int64]) -> Floats:
            inputs = (torch.from_numpy(values).to(seen.device) for values in (x, level))
            return np.asarray(network.denoiser(*inputs, condition).cpu(), np.float32)

        return self._tables.sample(noise, denoise)

    def save(self, path: Path, scaling: Scaling, weights: Mapping[str, NDArray[Any]], card: Mapping[str, Any]) -> str:
        """Write weights and card; the SHA-256 of the weights file."""
        return save(path, Checkpoint(self.config, scaling, self._tables, weights, ""), card)
