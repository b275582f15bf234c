"""The networks of the flow-matching policy (torch): two token streams that share attention, as in pi0.

Observation tokens (groups of keypoints, one of the whole scene, one of each arm) attend to each other. Action tokens,
one a step of the chunk, attend in every layer to that layer's observation tokens and to each other, with weights of
their own and the time of the flow in every layer's normalisation. Observation tokens never see the actions, so their
keys and values are computed once a look.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.action import ACTION_DIM, ARM_DIM, ARMS
from models.policies.chunks.encoder import FEATURES, POSE_DIM, KeypointEncoder, pictures
from models.policies.flow.config import FlowConfig

TIME_DIM = 64
"""Sines and cosines of the time of the flow."""
GROW = 2
"""Width of the hidden layer of every token-wise network, relative to the token."""


class Attention(nn.Module):
    """The weights of one stream of tokens in an attention that may span several streams."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.heads, self.scale = config.heads, (config.width // config.heads) ** -0.5
        self.enter = nn.Linear(config.width, 3 * config.width)
        self.leave = nn.Linear(config.width, config.width)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, N, W) -> queries, keys, values, (B, N, W) each."""
        queries, keys, values = self.enter(x).chunk(3, -1)
        return queries, keys, values

    def attend(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Queries (B, N, W), keys and values (B, M, W) -> (B, N, W)."""
        q, k, v = (_split(part, self.heads).transpose(1, 2) for part in (queries, keys, values))
        weights = (q @ k.transpose(-1, -2) * self.scale).softmax(-1)
        found: Tensor = self.leave((weights @ v).transpose(1, 2).flatten(2))
        return found


def _split(x: Tensor, *sizes: int) -> Tensor:
    """(..., N) -> (..., *sizes, N / their product)."""
    return x.reshape(*x.shape[:-1], *sizes, -1)


def token_wise(width: int) -> nn.Sequential:
    """The network that is applied to every token separately."""
    return nn.Sequential(nn.Linear(width, GROW * width), nn.SiLU(), nn.Linear(GROW * width, width))


class ObservationLayer(nn.Module):
    """One layer of the observation tokens; behind the last one only the next keys and values are needed."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.norm, self.norm_after = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.attention, self.mlp = Attention(config), token_wise(config.width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, N, W) -> (B, N, W), and this layer's keys and values (B, 2, N, W)."""
        queries, keys, values = self.attention.project(self.norm(x))
        x = x + self.attention.attend(queries, keys, values)
        after: Tensor = self.mlp(self.norm_after(x))
        return x + after, torch.stack([keys, values], 1)


class ActionLayer(nn.Module):
    """One layer of the action tokens, scaled, shifted and gated by the time of the flow."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.width, elementwise_affine=False)
        self.attention, self.mlp = Attention(config), token_wise(config.width)
        self.modulate = nn.Linear(config.width, 6 * config.width)
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(self, x: Tensor, time: Tensor, memory: Tensor) -> Tensor:
        """(B, H, W), time features (B, W), observation keys and values (B, 2, N, W) -> (B, H, W)."""
        scale, shift, gate, scale_after, shift_after, gate_after = self.modulate(time)[:, None].chunk(6, -1)
        queries, keys, values = self.attention.project(self.norm(x) * (1.0 + scale) + shift)
        keys, values = torch.cat([memory[:, 0], keys], 1), torch.cat([memory[:, 1], values], 1)
        x = x + (1.0 + gate) * self.attention.attend(queries, keys, values)
        moved: Tensor = x + (1.0 + gate_after) * self.mlp(self.norm(x) * (1.0 + scale_after) + shift_after)
        return moved


class ActionExpert(nn.Module):
    """The velocity of a chunk on its way from noise, given what is observed."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__()
        width = config.width
        self.enter = nn.Linear(ACTION_DIM, width)
        self.place = nn.Parameter(0.02 * torch.randn(config.horizon, width))
        self.time = nn.Sequential(nn.Linear(TIME_DIM, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.layers = nn.ModuleList(ActionLayer(config) for _ in range(config.layers))
        self.norm, self.leave = nn.LayerNorm(width), nn.Linear(width, ACTION_DIM)
        rates = 2.0 * math.pi * torch.exp(math.log(100.0) * torch.linspace(-0.5, 0.5, TIME_DIM // 2))
        self.register_buffer("rates", rates, persistent=False)

    def forward(self, noisy: Tensor, time: Tensor, memory: Tensor) -> Tensor:
        """(B, H, 14), (B,) in 0 .. 1, (B, L, 2, N, W) -> (B, H, 14)."""
        phase = time[:, None] * self.get_buffer("rates")
        when = self.time(torch.cat([phase.sin(), phase.cos()], -1))
        x = self.enter(noisy) + self.place
        for index, layer in enumerate(self.layers):
            x = layer(x, when, memory[:, index])
        velocity: Tensor = self.leave(self.norm(x))
        return velocity


class FlowNetwork(KeypointEncoder):
    """Encoder, observation tokens and action expert; the pose head's loss exists in training only."""

    def __init__(self, config: FlowConfig) -> None:
        super().__init__(config)
        config.require_whole()
        self.config, width = config, config.width
        groups, numbers = len(config.cameras) * config.tokens, 3 * config.keypoints // config.tokens
        self.keypoint_weight = nn.Parameter(torch.randn(groups, numbers, width) / math.sqrt(numbers))
        self.scene = nn.Linear(FEATURES + POSE_DIM, width)
        self.arm_weight = nn.Parameter(torch.randn(len(ARMS), 2 * ARM_DIM, width) / math.sqrt(2 * ARM_DIM))
        self.name = nn.Parameter(0.02 * torch.randn(groups + 1 + len(ARMS), width))
        self.layers = nn.ModuleList(ObservationLayer(config) for _ in range(config.layers - 1))
        self.last = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width))
        self.expert = ActionExpert(config)

    def see(self, frames: Tensor) -> Tensor:
        """(B, V, 3, S, S) in -0.5 .. 0.5 -> keypoints, features and, last, the pose guess, (B, V 3 K + 132)."""
        keypoints = self.keypoints(frames)
        features = self.look(keypoints)
        return torch.cat([keypoints, features, self.pose(features)], 1)

    def condition(self, seen: Tensor, states: Tensor) -> Tensor:
        """What see() gave and states (B, 28) -> keys and values of the observation tokens, (B, L, 2, N, W)."""
        points, scene = seen[:, : -FEATURES - POSE_DIM], seen[:, -FEATURES - POSE_DIM :]
        scene = torch.cat([F.silu(scene[:, :FEATURES]), scene[:, FEATURES:]], -1)
        arms = _split(states, 2, len(ARMS)).transpose(1, 2).flatten(2)
        parts = [
            torch.einsum("bgn,gnw->bgw", self._grouped(points), self.keypoint_weight),
            self.scene(scene)[:, None],
            torch.einsum("ban,anw->baw", arms, self.arm_weight),
        ]
        x, memory = torch.cat(parts, 1) + self.name, []
        for layer in self.layers:
            x, kept = layer(x)
            memory.append(kept)
        memory.append(torch.stack(self.last(x).chunk(2, -1), 1))
        return torch.stack(memory, 1)

    def _grouped(self, points: Tensor) -> Tensor:
        """(B, V 3 K) as the view encoders give them -> (B, V T, 3 K / T): a token has places and values."""
        count, tokens = self.config.keypoints, self.config.tokens
        views = _split(points, len(self.config.cameras))
        places, values = _split(views[..., : 2 * count], tokens), _split(views[..., 2 * count :], tokens)
        return torch.cat([places, values], -1).flatten(1, 2)


class ObserveGraph(nn.Module):
    """What is exported for looking: raw pictures in, keys and values of the observation tokens out."""

    def __init__(self, network: FlowNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, frames: Tensor, states: Tensor) -> Tensor:
        """(B, V, S, S, 3) uint8 and (B, 28) -> (B, L, 2, N, W)."""
        return self.network.condition(self.network.see(pictures(frames)), states)
