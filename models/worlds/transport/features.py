"""What each arm can know about the object: its outline in the arm's own frame, now and as commanded."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.worlds.transport.config import TransportConfig
from models.worlds.transport.pose import into_frame, rotate, rotation_matrix, wrapped

REACH = 0.06
"""Distances beyond this count as this, metres."""
NEAR = 0.03
"""A fingertip round which nothing of the object is nearer than this touches nothing, metres."""
HIGH = 0.1
"""A fingertip above this touches nothing, metres over the table; heights beyond it look alike to the networks."""
FINE_STEP = 0.01
COARSE_STEP = 0.03
TIP_CELLS = 4 * 25
"""Distances round the fingertips of an arm, now and as commanded: they come first among the features."""
TIP_SCALE = 0.02
"""Metres per unit of those features."""
SCALARS = 39


def difference(then: Tensor, now: Tensor) -> Tensor:
    """(B, 14) minus (B, 14) as (B, 2, 7), turns the short way round."""
    ahead = (then - now).reshape(-1, 2, 7)
    return torch.cat([ahead[..., :3], wrapped(ahead[..., 3:6]), ahead[..., 6:]], -1)


@dataclass(frozen=True, slots=True, eq=False)
class Arms:
    """Both arms of B states, arm order left, right; base frame, metres, radians."""

    tool: Tensor
    """(B, 2, 3) point between the fingertips."""
    tips: Tensor
    """(B, 2, 2, 3) fingertips."""
    yaw: Tensor
    """(B, 2)."""
    tilt: Tensor
    """(B, 2, 2) x, y of the tool's z axis, in the frame turned by the yaw."""
    raw: Tensor
    """(B, 2, 7) as in the action."""


class ArmFeatures(nn.Module):
    """Signed-distance patches at the fingertips and round the tool, and the numbers of the motion."""

    def __init__(self, config: TransportConfig) -> None:
        super().__init__()
        self.config, self.extent = config, config.extent
        fine = (torch.arange(5) - 2.0) * FINE_STEP
        coarse = (torch.arange(8) - 3.5) * COARSE_STEP
        self.register_buffer("fine", torch.cartesian_prod(fine, fine), persistent=False)
        self.register_buffer("coarse", torch.cartesian_prod(coarse, coarse), persistent=False)
        side = torch.tensor([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
        self.register_buffer("tip_closed", side * config.finger_offset, persistent=False)
        self.register_buffer("tip_per_opening", side * config.finger_travel, persistent=False)
        self.size = TIP_CELLS * 2 + 64 + SCALARS

    def arms(self, ee: Tensor) -> Arms:
        """(B, 14) end effectors -> where the fingers are."""
        raw = ee.reshape(-1, 2, 7)
        turn = rotation_matrix(raw[:, :, 3:6])
        local = self.get_buffer("tip_closed") + self.get_buffer("tip_per_opening") * raw[:, :, 6, None, None]
        tips = (turn[:, :, None] @ local[..., None])[..., 0] + raw[:, :, None, :3]
        yaw = torch.atan2(turn[:, :, 1, 0], turn[:, :, 0, 0])
        return Arms(raw[:, :, :3], tips, yaw, rotate(turn[:, :, :2, 2], -yaw), raw)

    def within_reach(self, measured: Tensor, action: Tensor) -> Tensor:
        """The part of an action (B, 14) that the controller carries out in one step, (B, 14)."""
        ahead = difference(action, measured)
        move, turn, grip = ahead[..., :3], ahead[..., 3:6], ahead[..., 6:]
        limits = (self.config.max_translation, self.config.max_turn)
        move, turn = (
            part * (limit / torch.sqrt((part * part).sum(-1, keepdim=True) + 1e-12)).clamp(max=1.0)
            for part, limit in zip((move, turn), limits, strict=True)
        )
        grip = grip.clamp(-self.config.max_opening, self.config.max_opening)
        return (measured.reshape(-1, 2, 7) + torch.cat([move, turn, grip], -1)).flatten(1)

    def distance(self, distance: Tensor, pose: Tensor, points: Tensor) -> Tensor:
        """Signed distance map (B, 1, N, N) at base-frame points (B, P, 2) -> (B, P) metres."""
        grid = into_frame(points, pose) * (2 / self.extent)
        found = F.grid_sample(distance, grid[:, None], mode="bilinear", padding_mode="border", align_corners=False)
        return found[:, 0, 0].clamp(-REACH, REACH)

    def forward(self, distance: Tensor, shape: Tensor, pose: Tensor, now: Arms, wanted: Arms, before: Arms) -> Tensor:
        """Everything each arm knows.

        Args:
            distance: (B, 1, N, N) metres, negative inside.
            shape: (B, 3) centroid x, y in the map frame and radius of gyration, metres.
            pose: (B, 3) of the map.
            now: measured.
            wanted: commanded for the end of this step.
            before: commanded one step ago.

        Returns:
            (B, 2, size).
        """
        b = pose.shape[0]
        yaw = now.yaw
        fine = rotate(self.get_buffer("fine")[None, None], yaw[:, :, None])
        coarse = rotate(self.get_buffer("coarse")[None, None], yaw[:, :, None])
        tips = torch.cat([now.tips, wanted.tips], 2)[..., :2]
        near = (tips[:, :, :, None] + fine[:, :, None]).reshape(b, -1, 2)
        around = (now.tool[:, :, None, :2] + coarse).reshape(b, -1, 2)
        found = self.distance(distance, pose, torch.cat([near, around], 1))
        near_d = found[:, : near.shape[1]].reshape(b, 2, -1)
        around_d = found[:, near.shape[1] :].reshape(b, 2, -1)
        numbers = self._numbers(shape, pose, now, wanted, before)
        return torch.cat([near_d / TIP_SCALE, torch.tanh(near_d / 0.004), around_d / 0.03, numbers], -1)

    @staticmethod
    def in_reach(seen: Tensor, now: Arms, wanted: Arms) -> Tensor:
        """(B, 2, 1) 1 where an arm may touch the object in this step, exactly 0 elsewhere; `seen` is by forward()."""
        near = seen[..., :TIP_CELLS].amin(-1, keepdim=True) * TIP_SCALE < NEAR
        low = torch.minimum(now.tips[..., 2], wanted.tips[..., 2]).amin(-1, keepdim=True) < HIGH
        return torch.logical_and(near, low).to(seen.dtype)

    def _numbers(self, shape: Tensor, pose: Tensor, now: Arms, wanted: Arms, before: Arms) -> Tensor:
        yaw = now.yaw
        centre = rotate(shape[:, :2], pose[:, 2]) + pose[:, :2]
        to_centre = rotate(centre[:, None] - now.tool[..., :2], -yaw) / 0.1
        other, other_wanted = now.tool.flip(1), wanted.tool.flip(1)
        apart = rotate(other[..., :2] - now.tool[..., :2], -yaw).clamp(-0.15, 0.15) / 0.1
        apart_wanted = rotate(other_wanted[..., :2] - wanted.tool[..., :2], -yaw).clamp(-0.15, 0.15) / 0.1
        parts = [
            to_centre.clamp(-4, 4),
            (shape[:, None, 2:] / 0.05).expand(-1, 2, -1),
            apart,
            apart_wanted,
            (other[..., 2:] - now.tool[..., 2:]).clamp(-0.1, 0.1) / 0.05,
            now.tips[..., 2].clamp(0.0, 0.1) / 0.02,
            wanted.tips[..., 2].clamp(0.0, 0.1) / 0.02,
            now.tilt * 2,
            wanted.tilt * 2,
            now.raw[..., 6:],
            wanted.raw[..., 6:],
            before.raw[..., 6:],
            *self._motion(now, wanted, yaw),
            *self._motion(now, before, yaw),
        ]
        return torch.cat(parts, -1)

    @staticmethod
    def _motion(now: Arms, then: Arms, yaw: Tensor) -> list[Tensor]:
        """How each arm is to move, in its own frame: tool (3), both fingertips (4), turn (3)."""
        tool = then.tool - now.tool
        tips = rotate(then.tips[..., :2] - now.tips[..., :2], -yaw[:, :, None])
        turn = torch.cat([then.tilt - now.tilt, wrapped(then.yaw - yaw)[..., None]], -1)
        moved = torch.cat([rotate(tool[..., :2], -yaw), tool[..., 2:]], -1) / 0.02
        return [moved.clamp(-6, 6), (tips / 0.02).flatten(2).clamp(-6, 6), turn * 4]
