"""Contact dynamics: end effectors first, then the object that they push. No pixels.

The object moves only while a fingertip is within reach of it, its gate is open *and* it moves: all three are
exact zeros otherwise, so that nothing creeps. Reach is geometry and holds for any weights. Quasi-static pushing
is homogeneous in the finger's displacement, hence the twist is a learned ratio times that displacement.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.worlds.transport.config import TransportConfig
from models.worlds.transport.features import ArmFeatures, Arms, difference
from models.worlds.transport.pose import rotate

STILL = 5e-5
"""Fingertip displacement below which nothing is pushed, metres per step."""
SETTLED = (5e-4, 5e-3, 1e-2)
"""Metres, radians and opening per step below which an end effector whose command rests has come to rest: one that is
held up by contact would otherwise creep on, and what it presses with it."""
OMEGA = 12.0
"""Radians of object rotation per metre of fingertip displacement, per unit of the head."""


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """One step of B states."""

    pose: Tensor
    """(B, 3)."""
    measured: Tensor
    """(B, 14)."""
    signs: Tensor
    """(B, 4) what the trust looks at: spread of position mm and angle deg, openest gate, motion mm."""
    each: Tensor
    """(heads, B, 3) new pose according to every head."""


def hard_gate(raw: Tensor) -> Tensor:
    """A sigmoid that really reaches 0 and 1."""
    return torch.clamp(1.2 * torch.sigmoid(raw) - 0.1, 0.0, 1.0)


def mlp(inputs: int, hidden: int, outputs: int, layers: int = 1) -> nn.Sequential:
    """Linear layers with SiLU between."""
    parts: list[nn.Module] = [nn.Linear(inputs, hidden), nn.SiLU()]
    for _ in range(layers - 1):
        parts += [nn.Linear(hidden, hidden), nn.SiLU()]
    return nn.Sequential(*parts, nn.Linear(hidden, outputs))


def settled(now: Tensor, after: Tensor, asked: Tensor) -> Tensor:
    """End effectors (B, 2, 7) after a step, where they were if neither they nor their commands really move.

    Args:
        now: (B, 2, 7) measured.
        after: (B, 2, 7) one step later.
        asked: (B, 2, 7) change of the command.
    """
    place, turn, opening = SETTLED
    limit = torch.tensor([place] * 3 + [turn] * 3 + [opening], device=now.device)
    rests = ((after - now).abs() < limit) & (asked.abs() < 1e-6)
    return torch.where(rests.all(-1, keepdim=True), now, after)


class ContactDynamics(nn.Module):
    """Shared by both arms; the object's motion is the sum of what each arm does to it."""

    def __init__(self, config: TransportConfig) -> None:
        super().__init__()
        f, h = config.features, config.hidden
        self.features = ArmFeatures(config)
        self.norm = nn.LayerNorm(self.features.size)
        self.know = mlp(self.features.size, h, f, 2)
        self.gate = nn.Linear(f, 1)
        self.follow = mlp(2 * f, h // 2, 7 * 3 + 1)
        self.heads = nn.ModuleList(mlp(2 * f + 12, h // 2, 3) for _ in range(config.heads))
        nn.init.constant_(self.gate.bias, 0.5)

    def forward(
        self, distance: Tensor, shape: Tensor, pose: Tensor, before: Tensor, measured: Tensor, action: Tensor
    ) -> Moved:
        """One control step.

        Args:
            distance: (B, 1, N, N) signed distance of the object's outline, metres.
            shape: (B, 3) centroid and radius of gyration in the map frame, metres.
            pose: (B, 3) of the map, base frame.
            before: (B, 14) commanded one step ago.
            measured: (B, 14).
            action: (B, 14) commanded now.
        """
        action, before = (self.features.within_reach(measured, a) for a in (action, before))
        now, wanted = self.features.arms(measured), self.features.arms(action)
        seen = self.features(distance, shape, pose, now, wanted, self.features.arms(before))
        known = nn.functional.silu(self.know(self.norm(seen)))
        gate = hard_gate(self.gate(known))
        both = torch.cat([known, (known * gate).flip(1)], -1)
        after = self._follow(both, now, difference(action, measured), difference(before, measured))
        after = settled(now.raw, after, difference(action, before))
        then = self.features.arms(after.flatten(1))
        touching = gate * self.features.in_reach(seen, now, wanted)
        return self._push(both, touching, shape, pose, now, then)

    def _follow(self, both: Tensor, now: Arms, ahead: Tensor, behind: Tensor) -> Tensor:
        """Where the end effectors come to stand, (B, 2, 7): a lag, and what contact adds to it."""
        found = self.follow(both)
        gains, lag, pushed, opened = found[..., :7], found[..., 7:14], found[..., 14:21], found[..., 21:]
        world = torch.cat([rotate(pushed[..., :2], now.yaw), pushed[..., 2:]], -1)
        scale = torch.tensor([0.01, 0.01, 0.01, 0.1, 0.1, 0.1, 0.1], device=both.device)
        gain = 1.2 * torch.sigmoid(gains + 1.6)
        return now.raw + gain * ahead + 0.5 * torch.tanh(lag) * behind + hard_gate(opened - 2) * world * scale

    def _push(self, both: Tensor, gate: Tensor, shape: Tensor, pose: Tensor, now: Arms, then: Arms) -> Moved:
        step = then.tips - now.tips
        local = rotate(step[..., :2], -now.yaw[:, :, None])
        length = torch.sqrt((step * step).sum(-1) + 1e-12).amax(-1)
        effort = torch.relu(length - STILL)[..., None]
        moved = torch.cat([local, step[..., 2:]], -1).flatten(2) / 0.02
        asked = torch.cat([both, moved, moved.flip(1)], -1)
        ratio = torch.stack([head(asked) for head in self.heads])
        twist = ratio * (gate * effort)
        centre = rotate(shape[:, :2], pose[:, 2])
        arm = (pose[:, :2] + centre)[:, None] - now.tool[..., :2]
        omega = twist[..., 2] * OMEGA
        shift = rotate(twist[..., :2], now.yaw[None]) + omega[..., None] * torch.stack([-arm[..., 1], arm[..., 0]], -1)
        each = torch.cat([shift.sum(2), omega.sum(2)[..., None]], -1)
        mean = each.mean(0)
        spread = torch.sqrt(((each - mean) ** 2).mean(0) + 1e-14)
        signs = torch.stack(
            [
                torch.linalg.vector_norm(spread[:, :2], dim=-1) * 1e3,
                spread[:, 2] * 57.3,
                gate.amax((1, 2)),
                torch.linalg.vector_norm(mean[:, :2], dim=-1) * 1e3,
            ],
            -1,
        )
        poses = torch.stack([self._moved(pose, shape, one) for one in each])
        after = then.raw.flatten(1)
        return Moved(self._moved(pose, shape, mean), after, signs, poses)

    @staticmethod
    def _moved(pose: Tensor, shape: Tensor, motion: Tensor) -> Tensor:
        """The pose after the centroid moved by (B, 2) and the object turned; zero motion changes no bit."""
        turned = pose[:, 2] + motion[:, 2]
        swing = rotate(shape[:, :2], pose[:, 2]) - rotate(shape[:, :2], turned)
        return torch.cat([pose[:, :2] + (motion[:, :2] + swing), turned[:, None]], -1)
