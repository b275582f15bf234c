"""All weights of a transport world in one module, and the pictures' geometry between them."""

from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.worlds.transport.config import TransportConfig
from models.worlds.transport.detect import densest, foreground
from models.worlds.transport.dynamics import ContactDynamics
from models.worlds.transport.encoder import MapEncoder
from models.worlds.transport.pose import out_of_frame
from models.worlds.transport.renderer import ViewRenderer
from models.worlds.transport.skeleton import SEGMENTS, SHADOWS, Skeleton
from models.worlds.transport.views import Views


def grid_points(cells: int, extent: float) -> Tensor:
    """Centres (cells * cells, 2) of a square grid round zero, metres; x runs along the columns."""
    line = (torch.arange(cells) + 0.5) * (extent / cells) - extent / 2
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x, y], -1).reshape(-1, 2)


def hidden(drawn: Tensor) -> Tensor:
    """Drawn end effectors (B, 1, N, N) -> 0..1 where they may hide what is behind, with a margin."""
    return (drawn * 8).clamp(0.0, 1.0)


class TransportNet(nn.Module):
    """Encoder, renderer per view, dynamics, background and cameras."""

    def __init__(self, config: TransportConfig, views: Views, background: Tensor) -> None:
        """Build with fresh weights.

        Args:
            config: sizes.
            views: calibrated cameras.
            background: (V, 3, H, W) float 0..1.
        """
        super().__init__()
        self.config, self.mixed = config, False
        count = background.shape[0]
        self.encoder = MapEncoder(config, count)
        self.skeleton = Skeleton(config)
        self.renderers = nn.ModuleList(ViewRenderer(config) for _ in range(count))
        self.dynamics = ContactDynamics(config)
        self.heights = nn.Parameter(torch.tensor([config.low_height, config.high_height]))
        self.register_buffer("background", background.float())
        for name in ("projection", "origin", "slope", "focal"):
            self.register_buffer(name, torch.from_numpy(getattr(views, name)), persistent=False)
        self.register_buffer("cells", grid_points(config.cells, config.extent), persistent=False)
        self.register_buffer("table", grid_points(config.cells, config.table_extent), persistent=False)

    def arithmetic(self) -> AbstractContextManager[object]:
        """bfloat16 convolutions where `mixed` is set (in training), float32 elsewhere."""
        if not self.mixed:
            return nullcontext()
        return torch.autocast(self.get_buffer("background").device.type, torch.bfloat16)

    def cell_pixels(self, pose: Tensor, view: int, cells: str = "cells") -> tuple[Tensor, Tensor]:
        """Pixel columns and rows (B, N, N) at which a view sees the cells of a map under a pose (B, 3)."""
        n, b = self.config.cells, pose.shape[0]
        points = out_of_frame(self.get_buffer(cells)[None], pose)
        height = torch.full_like(points[..., :1], self.config.rectify_height)
        projection = self.get_buffer("projection")[view]
        seen = torch.cat([points, height], -1) @ projection[:, :3].T + projection[:, 3]
        return (seen[..., 0] / seen[..., 2]).reshape(b, n, n), (seen[..., 1] / seen[..., 2]).reshape(b, n, n)

    def rectified(self, frames: Tensor, ee: Tensor, pose: Tensor) -> Tensor:
        """What the encoder sees: both views on the table plane round a pose.

        Args:
            frames: (B, V, 3, H, W) 0..1.
            ee: (B, 14) measured.
            pose: (B, 3) of the map.

        Returns:
            (B, V * INPUTS_PER_VIEW, N, N).
        """
        parts = []
        for view in range(frames.shape[1]):
            difference, colour, drawn = self.seen(frames[:, view], ee, pose, view)
            parts += [difference, colour, drawn]
        return torch.cat(parts, 1)

    def seen(self, frame: Tensor, ee: Tensor, pose: Tensor, view: int, cells: str = "cells") -> (
        tuple[Tensor, Tensor, Tensor]
    ):  # fmt: skip
        """One view on the table plane: colour minus background (B, 3, N, N), colour, end effectors (B, 1, N, N)."""
        u, v = self.cell_pixels(pose, view, cells)
        grid = torch.stack([u, v], -1) * (2 / (self.config.view_size - 1)) - 1
        both = torch.cat([frame - self.get_buffer("background")[view], frame], 1)
        found = F.grid_sample(both, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
        drawn = self.skeleton.draw(ee, self.get_buffer("projection")[view], self.get_buffer("focal")[view], u, v)
        drawn = drawn.reshape(-1, 2, SEGMENTS + SHADOWS, *u.shape[1:])[:, :, :SEGMENTS]
        return found[:, :3], found[:, 3:], drawn.amax((1, 2))[:, None]

    def locate(self, frames: Tensor, ee: Tensor) -> Tensor:
        """Where a map should be cut out: poses (B, 3) with yaw 0, from pictures (B, V, 3, H, W)."""
        b = frames.shape[0]
        middle = torch.tensor([[*self.config.table_centre, 0.0]], device=frames.device).expand(b, -1)
        weights = []
        for view in range(frames.shape[1]):
            difference, _, drawn = self.seen(frames[:, view], ee, middle, view, "table")
            weights.append(foreground(difference)[:, 0] * (1 - hidden(drawn))[:, 0])
        points = self.get_buffer("table") + middle[0, :2]
        best = densest(torch.stack(weights).mean(0), points)
        return torch.cat([best, torch.zeros_like(best[:, :1])], 1)

    def encode(self, frames: Tensor, ee: Tensor, pose: Tensor) -> Tensor:
        """(B, V, 3, H, W) pictures round poses (B, 3) -> object maps (B, C, N, N)."""
        return self.encode_rectified(self.rectified(frames, ee, pose))

    def encode_rectified(self, rectified: Tensor) -> Tensor:
        """(B, V * INPUTS_PER_VIEW, N, N) -> object maps (B, C, N, N)."""
        with self.arithmetic():
            maps: Tensor = self.encoder(rectified)
        return maps.float()

    def sampled(self, maps: Tensor, pose: Tensor, view: int, slope: Tensor) -> Tensor:
        """The map at the pixels of a view: all of it on the high plane, its mask on the low one.

        Pixels are looked up in the order of pixel_unshuffle(2), which is how the renderer wants them, and one
        coordinate at a time: both cost half of what the plain way costs on a processor.

        Args:
            maps: (B, C, N, N).
            pose: (B, 3) accumulated.
            view: which.
            slope: (B or 1, 2, h, w) of the pixels.

        Returns:
            (B, 4 * (C + 1), h / 2, w / 2).
        """
        b, (h, w) = pose.shape[0], slope.shape[-2:]
        phases = slope.reshape(-1, 2, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 2, 4).reshape(-1, 2, 2 * h, w // 2)
        origin = self.get_buffer("origin")[view]
        cos, sin = (f(pose[:, 2])[:, None, None] * (2 / self.config.extent) for f in (torch.cos, torch.sin))
        found = []
        for level, wanted in ((1, maps), (0, maps[:, :1])):
            fall = self.heights[level] - origin[2]
            x = fall * phases[:, 0] + (origin[0] - pose[:, 0])[:, None, None]
            y = fall * phases[:, 1] + (origin[1] - pose[:, 1])[:, None, None]
            grid = torch.stack([cos * x + sin * y, cos * y - sin * x], -1)
            seen = F.grid_sample(wanted, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
            found.append(seen.reshape(b, -1, h // 2, w // 2))
        return torch.cat(found, 1)

    def draw(self, maps: Tensor, pose: Tensor, ee: Tensor, view: int, corner: Tensor | None = None, size: int = 0) -> (
        tuple[Tensor, Tensor]
    ):  # fmt: skip
        """One view as RGB, and its alpha.

        Args:
            maps: (B, C, N, N).
            pose: (B, 3).
            ee: (B, 14) measured.
            view: which.
            corner: (B, 2) int64 left column and top row (even) of a crop; None for the whole picture.
            size: edge of the crop, pixels.

        Returns:
            (B, 3, h, w) 0..1 and (B, 1, h, w) 0..1.
        """
        slope, background = self.get_buffer("slope")[view][None], self.get_buffer("background")[view][None]
        line = torch.arange(self.config.view_size // 2, device=pose.device) * 2.0 + 0.5
        u, v = line[None, None, :], line[None, :, None]
        if corner is not None:
            columns = corner[:, 0, None] + torch.arange(size, device=pose.device)
            rows = corner[:, 1, None] + torch.arange(size, device=pose.device)
            slope = slope[0][:, rows[:, :, None], columns[:, None, :]].transpose(0, 1)
            background = background[0][:, rows[:, :, None], columns[:, None, :]].transpose(0, 1)
            u, v = columns[:, None, ::2] + 0.5, rows[:, ::2, None] + 0.5
        u, v = u.expand(-1, v.shape[1], -1), v.expand(-1, -1, u.shape[2])
        segments = self.skeleton.draw(ee, self.get_buffer("projection")[view], self.get_buffer("focal")[view], u, v)
        sampled = self.sampled(maps, pose, view, slope)
        with self.arithmetic():
            colour, alpha = self.renderers[view](sampled, segments)
        return background * (1 - alpha) + colour * alpha, alpha

    def pictures(self, maps: Tensor, pose: Tensor, ee: Tensor) -> Tensor:
        """(B, V, H, W, 3) uint8 of every view."""
        views = [self.draw(maps, pose, ee, view)[0] for view in range(len(self.renderers))]
        return (torch.stack(views, 1) * 255 + 0.5).clamp(0, 255).to(torch.uint8).permute(0, 1, 3, 4, 2)
