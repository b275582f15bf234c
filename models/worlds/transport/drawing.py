"""The pictures of a transport world as the exported graph draws them: TransportNet.pictures for a processor.

Same weights and same pictures (up to rounding: at most one level), arranged for onnxruntime: its convolutions are
fast where the number of channels is a multiple of LANES, its pixel shuffle and its interleaving of coordinates are
slow. So the first layer gets channels with zero weights, pixels are shuffled by two transpositions of large pieces
(the last time as bytes), and what both views have in common is computed once.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.worlds.transport.network import TransportNet
from models.worlds.transport.renderer import ViewRenderer
from models.worlds.transport.skeleton import SEGMENTS, SHADOWS

LANES = 8
"""Channels that a convolution of onnxruntime takes at once."""
PHASES = 4
"""Pixels of a picture per pixel of the convolutions: 2 x 2."""
SHORTEST = 1e-3
"""Pixels; a segment that a camera sees end on is drawn as one of this length."""


def unshuffled(pictures: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, PHASES, C, H / 2, W / 2), the four pixels of each 2 x 2 square apart."""
    n, c, h, w = pictures.shape
    return pictures.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, PHASES, c, h // 2, w // 2)


def shuffled(pixels: Tensor) -> Tensor:
    """The inverse of unshuffled, with channels last: (N, PHASES * C, h, w) -> (N, 2 h, 2 w, C)."""
    n, c, h, w = pixels.shape
    columns = pixels.reshape(n, 2, c // 2, h * w).transpose(2, 3)
    return columns.reshape(n, 2, h, w * (c // 2)).transpose(1, 2).reshape(n, 2 * h, 2 * w, c // PHASES)


def twice_as_large(maps: Tensor) -> Tensor:
    """pixel_shuffle(maps, 2): (B, PHASES * C, h, w) -> (B, C, 2 h, 2 w)."""
    b, c, h, w = maps.shape
    columns = maps.reshape(b, c // 2, 2, h * w).transpose(2, 3)
    return columns.reshape(b, c // PHASES, 2, h, 2 * w).transpose(2, 3).reshape(b, c // PHASES, 2 * h, 2 * w)


class BlockedRenderer(nn.Module):
    """A ViewRenderer whose first layer takes a multiple of LANES channels and whose last one ends unshuffled."""

    def __init__(self, plain: ViewRenderer) -> None:
        super().__init__()
        self.plain = plain
        enter, leave = plain.enter[0], plain.leave
        if not isinstance(enter, nn.Conv2d) or enter.bias is None or leave.bias is None:
            raise TypeError("A renderer begins and ends with a convolution that has a bias.")
        self.missing = -enter.in_channels % LANES
        order = torch.arange(leave.out_channels).reshape(-1, PHASES)
        order = torch.cat([order[:-1].T.flatten(), order[-1]])
        for name, values in (
            ("enter", F.pad(enter.weight.detach(), (0, 0, 0, 0, 0, self.missing))),
            ("enter_bias", enter.bias.detach().clone()),
            ("leave", leave.weight.detach()[order]),
            ("leave_bias", leave.bias.detach()[order]),
        ):
            self.register_buffer(name, values)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Draw one view.

        Args:
            inputs: what ViewRenderer takes, as tensors (B, any, H / 2, W / 2) in its order; the segments last.

        Returns:
            (B, PHASES * 3 + PHASES, H / 2, W / 2) colours of each phase, then alphas, before the sigmoid.
        """
        plain, filling = self.plain, inputs[-1][:, : self.missing]
        entered = torch.cat([*inputs, filling], 1)
        first = F.silu(F.conv2d(entered, self.get_buffer("enter"), self.get_buffer("enter_bias"), padding=1))
        deep = plain.down(first)
        for layer in plain.deep:
            deep = deep + layer(deep)
        mixed = plain.mix(first + twice_as_large(plain.up(deep)))
        return F.conv2d(mixed, self.get_buffer("leave"), self.get_buffer("leave_bias"), padding=1)


class Drawing(nn.Module):
    """Every view of a state."""

    def __init__(self, net: TransportNet) -> None:
        super().__init__()
        self.net, self.edge = net, net.config.view_size // 2
        self.renderers = nn.ModuleList(BlockedRenderer(r) for r in net.renderers if isinstance(r, ViewRenderer))
        self.register_buffer("background", unshuffled(net.get_buffer("background") * 255))
        slopes = unshuffled(net.get_buffer("slope")).transpose(1, 2).flatten(2)
        self.register_buffer("pixels", torch.cat([slopes, torch.ones_like(slopes[:, :1])], 1))

    def forward(self, maps: Tensor, pose: Tensor, measured: Tensor) -> Tensor:
        """(B, C, N, N), (B, 3), (B, 14) -> (B, V, H, W, 3) uint8."""
        b, edge, segments, grids = maps.shape[0], self.edge, self.segments(measured), self.grids(pose)
        drawn = []
        for view, renderer in enumerate(self.renderers):
            planes = (
                F.grid_sample(wanted, grids[:, view, level], padding_mode="zeros", align_corners=False)
                for level, wanted in enumerate((maps, maps[:, :1]))
            )
            drawn.append(renderer([*(plane.reshape(b, -1, edge, edge) for plane in planes), segments[:, view]]))
        found = torch.sigmoid(torch.stack(drawn, 1))
        colour, alpha = found[:, :, : 3 * PHASES], found[:, :, 3 * PHASES :]
        colour, alpha = (part.reshape(b, -1, PHASES, part.shape[2] // PHASES, edge, edge) for part in (colour, alpha))
        background = self.get_buffer("background")
        levels = ((colour * 255 - background) * alpha + (background + 0.5)).to(torch.uint8)
        pictures = shuffled(levels.reshape(-1, PHASES * 3, edge, edge))
        return pictures.reshape(b, -1, 2 * edge, 2 * edge, 3)

    def grids(self, pose: Tensor) -> Tensor:
        """Where in the map each pixel looks, as grid_sample wants it.

        Args:
            pose: (B, 3).

        Returns:
            (B, V, 2, PHASES * H / 2, W / 2, 2) for the high plane, then the low one: see TransportNet.sampled.
        """
        net, b, edge = self.net, pose.shape[0], self.edge
        origin = net.get_buffer("origin")
        cos, sin = torch.cos(pose[:, 2]), torch.sin(pose[:, 2])
        turn = torch.stack([cos, sin, -sin, cos], -1).reshape(b, 1, 1, 2, 2) * (2 / net.config.extent)
        fall = (net.heights.flip(0)[None] - origin[:, 2:])[None, :, :, None, None]
        shift = turn @ (origin[None, :, :2] - pose[:, None, :2])[:, :, None, :, None]
        change = torch.cat([turn * fall, shift.expand(-1, -1, 2, -1, -1)], -1)
        points = change.reshape(b, -1, 4, 3) @ self.get_buffer("pixels")
        pairs = points.reshape(b, -1, 2, 2, PHASES * edge * edge).transpose(3, 4)
        return pairs.reshape(b, -1, 2, PHASES * edge, edge, 2)

    def segments(self, measured: Tensor) -> Tensor:
        """See Skeleton.draw: (B, 14) -> (B, V, 2 * (SEGMENTS + SHADOWS), H / 2, W / 2) of the whole pictures."""
        net, b, count = self.net, measured.shape[0], 2 * (SEGMENTS + SHADOWS)
        projection, focal = net.get_buffer("projection"), net.get_buffer("focal")
        points = net.skeleton(measured).reshape(b, 1, 2 * count, 3)
        seen = points @ projection[:, :, :3].mT + projection[:, None, :, 3]
        depth = seen[..., 2:].clamp_min(0.05)
        ends = (seen[..., :2] / depth).reshape(b, -1, count, 2, 2)
        depth = depth.reshape(b, -1, count, 2).mean(-1)
        radius = torch.exp(net.skeleton.log_radius).repeat(2) * focal[:, None] / depth + 0.5
        start = ends[..., 0, :]
        along = ends[..., 1, :] - start
        length = torch.sqrt((along * along).sum(-1, keepdim=True))
        along = torch.where(length < SHORTEST, torch.tensor([SHORTEST, 0.0], device=along.device), along)
        length = length.clamp_min(SHORTEST)
        unit = along / (length * length)
        line = torch.arange(self.edge, device=measured.device) * 2.0 + 0.5
        u, v = (line - start[..., axis, None] for axis in (0, 1))
        # in units of the segment's length: how far along it a pixel lies, and how far beside it
        ahead = (u * unit[..., :1])[..., None, :] + (v * unit[..., 1:])[..., None]
        beside = (u * unit[..., 1:])[..., None, :] - (v * unit[..., :1])[..., None]
        beyond = ahead - ahead.clamp(0.0, 1.0)
        sharpness = -((length / radius[..., None]) ** 2)[..., None]
        return torch.exp((beside * beside + beyond * beyond) * sharpness)
