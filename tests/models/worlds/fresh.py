"""A transport world with seeded random weights for the pictures of Push-T, and outlines to push about."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.task import Scene
from models.tasks.push_t import geometry as g
from models.tasks.push_t.task import load as load_task
from models.training.transport.cache import fresh_net
from models.training.transport.export import write_card, write_weights
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.dynamics import ContactDynamics
from models.worlds.transport.network import TransportNet
from models.worlds.transport.outline import Outline, outline_of
from models.worlds.transport.trust import FEATURES, STARTS, Trust

ABOUT: dict[str, Any] = {
    "task": g.TASK,
    "told": "Nothing: the weights are random.",
    "workcell": g.WORKCELL.to_dict(),
    "tolerance": {"position_m": 0.01, "angle_rad": 0.1},
}
torch.set_num_threads(1)  # small tensors: two threads only wait for each other
CONFIG = TransportConfig()


def start_scene(seed: int) -> Scene:
    return load_task().scene(seed)


@cache
def background() -> np.ndarray:
    """(V, H, W, 3) median of shipped starts."""
    scenes = [start_scene(seed) for seed in range(24)]
    views = [np.stack([s.observation.frames[c.name] for s in scenes if s.observation]) for c in g.CAMERAS]
    return np.stack([np.median(v, axis=0).astype(np.uint8) for v in views])


def lively(dynamics: ContactDynamics) -> ContactDynamics:
    """Heads that push: fresh ones barely move anything."""
    with torch.no_grad():
        for head in dynamics.heads:
            head[-1].weight.mul_(8)
            head[-1].bias[0] = 1.0
    return dynamics


def random_net(seed: int = 0) -> TransportNet:
    torch.manual_seed(seed)
    net = fresh_net(CONFIG, g.CAMERAS, background()).eval()
    lively(net.dynamics)
    return net


def plain_trust() -> Trust:
    wide = np.full(len(STARTS), 1e3, np.float32)
    return Trust(np.full(FEATURES, -0.3, np.float32), 2.0, -wide, wide, np.array([-9, -9, 9, 9], np.float32))


def write_fresh(folder: Path, net: TransportNet | None = None, **changes: Any) -> Path:
    """Weights and card without graphs: for the torch backend."""
    weights = folder / "world.safetensors"
    net = random_net() if net is None else net
    write_weights(net, plain_trust(), weights)
    write_card(net, dict.fromkeys(("encoder", "dynamics", "renderer"), "0" * 64), ABOUT | changes, weights)
    return weights


@cache
def t_outline() -> Outline:
    """A T of the task's size in the middle of a map."""
    line = (np.arange(CONFIG.cells) + 0.5) * CONFIG.cell - CONFIG.extent / 2
    points = np.stack(np.meshgrid(line, line), -1)
    return outline_of(g.inside_t(points).astype(np.float32), CONFIG.extent)


def outline_tensors(count: int = 1) -> tuple[Tensor, Tensor]:
    """Distance (B, 1, N, N) and shape (B, 3) of t_outline."""
    outline = t_outline()
    distance, shape = torch.from_numpy(outline.distance), torch.from_numpy(outline.shape)
    return distance.expand(count, 1, -1, -1).contiguous(), shape.expand(count, -1).contiguous()


def hands(**changes: float) -> Tensor:
    """(1, 14) home, with some of left_x, left_y, left_z, left_yaw, left_opening, right_x ... changed."""
    ee = torch.from_numpy(g.HOME.copy())
    names = ["x", "y", "z", "roll", "pitch", "yaw", "opening"]
    for name, value in changes.items():
        arm, _, what = name.partition("_")
        ee[7 * (arm == "right") + names.index(what)] = value
    return ee[None]
