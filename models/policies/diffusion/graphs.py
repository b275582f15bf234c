"""The two ONNX graphs of a diffusion policy: looking once per chunk, denoising a few times per chunk."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.onnx_session import session
from models.policies.chunks.export import export, run, with_weights
from models.policies.chunks.scaling import STATE_DIM, Floats
from models.policies.diffusion.config import DiffusionConfig

if TYPE_CHECKING:
    from models.policies.diffusion.network import DiffusionNetwork

GRAPH_VERSION = "1"
"""Raised with every change of what is exported; part of the cache key."""


class Graphs:
    """Runs the networks of one set of weights; imports torch only to export them the first time."""

    def __init__(self, config: DiffusionConfig, weights: Mapping[str, NDArray[Any]], sha256: str, threads: int) -> None:
        key = hashlib.sha256(f"{sha256} {GRAPH_VERSION}".encode()).hexdigest()
        self._observe = session("diffusion-observe", key, lambda path: _export_observe(config, weights, path), threads)
        self._denoise = session("diffusion-denoise", key, lambda path: _export_denoise(config, weights, path), threads)

    def observe(self, frames: NDArray[np.uint8], states: Floats) -> Floats:
        """Pictures (B, V, S, S, 3) and network states (B, 28) -> conditions (B, F)."""
        return run(self._observe, {"frames": frames, "states": states})

    def denoise(self, noisy: Floats, level: NDArray[np.int64], condition: Floats) -> Floats:
        """Noisy chunks (B, H, 14), noise levels (B,), conditions (B, F) -> predictions (B, H, 14)."""
        return run(self._denoise, {"noisy": noisy, "level": level, "condition": condition})


def network_of(config: DiffusionConfig, weights: Mapping[str, NDArray[Any]]) -> "DiffusionNetwork":
    """The torch network of these weights, in evaluation mode.

    Raises:
        BadCheckpoint: names or shapes do not fit the configuration.
    """
    from models.policies.diffusion.network import DiffusionNetwork

    return with_weights(DiffusionNetwork(config), weights)


def _export_observe(config: DiffusionConfig, weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    import torch

    from models.policies.diffusion.network import ObserveGraph

    frames = torch.zeros(2, len(config.cameras), config.image_size, config.image_size, 3, dtype=torch.uint8)
    graph = ObserveGraph(network_of(config, weights)).eval()
    export(graph, (frames, torch.zeros(2, STATE_DIM)), ["frames", "states"], path)


def _export_denoise(config: DiffusionConfig, weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    import torch

    from core.action import ACTION_DIM

    noisy = torch.zeros(2, config.horizon, ACTION_DIM)
    inputs = (noisy, torch.zeros(2, dtype=torch.int64), torch.zeros(2, config.features))
    export(network_of(config, weights).denoiser, inputs, ["noisy", "level", "condition"], path)
