"""The object map under its accumulated pose, and both end effectors, seen by one camera."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.worlds.transport.config import TransportConfig
from models.worlds.transport.encoder import block
from models.worlds.transport.skeleton import SEGMENTS, SHADOWS


class ViewRenderer(nn.Module):
    """Sampled map and segment maps -> RGB and alpha. Convolutions at half and quarter resolution."""

    def __init__(self, config: TransportConfig) -> None:
        super().__init__()
        w = config.renderer_width
        inputs = (config.channels + 1) * 4 + 2 * (SEGMENTS + SHADOWS)
        self.enter = block(inputs, w)
        self.down = block(w, w + 16, 2)
        self.deep = nn.ModuleList(block(w + 16, w + 16) for _ in range(config.renderer_depth))
        self.up = nn.Conv2d(w + 16, w * 4, 1)
        self.mix = block(w, w)
        self.leave = nn.Conv2d(w, 16, 3, 1, 1)
        if self.leave.bias is not None:
            nn.init.constant_(self.leave.bias[12:], -3.0)  # begin with the background

    def forward(self, sampled: Tensor, segments: Tensor) -> tuple[Tensor, Tensor]:
        """Draw one view.

        Args:
            sampled: (B, 4 * (C + 1), H / 2, W / 2) the map on the high plane and its mask on the low one, unshuffled.
            segments: (B, 10, H / 2, W / 2).

        Returns:
            (B, 3, H, W) colour 0..1 and (B, 1, H, W) alpha 0..1.
        """
        first = self.enter(torch.cat([sampled, segments], 1))
        deep = self.down(first)
        for layer in self.deep:
            deep = deep + layer(deep)
        mixed = self.mix(first + F.pixel_shuffle(self.up(deep), 2))
        out = torch.sigmoid(F.pixel_shuffle(self.leave(mixed), 2).float())
        return out[:, :3], out[:, 3:]
