"""The file that a training is resumed from: safetensors of networks and optimiser, and what they are in its header."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.errors import BadCheckpoint


@dataclass(frozen=True, slots=True, eq=False)
class TrainingFile:
    """What the file holds."""

    header: Mapping[str, str]
    """Steps taken, configuration, kind and precision; files of old have no kind (diffusion) and no precision."""
    network: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    moments: Mapping[int, Mapping[str, Any]]
    """Parameter -> state of the optimiser."""


def write_training(path: Path, training: TrainingFile) -> None:
    """Write the file, by rename."""
    from safetensors.torch import save_file

    tensors = {f"average.{k}": v.contiguous() for k, v in training.average.items()}
    tensors |= {f"network.{k}": v.contiguous() for k, v in training.network.items()}
    for index, state in training.moments.items():
        tensors |= {f"optimiser.{index}.{k}": torch.as_tensor(v).contiguous() for k, v in state.items()}
    partial = path.with_name(path.name + ".partial")
    save_file(tensors, partial, dict(training.header))
    partial.replace(path)


def read_training(path: Path) -> TrainingFile:
    """The inverse of write_training.

    Raises:
        BadCheckpoint: the file is torn.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            header: Mapping[str, str] = file.metadata()
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not iterable)
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(f"The training checkpoint {path} is torn: {error}. Delete it to begin anew.") from error
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in _under(tensors, "optimiser.").items():
        index, _, key = name.partition(".")
        moments.setdefault(int(index), {})[key] = value
    return TrainingFile(header, _under(tensors, "network."), _under(tensors, "average."), moments)


def saved_precision(path: Path) -> str:
    """The precision that the training of a file computes with; "" without a file, or in one of old.

    Raises:
        BadCheckpoint: the file is torn.
    """
    return read_training(path).header.get("precision", "") if path.exists() else ""


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
