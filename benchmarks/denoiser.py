"""What a step of the world is compared with: a three-step denoiser of the size that DIAMOND publishes.

Alonso et al., "Diffusion for World Modeling: Visual Details Matter in Atari" (2024): a UNet with 64 channels on
4 levels, 2 residual blocks each (one more on the way up), adaptive GroupNorm, attention in the middle, given the 4
past frames as channels and the 4 past actions with the noise level as a vector of 256; 4.4 M parameters; a frame is
made in 3 Euler steps of the EDM formulation. Written from that description for one purpose, the cost of a step; its
weights are random, which costs the same.
"""

import itertools
import math
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS, LEVELS, BLOCKS, CONDITION = 64, 4, 2, 256
PAST = 4
"""Frames and actions that it is given."""
STEPS = 3
"""Evaluations of the network per frame."""
ACTION = 14
SIGMA_DATA, SIGMA_LOW, SIGMA_HIGH, RHO = 0.5, 2e-3, 5.0, 7.0
"""Of the EDM formulation (Karras et al. 2022), as DIAMOND sets them."""

Network = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""(scaled noisy frame, past frames, noise level, past actions) -> (1, 3, H, W)."""


class AdaptiveNorm(nn.Module):
    """GroupNorm whose scale and shift come from the condition."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.groups = max(1, channels // 32)
        self.linear = nn.Linear(CONDITION, 2 * channels)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(B, C, H, W) and (B, 256) -> (B, C, H, W)."""
        both: Tensor = self.linear(condition)
        scale, shift = both[:, :, None, None].chunk(2, 1)
        return F.group_norm(x, self.groups) * (1 + scale) + shift


class Attention(nn.Module):
    """Every place looks at every other; heads of 8 channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.heads = channels // 8
        self.norm = nn.GroupNorm(max(1, channels // 32), channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        b, c, h, w = x.shape
        parts = self.qkv(self.norm(x)).reshape(b, 3, self.heads, c // self.heads, h * w).transpose(-1, -2)
        q, k, v = parts.unbind(1)
        weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(c // self.heads), -1)
        seen: Tensor = self.out((weights @ v).transpose(-1, -2).reshape(b, c, h, w))
        return x + seen


class Residual(nn.Module):
    """Two convolutions behind adaptive norms, and a way round them."""

    def __init__(self, inputs: int, outputs: int, *, attention: bool = False) -> None:
        super().__init__()
        self.round = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        self.norm1, self.conv1 = AdaptiveNorm(inputs), nn.Conv2d(inputs, outputs, 3, 1, 1)
        self.norm2, self.conv2 = AdaptiveNorm(outputs), nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.attention = Attention(outputs) if attention else nn.Identity()

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(B, inputs, H, W) and (B, 256) -> (B, outputs, H, W)."""
        y = self.conv1(F.silu(self.norm1(x, condition)))
        y = self.conv2(F.silu(self.norm2(y, condition)))
        found: Tensor = self.attention(y + self.round(x))
        return found


class UNet(nn.Module):
    """Down, middle, up; every output on the way down is handed across."""

    def __init__(self) -> None:
        super().__init__()
        c = CHANNELS
        down = [nn.ModuleList(Residual(c, c) for _ in range(BLOCKS)) for _ in range(LEVELS)]
        up = [nn.ModuleList(Residual(2 * c, c) for _ in range(BLOCKS + 1)) for _ in range(LEVELS)]
        self.down, self.up = nn.ModuleList(down), nn.ModuleList(up)
        self.middle = nn.ModuleList(Residual(c, c, attention=True) for _ in range(BLOCKS))
        self.smaller = nn.ModuleList(nn.Conv2d(c, c, 3, 2, 1) for _ in range(LEVELS - 1))
        self.larger = nn.ModuleList(nn.Conv2d(c, c, 3, 1, 1) for _ in range(LEVELS - 1))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(B, 64, H, W) and (B, 256) -> (B, 64, H, W)."""
        across: list[list[Tensor]] = []
        for level, blocks in enumerate(self.down):
            x = self.smaller[level - 1](x) if level else x
            across.append([x])
            for block in _each(blocks):
                x = block(x, condition)
                across[-1].append(x)
        for block in _each(self.middle):
            x = block(x, condition)
        for level, blocks in enumerate(self.up):
            x = self.larger[level - 1](F.interpolate(x, scale_factor=2.0, mode="nearest")) if level else x
            handed = across.pop()
            for block in _each(blocks):
                x = block(torch.cat([x, handed.pop()], 1), condition)
        return x


class Denoiser(nn.Module):
    """The network of one denoising step; a Network."""

    frequencies: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.randn(1, CONDITION // 2))
        self.actions = nn.Linear(ACTION, CONDITION // PAST)
        self.condition = nn.Sequential(nn.Linear(CONDITION, CONDITION), nn.SiLU(), nn.Linear(CONDITION, CONDITION))
        self.enter = nn.Conv2d(3 * (PAST + 1), CHANNELS, 3, 1, 1)
        self.unet = UNet()
        self.norm = nn.GroupNorm(max(1, CHANNELS // 32), CHANNELS)
        self.leave = nn.Conv2d(CHANNELS, 3, 3, 1, 1)

    def forward(self, noisy: Tensor, past: Tensor, level: Tensor, actions: Tensor) -> Tensor:
        """(B, 3, H, W), (B, 12, H, W), (B,) and (B, 4, 14) -> (B, 3, H, W)."""
        angles = 2 * math.pi * level[:, None] @ self.frequencies
        known = torch.cat([angles.cos(), angles.sin()], -1) + self.actions(actions).flatten(1)
        x = self.unet(self.enter(torch.cat([past, noisy], 1)), self.condition(known))
        out: Tensor = self.leave(F.silu(self.norm(x)))
        return out


def _each(blocks: nn.Module) -> Iterator[nn.Module]:
    """The blocks of a ModuleList."""
    return iter(blocks.children())


def noise_levels() -> list[float]:
    """STEPS falling levels, then 0."""
    ends = SIGMA_HIGH ** (1 / RHO), SIGMA_LOW ** (1 / RHO)
    return [(ends[0] + i / (STEPS - 1) * (ends[1] - ends[0])) ** RHO for i in range(STEPS)] + [0.0]


@torch.inference_mode()
def imagined_frame(network: Network, noise: Tensor, past: Tensor, actions: Tensor) -> Tensor:
    """One frame (1, 3, H, W), -1..1, in STEPS evaluations of the network."""
    levels = noise_levels()
    x = noise * levels[0]
    for sigma, following in itertools.pairwise(levels):
        total = math.sqrt(sigma**2 + SIGMA_DATA**2)
        level = torch.full((len(x),), math.log(sigma) / 4)
        out = network(x / total, past / SIGMA_DATA, level, actions)
        clean = (SIGMA_DATA / total) ** 2 * x + sigma * SIGMA_DATA / total * out
        clean = ((clean.clamp(-1, 1) + 1) * 127.5).round() / 127.5 - 1  # quantised as in the input of the next step
        x = x + (x - clean) / sigma * (following - sigma)
    return x


def inputs(size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Noise, past frames and past actions for one picture of size x size pixels."""
    made = torch.Generator().manual_seed(0)
    return (
        torch.randn(1, 3, size, size, generator=made),
        torch.rand(1, 3 * PAST, size, size, generator=made) * 2 - 1,
        torch.rand(1, PAST, ACTION, generator=made),
    )


def parameters(network: nn.Module) -> int:
    """How many numbers are learned."""
    return sum(p.numel() for p in network.parameters())
