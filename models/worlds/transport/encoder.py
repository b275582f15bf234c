"""From a picture pair to the object map: free of end effectors, drawn once, never redrawn."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.worlds.transport.config import TransportConfig
from models.worlds.transport.detect import foreground

PRIOR = 3.0
"""Log-odds by which the difference to the background speaks for the object, before anything is learned."""
SAY = 6.0
"""Largest log-odds that what is learned may add: a mask that went wrong early must still feel a gradient."""
INPUTS_PER_VIEW = 7
"""Colour minus background, colour, and one map of the end effectors."""


def block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A 3x3 convolution and its nonlinearity."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.SiLU())


class MapEncoder(nn.Module):
    """A small U-Net on both rectified views -> mask and masked features in the table plane."""

    def __init__(self, config: TransportConfig, views: int) -> None:
        super().__init__()
        w = config.encoder_width
        self.channels = config.channels
        self.enter = nn.Sequential(block(INPUTS_PER_VIEW * views * 4, w), block(w, w))
        self.down1 = nn.Sequential(block(w, w + 16, 2), block(w + 16, w + 16))
        self.down2 = nn.Sequential(block(w + 16, 2 * w, 2), block(2 * w, 2 * w))
        self.up1 = block(3 * w + 16, w + 16)
        self.up2 = block(2 * w + 16, w)
        self.leave = nn.Conv2d(w, config.channels * 4, 3, 1, 1)
        binomial = torch.tensor([1.0, 2.0, 1.0])
        kernel = torch.outer(binomial, binomial) / 16
        self.register_buffer("kernel", kernel.repeat(config.channels, 1, 1, 1), persistent=False)

    @staticmethod
    def stranger(rectified: Tensor) -> Tensor:
        """What differs from the background and is no end effector, (B, 1, N, N) 0..1: where the mask begins."""
        b, c, h, w = rectified.shape
        views = rectified.reshape(-1, INPUTS_PER_VIEW, h, w)
        there: Tensor = foreground(views[:, :3]) * (1 - views[:, 6:])
        return there.reshape(b, c // INPUTS_PER_VIEW, h, w).mean(1, keepdim=True)

    def forward(self, rectified: Tensor) -> Tensor:
        """(B, views * INPUTS_PER_VIEW, N, N) -> (B, C, N, N): mask in 0..1, then features times mask."""
        first = self.enter(F.pixel_unshuffle(rectified, 2))
        second = self.down1(first)
        third = self.down2(second)
        up = self.up1(torch.cat([F.interpolate(third, scale_factor=2.0, mode="nearest"), second], 1))
        up = self.up2(torch.cat([F.interpolate(up, scale_factor=2.0, mode="nearest"), first], 1))
        raw = F.pixel_shuffle(self.leave(up), 2).float()
        mask = torch.sigmoid(SAY * torch.tanh(raw[:, :1] / SAY) + PRIOR * (2 * self.stranger(rectified) - 1))
        drawn = torch.cat([mask, mask * torch.tanh(raw[:, 1:])], 1)
        kernel: Tensor = self.get_buffer("kernel")
        return F.conv2d(F.pad(drawn, (1, 1, 1, 1), mode="replicate"), kernel, groups=self.channels)
