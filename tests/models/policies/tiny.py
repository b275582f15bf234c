"""A tiny diffusion policy with untrained weights, for the pictures of the toy world."""

from pathlib import Path

import numpy as np
import torch

from models.policies.chunks.scaling import Scaling
from models.policies.diffusion.checkpoint import Checkpoint, save
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.network import DiffusionNetwork
from models.tasks.toy.task import NAME, SIZE
from models.tasks.toy.world import HOME, LIMITS
from models.training.diffusion.schedule import ddim_tables

TINY = DiffusionConfig(
    task=NAME, frame_size=SIZE, image_size=SIZE // 2, channels=4, keypoints=4, features=16, hidden=16, blocks=1,
    horizon=6, executed=3, sampling_steps=5,
)  # fmt: skip


def tiny_checkpoint(config: DiffusionConfig = TINY) -> Checkpoint:
    torch.manual_seed(0)
    network = DiffusionNetwork(config)
    half = np.full((config.horizon, 14), 0.05, np.float32)
    scaling = Scaling(
        np.zeros_like(half), half, HOME, np.full(14, 0.2, np.float32), LIMITS.low, LIMITS.high - np.float32(0.01)
    )
    random = np.random.default_rng(0)  # fresh gates are zero, and shut the condition out
    weights = {
        name: value.numpy() + random.normal(0.0, 0.1, value.shape).astype(np.float32)
        for name, value in network.state_dict().items()
    }
    return Checkpoint(config, scaling, ddim_tables(config), weights, "")


def write_tiny(folder: Path, config: DiffusionConfig = TINY) -> Path:
    path = folder / "tiny.safetensors"
    save(path, tiny_checkpoint(config), {"data": "none"})
    return path
