"""The two ONNX graphs of a diffusion policy: looking once per chunk, denoising a few times per chunk."""

import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadCheckpoint
from models.onnx_session import session
from models.policies.chunks.scaling import STATE_DIM, Floats
from models.policies.diffusion.config import DiffusionConfig

if TYPE_CHECKING:
    from models.onnx_runtime import InferenceSession
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
        return _run(self._observe, {"frames": frames, "states": states})

    def denoise(self, noisy: Floats, level: NDArray[np.int64], condition: Floats) -> Floats:
        """Noisy chunks (B, H, 14), noise levels (B,), conditions (B, F) -> predictions (B, H, 14)."""
        return _run(self._denoise, {"noisy": noisy, "level": level, "condition": condition})


def _run(graph: "InferenceSession", feed: Mapping[str, NDArray[Any]]) -> Floats:
    return np.asarray(graph.run(None, dict(feed))[0], np.float32)


def network_of(config: DiffusionConfig, weights: Mapping[str, NDArray[Any]]) -> "DiffusionNetwork":
    """The torch network of these weights, in evaluation mode.

    Raises:
        BadCheckpoint: names or shapes do not fit the configuration.
    """
    import torch

    from models.policies.diffusion.network import DiffusionNetwork

    network = DiffusionNetwork(config)
    try:
        network.load_state_dict({name: torch.from_numpy(np.array(values)) for name, values in weights.items()})
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        raise BadCheckpoint(f"The policy weights do not fit their own configuration: {first}") from error
    return network.eval()


def _export_observe(config: DiffusionConfig, weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    import torch

    from models.policies.diffusion.network import ObserveGraph

    frames = torch.zeros(2, len(config.cameras), config.image_size, config.image_size, 3, dtype=torch.uint8)
    graph = ObserveGraph(network_of(config, weights)).eval()
    _export(graph, (frames, torch.zeros(2, STATE_DIM)), ["frames", "states"], path)


def _export_denoise(config: DiffusionConfig, weights: Mapping[str, NDArray[Any]], path: Path) -> None:
    import torch

    from core.action import ACTION_DIM

    noisy = torch.zeros(2, config.horizon, ACTION_DIM)
    inputs = (noisy, torch.zeros(2, dtype=torch.int64), torch.zeros(2, config.features))
    _export(network_of(config, weights).denoiser, inputs, ["noisy", "level", "condition"], path)


def _export(module: Any, inputs: tuple[Any, ...], names: list[str], path: Path) -> None:
    """Write a graph with a free batch size. The tracing exporter: a fifth of the newer one's time, same graph."""
    import torch

    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            module,
            inputs,
            path,
            dynamo=False,
            input_names=names,
            output_names=["out"],
            dynamic_axes={name: {0: "batch"} for name in [*names, "out"]},
            opset_version=17,
        )
