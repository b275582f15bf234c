"""Where the object went: registration of every frame to the first by robust Gauss-Newton, many episodes abreast.

The template is what the top view saw of the object, in the map frame; cells that an end effector hides are
left out, and filled in once they show. No shape is assumed and nothing is learned here.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from models.worlds.transport.detect import foreground
from models.worlds.transport.network import TransportNet, hidden
from models.worlds.transport.pose import rotate

VIEW = 0
"""The camera that looks straight down."""
STEPS = (2, 1, 0, 0)
"""Blur of each Gauss-Newton step, in passes of a 5x5 box."""
SEARCH_STEPS = (3, 2, 1, 0, 0, 0)
SEARCH_TURNS = (0.0, 0.25, -0.25, 0.5, -0.5, 0.8, -0.8, 1.15, -1.15)
"""Where a second search begins after a fast motion, radians from the last pose, round the centroid."""
RESTING = 1.5e-4
"""A first step below this, metres, means that nothing moved."""
DOUBTFUL = 0.17
"""Residual from which a frame is searched a second time."""
SURE = 0.15
"""Mean robust residual below which new cells may be added to the template."""


LOST = 0.25
"""Residual at which an episode is given up: the rest of it is not used."""
LEAST_SHOWN = 0.45
"""Share of the object that must be visible; less, and the residual is 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What is known of the object's looks, per episode."""

    looks: Tensor
    """(B, 4, N, N) soft foreground, and colour under it."""
    known: Tensor
    """(B, 1, N, N) 0..1."""


def looks_of(net: TransportNet, frame: Tensor, ee: Tensor) -> Tensor:
    """A top view (B, 3, H, W) as looks and a map of what can be trusted, (B, 5, H, W)."""
    size = frame.shape[-1]
    line = torch.arange(size // 2) * 2.0 + 0.5
    u, v = line[None, None, :].expand(1, len(line), -1), line[None, :, None].expand(1, -1, len(line))
    drawn = net.skeleton.draw(ee, net.get_buffer("projection")[VIEW], net.get_buffer("focal")[VIEW], u, v)
    shown = 1 - hidden(F.interpolate(drawn.amax(1, keepdim=True), scale_factor=2.0, mode="bilinear"))
    there = foreground(frame - net.get_buffer("background")[VIEW])
    return torch.cat([there, there * (frame - 0.5), shown], 1)


def looks_at(net: TransportNet, looks: Tensor, pose: Tensor) -> tuple[Tensor, Tensor]:
    """Looks (B, 4, N, N) round a pose and where they can be trusted (B, 1, N, N)."""
    u, v = net.cell_pixels(pose, VIEW)
    grid = torch.stack([u, v], -1) * (2 / (looks.shape[-1] - 1)) - 1
    found = F.grid_sample(looks, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
    return found[:, :4], found[:, 4:]


def blurred(image: Tensor, passes: int) -> Tensor:
    """Smoothed (B, C, N, N)."""
    for _ in range(passes):
        image = F.avg_pool2d(image, 5, 1, 2, count_include_pad=False)
    return image


def compose(pose: Tensor, step: Tensor) -> Tensor:
    """Poses (B, 3) moved by steps (B, 3) of their own frame."""
    return torch.cat([pose[:, :2] + rotate(step[:, :2], pose[:, 2]), (pose[:, 2] + step[:, 2])[:, None]], 1)


def gauss_newton(template: Template, looks: Tensor, valid: Tensor, cells: Tensor, cell: float, blur: int) -> (
    tuple[Tensor, Tensor]
):  # fmt: skip
    """One robust step.

    Returns:
        The step (B, 3) of the map's own frame and the mean residual (B,) before it.
    """
    model, seen = blurred(template.looks, blur), blurred(looks, blur)
    weight = template.known * valid
    error = seen - model
    half = (model + seen) / 2
    dx = F.pad(half[..., 2:] - half[..., :-2], (1, 1, 0, 0)) / (2 * cell)
    dy = F.pad(half[..., 2:, :] - half[..., :-2, :], (0, 0, 1, 1)) / (2 * cell)
    n = looks.shape[-1]
    x, y = cells[:, 0].reshape(n, n), cells[:, 1].reshape(n, n)
    turn = dy * x - dx * y
    slopes = torch.stack([dx, dy, turn], -1).flatten(1, 3)
    flat = error.flatten(1)
    size = torch.sqrt((error * error).sum(1, keepdim=True))
    robust = (weight / (1 + (size / 0.25) ** 2)).expand_as(error).flatten(1)
    weighted = slopes * robust[..., None]
    hessian = weighted.transpose(1, 2) @ slopes + 1e-3 * torch.diag(torch.tensor([1.0, 1.0, 0.01]))
    gradient = (weighted * flat[..., None]).sum(1)
    step = -torch.linalg.solve(hessian, gradient)
    limit = torch.tensor([0.012, 0.012, 0.15])
    edge = (torch.maximum(model[:, :1], seen[:, :1]) * weight).sum((1, 2, 3)) + 1
    residual = (size.clamp(max=0.5) * weight).sum((1, 2, 3)) / edge
    there = template.looks[:, :1] * template.known
    shown = (there * valid).sum((1, 2, 3)) / (there.sum((1, 2, 3)) + 1)
    residual = torch.where(shown < LEAST_SHOWN, torch.ones_like(residual), residual)
    return step.clamp(-limit, limit), residual


class Tracker:
    """Follows the object of B episodes from their first frames on."""

    def __init__(self, net: TransportNet, frames: Tensor, ee: Tensor) -> None:
        """Cut the templates out of first frames.

        Args:
            net: for its geometry only.
            frames: (B, V, 3, H, W) 0..1.
            ee: (B, 14).
        """
        self._net = net
        self.pose = net.locate(frames, ee)
        looks, valid = looks_at(net, looks_of(net, frames[:, VIEW], ee), self.pose)
        self.template = Template(looks, valid)
        self.lost = torch.zeros(len(ee), dtype=torch.bool)

    def keep(self, count: int) -> None:
        """Go on with the first `count` episodes only; the others have ended."""
        self.pose, self.lost = self.pose[:count], self.lost[:count]
        self.template = Template(self.template.looks[:count], self.template.known[:count])

    def follow(self, frame: Tensor, ee: Tensor) -> Tensor:
        """The next top view (B, 3, H, W): updates `pose`, returns the residual (B,)."""
        seen = looks_of(self._net, frame, ee)
        step, residual = self._step(self.template, seen, self.pose, 0)
        moving = (step[:, :2].norm(dim=1) > RESTING) | (step[:, 2].abs() > 10 * RESTING)
        active = torch.nonzero(moving & ~self.lost)[:, 0]
        pose = self.pose.clone()
        if len(active):
            pose[active], residual[active] = self._refine(active, seen[active], pose[active], STEPS)
        doubtful = torch.nonzero((residual > DOUBTFUL) & (residual < 1) & ~self.lost)[:, 0]
        if len(doubtful):
            found, left = self._search(doubtful, seen[doubtful])
            better = left < residual[doubtful]
            pose[doubtful[better]], residual[doubtful[better]] = found[better], left[better]
        self.lost = self.lost | (residual > LOST)
        residual = torch.where(self.lost, torch.ones_like(residual), residual)
        self._learn(seen, pose, residual)
        self.pose = pose
        return residual

    def _step(self, template: Template, seen: Tensor, pose: Tensor, blur: int) -> tuple[Tensor, Tensor]:
        looks, valid = looks_at(self._net, seen, pose)
        return gauss_newton(template, looks, valid, self._net.get_buffer("cells"), self._net.config.cell, blur)

    def _refine(self, rows: Tensor, seen: Tensor, pose: Tensor, steps: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Poses of the episodes `rows` after Gauss-Newton, and the residual there."""
        template = Template(self.template.looks[rows], self.template.known[rows])
        for blur in steps:
            pose = compose(pose, self._step(template, seen, pose, blur)[0])
        return pose, self._step(template, seen, pose, 0)[1]

    def _search(self, rows: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """The best of several starts: turned round the centroid, at the centroid of what is seen now."""
        net, n, k = self._net, len(rows), len(SEARCH_TURNS)
        cells, last = net.get_buffer("cells"), self.pose[rows]
        looks, valid = looks_at(net, seen, last)
        model = (self.template.looks[rows, 0] * self.template.known[rows, 0]).flatten(1)
        there = (looks[:, 0] * valid[:, 0]).flatten(1)
        old, new = ((w @ cells) / (w.sum(1, keepdim=True) + 1e-6) for w in (model, there))
        turns = torch.tensor(SEARCH_TURNS).repeat(n)
        old, new = old.repeat_interleave(k, 0), new.repeat_interleave(k, 0)
        start = compose(last.repeat_interleave(k, 0), torch.cat([new - rotate(old, turns), turns[:, None]], 1))
        pose, left = self._refine(rows.repeat_interleave(k), seen.repeat_interleave(k, 0), start, SEARCH_STEPS)
        best = left.reshape(n, k).argmin(1) + torch.arange(n) * k
        return pose[best], left[best]

    def _learn(self, seen: Tensor, pose: Tensor, residual: Tensor) -> None:
        """Add cells that show for the first time to the template, where the pose is sure."""
        unknown = (self.template.known < 0.5).flatten(1).any(1) & (residual < SURE)
        rows = torch.nonzero(unknown)[:, 0]
        if len(rows) == 0:
            return
        looks, valid = looks_at(self._net, seen[rows], pose[rows])
        fresh = ((self.template.known[rows] < 0.5) & (valid > 0.9)).float()
        all_looks, known = self.template.looks.clone(), self.template.known.clone()
        all_looks[rows] = all_looks[rows] * (1 - fresh) + looks * fresh
        known[rows] = torch.maximum(known[rows], fresh)
        self.template = Template(all_looks, known)
