"""TrainingStage 2: contact dynamics on tracked motion, one step at first, longer later. No pixels."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.errors import BadStore
from models.training.transport.appearance import transported
from models.training.transport.motion import MAPS, Motion
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.dynamics import ContactDynamics
from models.worlds.transport.features import difference
from models.worlds.transport.pose import rotate, wrapped

MILLIMETRE, DEGREE = 1e3, 180 / np.pi
LONGER = ((0.45, 4), (0.75, 8))
"""Progress from which rollouts have this many steps."""
POSE_NOISE = (6e-4, 6e-3)
"""Standard deviation of the start pose, metres and radians; the motion asked for stays the same."""
HAND_NOISE = 3e-4
"""Metres and, tenfold, radians on the measured end effectors."""
ARM_LOSS = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class ContactRecipe:
    """What one process needs to build the stage."""

    config: TransportConfig
    motion: Path
    batch: int = 384


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """K steps of B episodes, as tensors."""

    distance: Tensor
    """(B, 1, N, N)."""
    shape: Tensor
    """(B, 3)."""
    pose: Tensor
    """(B, K + 1, 3) of the map."""
    before: Tensor
    """(B, 14)."""
    ee: Tensor
    """(B, K + 1, 14)."""
    action: Tensor
    """(B, K, 14)."""


def mirrored(ee: Tensor) -> Tensor:
    """End effectors (..., 14) seen in a mirror along x: left and right change places."""
    signs = torch.tensor([1.0, -1, 1, -1, 1, -1, 1])
    return torch.cat([ee[..., 7:] * signs, ee[..., :7] * signs], -1)


def mirror(window: Window, which: Tensor) -> Window:
    """Mirror the chosen (B,) episodes of a window."""
    flip = torch.tensor([1.0, -1.0, -1.0])
    pick = which[:, None, None]
    return Window(
        torch.where(which[:, None, None, None], window.distance.flip(2), window.distance),
        torch.where(which[:, None], window.shape * torch.tensor([1.0, -1.0, 1.0]), window.shape),
        torch.where(pick, window.pose * flip, window.pose),
        torch.where(which[:, None], mirrored(window.before), window.before),
        torch.where(pick, mirrored(window.ee), window.ee),
        torch.where(pick, mirrored(window.action), window.action),
    )


def window_of(motion: Motion, rows: NDArray[Any], maps: NDArray[Any], steps: int) -> Window:
    """Steps that begin at rows (B,), with the maps (B,) of their episodes."""
    episodes, span = motion.episode[rows], rows[:, None] + np.arange(steps + 1)
    track = torch.from_numpy(motion.pose[span])
    b = len(rows)
    source, cut = (torch.from_numpy(a[episodes, maps]) for a in (motion.tracked_at, motion.cut_at))
    wide = [t[:, None].expand(-1, steps + 1, -1).reshape(-1, 3) for t in (source, cut)]
    pose = transported(wide[0], track.reshape(-1, 3), wide[1]).reshape(b, steps + 1, 3)
    return Window(
        torch.from_numpy(motion.distance[episodes, maps])[:, None],
        torch.from_numpy(motion.shape[episodes, maps]),
        pose,
        torch.from_numpy(motion.before[rows]),
        torch.from_numpy(motion.ee[span]),
        torch.from_numpy(motion.action[span[:, :-1]]),
    )


def centroid(pose: Tensor, shape: Tensor) -> Tensor:
    """Base-frame centroid (..., 2) of objects under map poses (..., 3)."""
    return rotate(shape[..., :2].expand_as(pose[..., :2]), pose[..., 2]) + pose[..., :2]


class Contact:
    """The dynamics."""

    name = "contact"

    def __init__(self, recipe: ContactRecipe) -> None:
        self.recipe = recipe
        self.dynamics = ContactDynamics(recipe.config)
        self.module: nn.Module = self.dynamics
        self.motion = Motion.load(recipe.motion)
        self.rows = np.flatnonzero((self.motion.split == 0) & (self.motion.left > 8))
        self.busy = np.flatnonzero((self.motion.split == 0) & (self.motion.left > 8) & self.motion.moving)
        if len(self.busy) == 0:
            raise BadStore(
                f"{recipe.motion} holds no step of the training split in which the object moves. Collect more play, "
                "or look at its pictures: main.py collect --summary."
            )

    def loss(self, random: np.random.Generator, progress: float) -> tuple[Tensor, dict[str, float]]:
        """Roll out from noisy starts and compare every step."""
        steps = max([1, *(k for at, k in LONGER if progress >= at)])
        batch = max(64, self.recipe.batch // (1 if steps == 1 else 2 if steps == 4 else 3))
        half = batch // 2
        rows = np.concatenate([random.choice(self.busy, half), random.choice(self.rows, batch - half)])
        window = window_of(self.motion, rows, random.integers(0, MAPS, batch), steps)
        window = mirror(window, torch.from_numpy(random.random(batch) < 0.5))
        noise = torch.randn(batch, 3) * torch.tensor([POSE_NOISE[0], POSE_NOISE[0], POSE_NOISE[1]])
        target = window.pose + noise[:, None]
        pose, before = target[:, 0], window.before
        measured = window.ee[:, 0] + torch.randn(batch, 14) * HAND_NOISE * torch.tensor([1.0, 1, 1, 10, 10, 10, 10] * 2)
        total, found = torch.zeros(()), {"cm": 0.0, "deg": 0.0, "ee_cm": 0.0}
        for k in range(steps):
            moved = self.dynamics(window.distance, window.shape, pose, before, measured, window.action[:, k])
            goal, hand = target[:, k + 1], window.ee[:, k + 1]
            apart = (centroid(moved.each, window.shape) - centroid(goal, window.shape)) * MILLIMETRE
            turn = wrapped(moved.each[..., 2] - goal[:, 2]) * DEGREE
            arms = difference(moved.measured, hand)
            total = total + soft(apart).sum(-1).mean() + 0.5 * soft(turn).mean()
            total = total + ARM_LOSS * (soft(arms[..., :3] * MILLIMETRE).mean() + soft(arms[..., 3:6] * DEGREE).mean())
            total = total + ARM_LOSS * soft(arms[..., 6] * 50).mean()
            pose, measured, before = moved.pose, moved.measured, window.action[:, k]
            if k == 0:
                found = errors(moved.pose[:half], goal[:half], window.shape[:half])
                found["ee_cm"] = float(arms[..., :3].detach().norm(dim=-1).mean()) * 100
        return total / steps, {"loss": float(total.detach()) / steps, **found}

    def validate(self) -> dict[str, float]:
        """Open loop on the validation split against the tracks: means at one step, medians later."""
        figures: dict[str, float] = {}
        for steps in (1, 10, 50):
            found = horizon(self.dynamics, self.motion, 1, steps)
            figures |= {f"{k}_{steps}": v for k, v in found.items()}
        return figures


def soft(error: Tensor) -> Tensor:
    """Huber: square up to one unit, straight beyond."""
    return F.smooth_l1_loss(error, torch.zeros_like(error), reduction="none")


def errors(pose: Tensor, goal: Tensor, shape: Tensor) -> dict[str, float]:
    """Mean distance of the centroids, cm, and mean angle, degrees."""
    apart = (centroid(pose, shape) - centroid(goal, shape)).norm(dim=-1)
    turn = wrapped(pose[..., 2] - goal[..., 2]).abs()
    return {"cm": float(apart.detach().mean()) * 100, "deg": float(turn.detach().mean()) * DEGREE}


def horizon(dynamics: ContactDynamics, motion: Motion, split: int, steps: int, most: int = 400) -> dict[str, float]:
    """Open-loop error after `steps` from starts in which the object moves."""
    rows = np.flatnonzero((motion.split == split) & (motion.left >= steps) & motion.moving)
    if len(rows) == 0:
        return {}
    rows = np.random.default_rng(3).permutation(rows)[:most]
    window = window_of(motion, rows, np.zeros(len(rows), np.int64), steps)
    with torch.inference_mode():
        pose, before, measured = window.pose[:, 0], window.before, window.ee[:, 0]
        for k in range(steps):
            moved = dynamics(window.distance, window.shape, pose, before, measured, window.action[:, k])
            pose, measured, before = moved.pose, moved.measured, window.action[:, k]
        goal = window.pose[:, -1]
        apart = (centroid(pose, window.shape) - centroid(goal, window.shape)).norm(dim=-1) * 100
        turn = wrapped(pose[:, 2] - goal[:, 2]).abs() * DEGREE
        arms = difference(measured, window.ee[:, -1])[..., :3].norm(dim=-1) * 100
        path = centroid(window.pose[:, 1:], window.shape[:, None]) - centroid(
            window.pose[:, :-1], window.shape[:, None]
        )
        path = path.norm(dim=-1).sum(1) * 100
    return {
        "cm_mean": float(apart.mean()), "cm": float(apart.median()), "deg_mean": float(turn.mean()),
        "deg": float(turn.median()), "ee_cm": float(arms.mean()), "path_cm": float(path.mean()),
    }  # fmt: skip


def build(recipe: ContactRecipe) -> Contact:
    """The stage, in its own process."""
    return Contact(recipe)
