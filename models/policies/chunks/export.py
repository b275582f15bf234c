"""From torch networks to ONNX graphs, and running those: what the graphs of every kind of policy need."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import BadCheckpoint
from models.policies.chunks.scaling import Floats

if TYPE_CHECKING:
    from models.onnx_runtime import InferenceSession

Network = TypeVar("Network", bound=Any)


def run(graph: "InferenceSession", feed: Mapping[str, NDArray[Any]]) -> Floats:
    """The first output of a graph."""
    return np.asarray(graph.run(None, dict(feed))[0], np.float32)


def with_weights(network: Network, weights: Mapping[str, NDArray[Any]]) -> Network:
    """A torch network with these weights, in evaluation mode.

    Raises:
        BadCheckpoint: names or shapes do not fit it.
    """
    import torch

    try:
        network.load_state_dict({name: torch.from_numpy(np.array(values)) for name, values in weights.items()})
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        raise BadCheckpoint(f"The policy weights do not fit their own configuration: {first}") from error
    network.eval()
    return network


def export(module: Any, inputs: tuple[Any, ...], names: list[str], path: Path) -> None:
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
