"""The denoiser on every backend that this machine offers, each making the same frame."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.denoiser import Denoiser, Network, imagined_frame, inputs

EAGER = "eager torch"
TOLERANCE = 2e-2
"""Largest difference of a pixel, -1..1, between backends that make the same frame."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to run the denoiser."""

    name: str
    frame: Callable[[], Tensor]
    """Makes one frame."""


def contenders(size: int, *, quick: bool, say: Callable[[str], None]) -> Iterator[Contender]:
    """Each backend that works here and draws what eager torch draws; eager comes first.

    Args:
        size: Edge of the picture, pixels.
        quick: Leave out what compiles for a minute.
        say: Takes words on what does not work here, and why.
    """
    torch.manual_seed(0)
    net, given = Denoiser().eval(), inputs(size)
    truth = imagined_frame(net, *given)
    yield Contender(EAGER, lambda: imagined_frame(net, *given))
    ways: list[tuple[str, Callable[[], Network]]] = [("ONNX", lambda: onnx_network(net, size))]
    if not quick:
        ways += [("torch.compile", lambda: compiled(net)), ("channels last", lambda: _channels_last(net))]
    for name, make in ways:
        try:
            network = make()
            off = float((imagined_frame(network, *given) - truth).abs().max())
        except Exception as error:  # a backend that is not there is words, not the end of the comparison
            say(f"the denoiser does not run with {name} here: {_first_line(error)}")
            continue
        if off > TOLERANCE:
            say(f"the denoiser with {name} draws another frame than eager torch (off by {off:.3f}); left out")
            continue
        yield Contender(name, lambda network=network: imagined_frame(network, *given))  # type: ignore[misc]


def compiled(net: Denoiser) -> Network:
    """torch.compile; needs a C++ compiler and about a minute."""
    made: Network = torch.compile(net, dynamic=False)
    return made


def _channels_last(net: Denoiser) -> Network:
    """Eager torch in the memory layout that its convolutions like best on a processor, compiled or not."""
    copy = Denoiser().eval()
    copy.load_state_dict(net.state_dict())
    return copy.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def onnx_network(net: Denoiser, size: int) -> Network:
    """The network as a graph of onnxruntime on one thread."""
    from models.onnx_runtime import inference_session

    noise, past, actions = inputs(size)
    example = (noise, past, torch.zeros(1), actions)
    names = ["noisy", "past", "level", "actions"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "denoiser.onnx"
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the exporter warns about its own internals
            torch.onnx.export(net, example, file, dynamo=False, input_names=names, output_names=["out"])
        session = inference_session(file.read_bytes())

    def run(*tensors: Tensor) -> Tensor:
        feed = {name: tensor.numpy() for name, tensor in zip(names, tensors, strict=True)}
        return torch.from_numpy(session.run(None, feed)[0])

    return run


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or ["no reason given"]
    return f"{type(error).__name__}: {lines[0][:160]}"
