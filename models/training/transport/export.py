"""From trained weights to what ships: safetensors, ONNX graphs, and a card that says where they come from.

python -m models.training.transport.export WEIGHTS exports the graphs of existing weights again, after a change of
what is exported. The same weights, code and library versions give the same bytes.
"""

import argparse
import json
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from safetensors.torch import save_file

from core.errors import StudioError
from models.worlds.transport.checkpoint import file_hash, open_checkpoint
from models.worlds.transport.config import FORMAT
from models.worlds.transport.graphs import examples
from models.worlds.transport.network import TransportNet
from models.worlds.transport.torch_backend import load_net
from models.worlds.transport.trust import Trust

OPSET = 20


def export_graph(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], file: Path) -> None:
    """Write one ONNX graph with a free batch size."""
    batch = torch.export.Dim("batch")
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        torch.onnx.export(
            module.eval(),
            inputs,
            file,
            dynamo=True,
            dynamic_shapes=tuple({0: batch} for _ in inputs),
            external_data=False,
            opset_version=OPSET,
            optimize=True,
            verbose=False,
        )
    without_origins(file)


def without_origins(file: Path) -> None:
    """Leave out where in the code each node came from: it holds paths of the machine that exported."""
    model = onnx.load(file)
    for node in model.graph.node:
        del node.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    onnx.save(model, file)


def write_weights(net: TransportNet, trust: Trust, weights: Path) -> None:
    """Write network and trust as one safetensors file."""
    weights.parent.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().contiguous().clone() for k, v in net.state_dict().items()}
    tensors |= {k: torch.from_numpy(v).contiguous() for k, v in trust.arrays().items()}
    save_file(tensors, weights)


def write_card(net: TransportNet, graphs: Mapping[str, str], about: Mapping[str, Any], weights: Path) -> None:
    """Write the card beside the weights; graphs are SHA-256 by name."""
    card = {
        "format": FORMAT,
        "name": weights.stem,
        "sha256": file_hash(weights),
        "graphs": dict(graphs),
        "config": net.config.to_dict(),
        **about,
    }
    weights.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")


def export(net: TransportNet, trust: Trust, about: Mapping[str, Any], weights: Path) -> None:
    """Write weights, graphs and card; `about` holds task, told, workcell, tolerance, data and figures."""
    net = net.eval().float()
    net.mixed = False
    net.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    write_weights(net, trust, weights)
    write_card(net, write_graphs(net, weights), about, weights)


def write_graphs(net: TransportNet, weights: Path) -> dict[str, str]:
    """Write every graph beside the weights; their SHA-256 by name."""
    graphs = {}
    for name, (module, inputs) in examples(net).items():
        file = weights.with_suffix(f".{name}.onnx")
        export_graph(module, inputs, file)
        graphs[name] = file_hash(file)
    return graphs


def export_again(weights: Path | None = None) -> dict[str, str]:
    """Write the graphs of existing weights again and their hashes into the card; the rest of the card stays.

    Args:
        weights: None: the file that ships with the default task.

    Returns:
        SHA-256 by graph.

    Raises:
        BadCheckpoint: the weights or their card are missing, torn or of another version.
    """
    checkpoint = open_checkpoint(weights)
    graphs = write_graphs(load_net(checkpoint), checkpoint.weights)
    card = {**checkpoint.card, "graphs": graphs}
    checkpoint.weights.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")
    return graphs


def main(words: Sequence[str] | None = None) -> int:
    """Export the graphs of a weights file again."""
    parser = argparse.ArgumentParser("python -m models.training.transport.export", description=__doc__)
    parser.add_argument("weights", type=Path, nargs="?", help="(default: those of the shipped world)")
    try:
        for name, found in export_again(parser.parse_args(words).weights).items():
            print(f"{name}: {found}")
    except (StudioError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
