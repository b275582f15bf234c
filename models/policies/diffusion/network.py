"""The networks of the diffusion policy (torch): a keypoint encoder per view and a residual denoiser."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.action import ACTION_DIM
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.scaling import STATE_DIM

POSE_DIM = 4
"""x, y about the middle of the table in units of 0.2 m, cos yaw, sin yaw: the training-time pose head."""
FEATURES = 128
"""Number of features that the encoder gives for both views."""
LEVEL_DIM = 64


class ViewEncoder(nn.Module):
    """One camera: convolutions at half and quarter resolution, then where each channel looks."""

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__()
        width = config.channels
        self.stem = nn.Conv2d(12, width, 3, padding=1)
        self.down = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.convs = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(3))
        self.heat = nn.Conv2d(width, config.keypoints, 1)
        self.weigh = nn.Conv2d(width, config.keypoints, 1)
        side = config.image_size // 4
        axis = torch.linspace(-1.0, 1.0, side)
        grid = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
        self.register_buffer("grid", grid, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, S, S) in -0.5 .. 0.5 -> (B, 3 K): K places (row, column) and what is there."""
        x = F.relu(self.stem(F.pixel_unshuffle(x, 2)))
        x = F.relu(self.down(x))
        for conv in self.convs:
            x = F.relu(conv(x)) + x
        attention = self.heat(x).float().flatten(2).softmax(-1)
        places = attention @ self.get_buffer("grid")
        values = (attention * self.weigh(x).float().flatten(2)).sum(-1)
        return torch.cat([places.flatten(1), values], 1)


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


class DiffusionNetwork(nn.Module):
    """Encoder and denoiser; the pose head exists for training only."""

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__()
        self.views = nn.ModuleList(ViewEncoder(config) for _ in config.cameras)
        seen = 3 * config.keypoints * len(config.cameras)
        self.look = nn.Sequential(nn.Linear(seen, 256), nn.SiLU(), nn.Linear(256, FEATURES))
        self.pose = nn.Linear(FEATURES, POSE_DIM)
        self.fuse = nn.Sequential(
            nn.Linear(FEATURES + POSE_DIM + STATE_DIM, 256), nn.SiLU(), nn.Linear(256, config.features)
        )
        self.denoiser = Denoiser(config)

    def see(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """(B, V, 3, S, S) in -0.5 .. 0.5 -> features (B, 128) and the pose guess (B, 4)."""
        parts = [view(frames[:, i].contiguous(memory_format=torch.channels_last)) for i, view in enumerate(self.views)]
        features = self.look(torch.cat(parts, 1))
        return features, self.pose(features)

    def condition(self, features: Tensor, pose: Tensor, states: Tensor) -> Tensor:
        """Features, pose guess and states (B, 28) -> (B, F)."""
        condition: Tensor = self.fuse(torch.cat([F.silu(features), pose, states], -1))
        return condition


class ObserveGraph(nn.Module):
    """What is exported for looking: raw pictures in, condition out."""

    def __init__(self, network: DiffusionNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, frames: Tensor, states: Tensor) -> Tensor:
        """(B, V, S, S, 3) uint8 and (B, 28) -> (B, F)."""
        return self.network.condition(*self.network.see(pictures(frames)), states)


def pictures(frames: Tensor) -> Tensor:
    """(B, V, S, S, 3) uint8 -> (B, V, 3, S, S) float32 in -0.5 .. 0.5."""
    return frames.permute(0, 1, 4, 2, 3).float() / 255.0 - 0.5
