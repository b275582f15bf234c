"""The networks of the diffusion policy (torch): the shared keypoint encoder and a residual denoiser."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.action import ACTION_DIM
from models.policies.chunks.encoder import FEATURES, POSE_DIM, KeypointEncoder, pictures
from models.policies.chunks.scaling import STATE_DIM
from models.policies.diffusion.config import DiffusionConfig

LEVEL_DIM = 64


class Block(nn.Module):
    """A residual layer, scaled and shifted by the condition (adaLN-zero)."""

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulate = nn.Linear(condition, 3 * width)
        self.grow = nn.Linear(width, 2 * width)
        self.shrink = nn.Linear(2 * width, width)
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(B, W) and (B, C) -> (B, W)."""
        modulation: Tensor = self.modulate(condition)
        scale, shift, gate = modulation.chunk(3, -1)
        inner = self.norm(x) * (1.0 + scale) + shift
        grown: Tensor = self.shrink(F.silu(self.grow(inner)))
        return x + (1.0 + gate) * grown


class Denoiser(nn.Module):
    """What the noisy chunk hides, given the condition and the noise level."""

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__()
        size = config.horizon * ACTION_DIM
        self.enter = nn.Linear(size, config.hidden)
        self.level = nn.Sequential(
            nn.Linear(LEVEL_DIM, config.features), nn.SiLU(), nn.Linear(config.features, config.features)
        )
        self.mix = nn.Linear(2 * config.features, config.features)
        self.blocks = nn.ModuleList(Block(config.hidden, config.features) for _ in range(config.blocks))
        self.leave = nn.Linear(config.hidden, size)
        rates = torch.exp(-math.log(1e4) * torch.arange(LEVEL_DIM // 2) / (LEVEL_DIM // 2))
        self.register_buffer("rates", rates, persistent=False)

    def forward(self, noisy: Tensor, level: Tensor, condition: Tensor) -> Tensor:
        """(B, H, 14), (B,) int64, (B, F) -> (B, H, 14)."""
        phase = level.float()[:, None] * self.get_buffer("rates")
        mixed = F.silu(self.mix(torch.cat([condition, self.level(torch.cat([phase.sin(), phase.cos()], -1))], -1)))
        x = self.enter(noisy.flatten(1))
        for block in self.blocks:
            x = block(x, mixed)
        clean: Tensor = self.leave(x)
        return clean.view_as(noisy)


class DiffusionNetwork(KeypointEncoder):
    """Encoder and denoiser; the pose head's loss exists in training only."""

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__(config)
        self.fuse = nn.Sequential(
            nn.Linear(FEATURES + POSE_DIM + STATE_DIM, 256), nn.SiLU(), nn.Linear(256, config.features)
        )
        self.denoiser = Denoiser(config)

    def condition(self, seen: Tensor, states: Tensor) -> Tensor:
        """What see() gave (B, 132) and states (B, 28) -> (B, F)."""
        features, pose = seen[:, :FEATURES], seen[:, FEATURES:]
        condition: Tensor = self.fuse(torch.cat([F.silu(features), pose, states], -1))
        return condition


class ObserveGraph(nn.Module):
    """What is exported for looking: raw pictures in, condition out."""

    def __init__(self, network: DiffusionNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, frames: Tensor, states: Tensor) -> Tensor:
        """(B, V, S, S, 3) uint8 and (B, 28) -> (B, F)."""
        return self.network.condition(self.network.see(pictures(frames)), states)
