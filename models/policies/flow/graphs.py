"""The two ONNX graphs of a flow-matching policy: looking once per chunk, a velocity a few times per chunk."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from models.onnx_session import session
from models.policies.chunks.export import export, run, with_weights
from models.policies.chunks.scaling import STATE_DIM, Floats
from models.policies.flow.config import FlowConfig

if TYPE_CHECKING:
    from models.policies.flow.network import FlowNetwork

GRAPH_VERSION = "1"
"""Raised with every change of what is exported; part of the cache key."""


class Graphs:
    """Runs the networks of one set of weights; imports torch only to export them the first time."""

    def __init__(self, config: FlowConfig, weights: Mapping[str, NDArray[Any]], sha256: str, threads: int) -> None:
        key = hashlib.sha256(f"{sha256} {GRAPH_VERSION}".encode()).hexdigest()
        self._observe = session("flow-observe", key, lambda path: _export_observe(config, weights, path), threads)
        self._velocity = session("flow-velocity", key, lambda path: _export_velocity(config, weights, path), threads)

    def observe(self, frames: NDArray[np.uint8], states: Floats) -> Floats:
        """Pictures (B, V, S, S, 3) and network states (B, 28) -> observation tokens (B, L, 2, N, W)."""
        return run(self._observe, {"frames": frames, "states": states})

    def velocity(self, noisy: Floats, time: Floats, memory: Floats) -> Floats:
        """Points (B, H, 14), times (B,), observation tokens (B, L, 2, N, W) -> velocities (B, H, 14)."""
        return run(self._velocity, {"noisy": noisy, "time": time, "memory": memory})


def network_of(config: FlowConfig, weights: Mapping[str, NDArray[Any]]) -> "FlowNetwork":
    """The torch network of these weights, in evaluation mode.

    Raises:
        BadCheckpoint: names or shapes do not fit the configuration.
    """
    from models.policies.flow.network import FlowNetwork

    return with_weights(FlowNetwork(config), weights)


def _export_observe(config: FlowConfig, weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    import torch

    from models.policies.flow.network import ObserveGraph

    frames = torch.zeros(2, len(config.cameras), config.image_size, config.image_size, 3, dtype=torch.uint8)
    graph = ObserveGraph(network_of(config, weights)).eval()
    export(graph, (frames, torch.zeros(2, STATE_DIM)), ["frames", "states"], path)


def _export_velocity(config: FlowConfig, weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    import torch

    network = network_of(config, weights)
    tokens = network.name.shape[0]
    inputs = (
        torch.zeros(2, config.horizon, ACTION_DIM),
        torch.zeros(2),
        torch.zeros(2, config.layers, 2, tokens, config.width),
    )
    export(network.expert, inputs, ["noisy", "time", "memory"], path)
