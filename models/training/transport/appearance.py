"""TrainingStage 1: one map per picture, drawn under the tracked motion into other pictures of the same episode.

A frame is never drawn from itself, or the end effectors would leak into the map; the penalty on the mask
comes late, or the map would collapse.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.camera import Camera
from models.training.transport.cache import fresh_net
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.pose import rotate

CROP = 64
FOREGROUND = 0.06
"""Largest colour difference to the background beyond which a pixel weighs more."""
WEIGHT = 6.0
MASK_PENALTY = 0.03
MASK_FROM, MASK_FULL = 0.45, 0.75
"""Progress at which the mask's penalty begins, and is full."""
NOISE = 0.03
"""Width of the uniform noise on what the encoder sees."""


@dataclass(frozen=True, slots=True, eq=False)
class AppearanceRecipe:
    """What one process needs to build the stage."""

    config: TransportConfig
    cameras: tuple[Camera, ...]
    background: NDArray[np.uint8]
    cache: Path
    """Folder with frames.npy (M, V, H, W, 3), ee.npy (M, 14), pose.npy (M, 3), episode.npy (M,), split.npy (M,)."""
    sources: int = 12
    targets: int = 2
    whole: bool = False
    """Draw whole pictures instead of crops."""


def transported(source: Tensor, target: Tensor, centre: Tensor) -> Tensor:
    """Where a map cut out at `centre` while the track was at `source` lies when the track is at `target`.

    All are (B, 3) planar poses.
    """
    turn = target[:, 2] - source[:, 2]
    place = rotate(centre[:, :2] - source[:, :2], turn) + target[:, :2]
    return torch.cat([place, (centre[:, 2] + turn)[:, None]], 1)


class Appearance:
    """Encoder, skeleton and renderers."""

    name = "appearance"

    def __init__(self, recipe: AppearanceRecipe) -> None:
        self.recipe = recipe
        self.net = fresh_net(recipe.config, recipe.cameras, recipe.background)
        self.net.dynamics.requires_grad_(False)
        self.net.skeleton.requires_grad_(False)  # the robot's own geometry is known
        self.net.mixed = True
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.module: nn.Module = self.net
        self.frames = np.load(recipe.cache / "frames.npy", mmap_mode="r")
        self.ee, self.pose, self.episode, self.split = (
            np.load(recipe.cache / f"{n}.npy") for n in ("ee", "pose", "episode", "split")
        )
        self.first = np.searchsorted(self.episode, self.episode, "left")
        self.count = np.searchsorted(self.episode, self.episode, "right") - self.first
        self.rows = {s: np.flatnonzero((self.split == s) & (self.count > 3)) for s in (0, 1)}

    def _pairs(self, random: np.random.Generator, split: int, n: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Source rows (n,) and target rows (n, targets) of the same episodes, never the same frame."""
        source = random.choice(self.rows[split], n)
        hop = random.integers(1, self.count[source][:, None], (n, self.recipe.targets))
        target = self.first[source][:, None] + (source - self.first[source])[:, None] + hop
        wrap = self.first[source][:, None] + self.count[source][:, None]
        return source, np.where(target >= wrap, target - self.count[source][:, None], target)

    def _corners(self, random: np.random.Generator, view: int, pose: Tensor, ee: Tensor) -> Tensor:
        """(B, 2) even corners of crops round the object or a hand."""
        b, net = len(pose), self.net
        tools = ee.reshape(b, 2, 7)[:, :, :3]
        object_point = torch.cat([pose[:, :2], torch.full((b, 1), 0.03)], 1)[:, None]
        points = torch.cat([object_point, object_point, tools + torch.tensor([0.0, 0.0, 0.06])], 1)
        chosen = points[torch.arange(b), torch.from_numpy(random.integers(0, 4, b))]
        projection = net.get_buffer("projection")[view]
        seen = chosen @ projection[:, :3].T + projection[:, 3]
        size = self.recipe.config.view_size
        away = torch.from_numpy(random.uniform(-16, 16, (b, 2))).float()
        pixel = (seen[:, :2] / seen[:, 2:]).nan_to_num(size / 2) + away
        corner = ((pixel - CROP / 2) / 2).round().long() * 2
        return corner.clamp(0, size - CROP)

    def _map(self, random: np.random.Generator, source: NDArray[Any]) -> tuple[Tensor, Tensor, Tensor]:
        """Maps of source rows, the poses they were cut out at, and the tracked poses."""
        frames = torch.from_numpy(self.frames[source]).movedim(-1, -3).float() / 255
        tracked = torch.from_numpy(self.pose[source])
        jitter = torch.from_numpy(random.uniform(-0.02, 0.02, (len(source), 2))).float()
        centre = torch.cat([tracked[:, :2] + jitter, torch.zeros(len(source), 1)], 1)
        seen = self.net.rectified(frames, torch.from_numpy(self.ee[source]), centre)
        seen = seen + (torch.rand_like(seen) - 0.5) * NOISE
        return self.net.encode_rectified(seen), centre, tracked

    def loss(self, random: np.random.Generator, progress: float) -> tuple[Tensor, dict[str, float]]:
        """Draw the targets from the sources' maps."""
        source, target = self._pairs(random, 0, self.recipe.sources)
        maps, centre, tracked = self._map(random, source)
        k = self.recipe.targets
        rows = target.reshape(-1)
        pose = transported(
            tracked.repeat_interleave(k, 0), torch.from_numpy(self.pose[rows]), centre.repeat_interleave(k, 0)
        )
        ee, wide = torch.from_numpy(self.ee[rows]), maps.repeat_interleave(k, 0)
        total, square = torch.zeros(()), 0.0
        for view in range(len(self.net.renderers)):
            corner = None if self.recipe.whole else self._corners(random, view, pose, ee)
            drawn, _ = self.net.draw(wide, pose, ee, view, corner, CROP)
            truth = self._truth(rows, view, corner)
            still = self._truth(None, view, corner)
            moving = ((truth - still).abs().amax(1, keepdim=True) > FOREGROUND).float()
            weight = 1 + WEIGHT * moving
            error = drawn - truth
            total = total + (weight * (0.3 * error.abs() + 2 * error * error)).mean()
            square += float((error.detach() ** 2).mean()) / len(self.net.renderers)
        ramp = float(np.clip((progress - MASK_FROM) / (MASK_FULL - MASK_FROM), 0, 1))
        mask = maps[:, 0].mean()
        return total + MASK_PENALTY * ramp * mask, {
            "loss": float(total.detach()),
            "psnr": -10 * float(np.log10(square)),
            "mask": float(mask.detach()),
        }

    def _truth(self, rows: NDArray[Any] | None, view: int, corner: Tensor | None) -> Tensor:
        """Recorded pictures (B, 3, h, w) of rows, or the background, in crops."""
        if corner is None:
            picked = self.recipe.background[None, view] if rows is None else self.frames[rows, view]
        else:
            offsets = corner.numpy()
            picked = np.stack(
                [
                    (self.recipe.background[view] if rows is None else self.frames[rows[i], view])[
                        y : y + CROP, x : x + CROP
                    ]
                    for i, (x, y) in enumerate(offsets)
                ]
            )
        return torch.from_numpy(np.ascontiguousarray(picked)).movedim(-1, -3).float() / 255

    def validate(self) -> dict[str, float]:
        """PSNR of whole pictures drawn from other frames' maps under the tracked motion."""
        random = np.random.default_rng(7)
        split = 1 if len(self.rows[1]) else 0
        squares = []
        with torch.inference_mode():
            for _ in range(6):
                source, target = self._pairs(random, split, 16)
                maps, centre, tracked = self._map(random, source)
                rows = target[:, 0]
                pose = transported(tracked, torch.from_numpy(self.pose[rows]), centre)
                for view in range(len(self.net.renderers)):
                    drawn, _ = self.net.draw(maps, pose, torch.from_numpy(self.ee[rows]), view)
                    error = (drawn - self._truth(rows, view, None)) ** 2
                    squares.append(error.mean((1, 2, 3)).numpy())
        return {"psnr_whole": float((-10 * np.log10(np.concatenate(squares))).mean())}


def build(recipe: AppearanceRecipe) -> Appearance:
    """The stage, in its own process."""
    return Appearance(recipe)
