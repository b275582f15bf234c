"""Tiny policies of chunks with untrained weights, one of each kind, for the pictures of the toy world."""

from pathlib import Path

import numpy as np
import torch

from models.policies.chunks.checkpoint import Stored
from models.policies.chunks.scaling import Scaling
from models.policies.diffusion.checkpoint import Checkpoint, save
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.network import DiffusionNetwork
from models.policies.flow import checkpoint as flow
from models.policies.flow.config import FlowConfig
from models.policies.flow.network import FlowNetwork
from models.tasks.toy.task import NAME, SIZE
from models.tasks.toy.world import HOME, LIMITS
from models.training.diffusion.schedule import ddim_tables

TINY = DiffusionConfig(
    task=NAME, frame_size=SIZE, image_size=SIZE // 2, channels=4, keypoints=4, features=16, hidden=16, blocks=1,
    horizon=6, executed=3, sampling_steps=5,
)  # fmt: skip


TINY_FLOW = FlowConfig(
    task=NAME, frame_size=SIZE, image_size=SIZE // 2, channels=4, keypoints=4, horizon=6, executed=3, sampling_steps=5,
    tokens=2, width=16, heads=2, layers=2,
)  # fmt: skip


def tiny_scaling(horizon: int) -> Scaling:
    half = np.full((horizon, 14), 0.05, np.float32)
    return Scaling(
        np.zeros_like(half), half, HOME, np.full(14, 0.2, np.float32), LIMITS.low, LIMITS.high - np.float32(0.01)
    )


def untrained(network: torch.nn.Module) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)  # fresh gates are zero, and shut the condition out
    return {
        name: value.numpy() + random.normal(0.0, 0.1, value.shape).astype(np.float32)
        for name, value in network.state_dict().items()
    }


def tiny_checkpoint(config: DiffusionConfig = TINY) -> Checkpoint:
    torch.manual_seed(0)
    network = DiffusionNetwork(config)
    return Checkpoint(config, tiny_scaling(config.horizon), ddim_tables(config), untrained(network), "")


def tiny_flow_checkpoint(config: FlowConfig = TINY_FLOW) -> flow.Checkpoint:
    torch.manual_seed(0)
    network = FlowNetwork(config)
    return Stored(config, tiny_scaling(config.horizon), {}, untrained(network), "")


def write_tiny(folder: Path, config: DiffusionConfig = TINY) -> Path:
    path = folder / "tiny.safetensors"
    save(path, tiny_checkpoint(config), {"data": "none"})
    return path


def write_tiny_flow(folder: Path) -> Path:
    path = folder / "tiny_flow.safetensors"
    flow.save(path, tiny_flow_checkpoint(), {"data": "none"})
    return path
