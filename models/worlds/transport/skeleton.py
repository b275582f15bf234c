"""End effectors as line segments: where they are, and how they look from a camera."""

import torch
from torch import Tensor, nn

from models.worlds.transport.config import TransportConfig
from models.worlds.transport.pose import rotation_matrix

SEGMENTS = 4
"""Per arm: two fingers, the palm between them, the wrist above it."""
SHADOWS = 1
"""Per arm: the palm dropped onto the table, a hint of height and shade."""


class Skeleton(nn.Module):
    """Segments of both end effectors in the base frame; lengths come from the robot's own geometry."""

    def __init__(self, config: TransportConfig) -> None:
        super().__init__()
        y, r = config.finger_offset, config.finger_radius
        closed = torch.tensor(
            [
                [[0.0, y, r], [0.0, y, 0.065]],
                [[0.0, -y, r], [0.0, -y, 0.065]],
                [[0.0, 0.026, 0.082], [0.0, -0.026, 0.082]],
                [[0.0, 0.0, 0.09], [0.0, 0.0, 0.155]],
            ]
        )
        per_opening = torch.zeros_like(closed)
        per_opening[0, :, 1] = config.finger_travel
        per_opening[1, :, 1] = -config.finger_travel
        self.closed = nn.Parameter(closed)
        self.per_opening = nn.Parameter(per_opening)
        self.log_radius = nn.Parameter(torch.full((SEGMENTS + SHADOWS,), -4.6))
        self.shade = nn.Parameter(torch.zeros(2))

    def forward(self, ee: Tensor) -> Tensor:
        """(B, 14) end effectors -> (B, 2, SEGMENTS + SHADOWS, 2, 3) end points, metres."""
        arms = ee.reshape(-1, 2, 7)
        local = self.closed + self.per_opening * arms[:, :, 6, None, None, None]
        turn = rotation_matrix(arms[:, :, 3:6])
        points = (turn[:, :, None, None] @ local[..., None])[..., 0] + arms[:, :, None, None, :3]
        palm = points[:, :, 2:3]
        floor = torch.cat([palm[..., :2] + palm[..., 2:] * self.shade, torch.zeros_like(palm[..., 2:])], -1)
        return torch.cat([points, floor], 2)

    def draw(self, ee: Tensor, projection: Tensor, focal: Tensor, u: Tensor, v: Tensor) -> Tensor:
        """Soft segment maps of one view.

        Args:
            ee: (B, 14).
            projection: (3, 4) of the view.
            focal: () pixels.
            u: (B or 1, h, w) pixel columns to draw at.
            v: (B or 1, h, w) pixel rows.

        Returns:
            (B, 2 * (SEGMENTS + SHADOWS), h, w), 1 on the segment.
        """
        ends = self(ee)
        b, arms, count = ends.shape[:3]
        seen = ends.reshape(-1, 3) @ projection[:, :3].T + projection[:, 3]
        depth = seen[:, 2].clamp_min(0.05)
        pixel = (seen[:, :2] / depth[:, None]).reshape(b, arms * count, 2, 2)
        depth = depth.reshape(b, arms * count, 2).mean(-1)
        radius = torch.exp(self.log_radius).repeat(arms)[None] * focal / depth + 0.5
        start, end = pixel[:, :, 0], pixel[:, :, 1]
        along = end - start
        length = (along * along).sum(-1) + 1e-6
        du = u[:, None] - start[:, :, 0, None, None]
        dv = v[:, None] - start[:, :, 1, None, None]
        ax, ay = along[:, :, 0, None, None], along[:, :, 1, None, None]
        t = ((du * ax + dv * ay) / length[:, :, None, None]).clamp(0.0, 1.0)
        du, dv = du - t * ax, dv - t * ay
        return torch.exp(-(du * du + dv * dv) / (radius * radius)[:, :, None, None])
