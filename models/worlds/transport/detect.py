"""Where the object is, roughly: what differs from the background and is no end effector."""

import torch
import torch.nn.functional as F
from torch import Tensor

SOFTNESS = 0.15
"""Colour distance, 0..1 per channel summed as a norm, at which a pixel counts as half foreground."""


def foreground(difference: Tensor) -> Tensor:
    """(B, 3, h, w) colour minus background -> (B, 1, h, w) soft 0..1."""
    square = (difference * difference).sum(1, keepdim=True)
    return 1 - torch.exp(-square * (0.7 / SOFTNESS**2))


def densest(weight: Tensor, points: Tensor) -> Tensor:
    """The centre of the heaviest blob.

    Args:
        weight: (B, n, n) 0..1 on a regular grid over the table.
        points: (n, n, 2) base frame, metres.

    Returns:
        (B, 2) metres.
    """
    pooled = F.avg_pool2d(weight[:, None], 11, 1, 5)[:, 0].flatten(1)
    flat, places = weight.flatten(1), points.reshape(-1, 2)
    best = torch.softmax(pooled * 200, -1) @ places
    for width in (0.08, 0.08, 0.1, 0.1, 0.1):
        away = ((places[None] - best[:, None]) ** 2).sum(-1)
        near = flat * torch.exp(-away / (2 * width * width)) + 1e-5
        best = (near[..., None] * places).sum(1) / near.sum(1, keepdim=True)
    return best
