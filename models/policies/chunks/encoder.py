"""The picture encoder that policies share (torch): where each channel of each view looks, and a pose head."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.policies.chunks.config import ChunkConfig

POSE_DIM = 4
"""x, y about the middle of the table in units of 0.2 m, cos yaw, sin yaw: the training-time pose head."""
FEATURES = 128
"""Number of features that the encoder gives for all views."""


class ViewEncoder(nn.Module):
    """One camera: convolutions at half and quarter resolution, then where each channel looks."""

    def __init__(self, config: ChunkConfig) -> None:
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


class KeypointEncoder(nn.Module):
    """The views' keypoints, features of all of them, and a guess of the object's pose (supervised in training only)."""

    def __init__(self, config: ChunkConfig) -> None:
        super().__init__()
        self.views = nn.ModuleList(ViewEncoder(config) for _ in config.cameras)
        seen = 3 * config.keypoints * len(config.cameras)
        self.look = nn.Sequential(nn.Linear(seen, 256), nn.SiLU(), nn.Linear(256, FEATURES))
        self.pose = nn.Linear(FEATURES, POSE_DIM)

    def keypoints(self, frames: Tensor) -> Tensor:
        """(B, V, 3, S, S) in -0.5 .. 0.5 -> (B, V 3 K): what each view encoder gives, one after the other."""
        parts = [view(frames[:, i].contiguous(memory_format=torch.channels_last)) for i, view in enumerate(self.views)]
        return torch.cat(parts, 1)

    def see(self, frames: Tensor) -> Tensor:
        """(B, V, 3, S, S) in -0.5 .. 0.5 -> what the rest of the network needs to know of the pictures.

        Returns:
            (B, D); the last POSE_DIM numbers are the guess of the pose.
        """
        features = self.look(self.keypoints(frames))
        return torch.cat([features, self.pose(features)], 1)


def pictures(frames: Tensor) -> Tensor:
    """(B, V, S, S, 3) uint8 -> (B, V, 3, S, S) float32 in -0.5 .. 0.5."""
    return frames.permute(0, 1, 4, 2, 3).float() / 255.0 - 0.5
