"""The weights file of a diffusion policy: safetensors whose header says what they are, and a card beside it.

The file is complete without the card: configuration in the header, ranges and sampler tables as tensors. The
card (the same name, .json) says where the weights come from and their SHA-256.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.errors import BadCheckpoint, BadConfig
from core.workcell import Workcell, stored_workcell
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.ddim import Ddim
from models.policies.diffusion.scaling import Scaling

FORMAT = "hi-wm-diffusion-policy"
VERSION = "1"
_SCALING = ("chunk_centre", "chunk_half", "state_centre", "state_half", "action_low", "action_high")


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Everything that the policy needs, as numpy arrays."""

    config: DiffusionConfig
    scaling: Scaling
    ddim: Ddim
    weights: Mapping[str, NDArray[Any]]
    """Of models.policies.diffusion.network.DiffusionNetwork."""
    sha256: str
    """Of the file; "" while it was never written."""


def card_path(path: Path) -> Path:
    """Path of the card of a weights file."""
    return path.with_suffix(".json")


def save(path: Path, checkpoint: Checkpoint, card: Mapping[str, Any]) -> str:
    """Write weights and card, each by rename; the SHA-256 of the weights file."""
    from safetensors.numpy import save as serialise

    tensors = {f"network.{name}": np.ascontiguousarray(values) for name, values in checkpoint.weights.items()}
    tensors |= {f"scaling.{name}": getattr(checkpoint.scaling, name) for name in _SCALING}
    tensors |= {"ddim.levels": checkpoint.ddim.levels, "ddim.signal": checkpoint.ddim.signal}
    header = {"format": FORMAT, "version": VERSION, "config": checkpoint.config.to_json()}
    content = serialise(tensors, header)
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, content)
    digest = hashlib.sha256(content).hexdigest()
    written = {"format": FORMAT, "version": VERSION, "sha256": digest, **card}
    _replace(card_path(path), (json.dumps(written, indent=2) + "\n").encode())
    return digest


def card_workcell(path: Path) -> Workcell:
    """The workcell that the policy of a weights file was trained in; cards from before workcells: the bimanual table.

    Raises:
        BadCheckpoint: the card is missing or damaged.
    """
    card = card_path(path)
    try:
        values = json.loads(card.read_text())
        return stored_workcell({key: values[key] for key in ("workcell",) if key in values})
    except (OSError, ValueError, TypeError, BadConfig) as error:
        raise BadCheckpoint(f"The card {card} of the policy cannot be read: {error}. Restore both files.") from error


def load_checkpoint(path: Path, task: str | None = None) -> Checkpoint:
    """Read and check a weights file.

    Raises:
        BadCheckpoint: missing, torn, not a diffusion policy, of another version or task, or not matching its card.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadCheckpoint(
            f"There are no policy weights at {path} ({error.strerror}). "
            "`main.py train policy --kind diffusion` makes some; the shipped ones come with the repository."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    _check_card(path, digest)
    tensors, config = _read(path, content)
    if task is not None and config.task != task:
        raise BadCheckpoint(f"The policy {path.name} was trained for {config.task!r}, not for {task!r}.")
    per_step, plain = (config.horizon, ACTION_DIM), (ACTION_DIM,)
    shapes = {name: per_step if name.startswith("chunk") else plain for name in _SCALING}
    scaling = Scaling(**{name: _take(path, tensors, f"scaling.{name}", shape) for name, shape in shapes.items()})
    levels = _take(path, tensors, "ddim.levels", (config.sampling_steps,))
    signal = _take(path, tensors, "ddim.signal", (config.sampling_steps + 1,))
    weights = {name.removeprefix("network."): v for name, v in tensors.items() if name.startswith("network.")}
    broken = [name for name, values in tensors.items() if not np.isfinite(values).all()]
    if broken:
        raise BadCheckpoint(f"The policy {path.name} holds numbers that are not finite, in {broken[0]!r}. Train again.")
    return Checkpoint(config, scaling, Ddim(levels, signal, config.prediction), weights, digest)


def _read(path: Path, content: bytes) -> tuple[dict[str, NDArray[Any]], DiffusionConfig]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as parse

    try:
        tensors = parse(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]).get("__metadata__", {})
    except (SafetensorError, ValueError, UnicodeDecodeError) as error:
        raise BadCheckpoint(f"The policy weights {path} are torn or no safetensors file: {error}.") from error
    if header.get("format") != FORMAT:
        raise BadCheckpoint(f"{path} holds no diffusion policy (its format is {header.get('format', 'unknown')!r}).")
    if header.get("version") != VERSION:
        raise BadCheckpoint(
            f"The policy {path.name} is of version {header.get('version')!r}, this program reads {VERSION!r}. "
            "Train it again, or use the program that wrote it."
        )
    return tensors, DiffusionConfig.from_json(header.get("config", ""))


def _check_card(path: Path, digest: str) -> None:
    """A card is not required (a checkpoint of a running training has none), but one that disagrees is an error."""
    card = card_path(path)
    if not card.exists():
        return
    try:
        expected = json.loads(card.read_text())["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadCheckpoint(f"The card {card} of the policy cannot be read: {error!r}. Restore both files.") from error
    if expected != digest:
        raise BadCheckpoint(
            f"The policy weights {path.name} are not those of their card: SHA-256 {digest[:12]}, the card says "
            f"{str(expected)[:12]}. One of the two files is torn or of another training; restore both."
        )


def _take(path: Path, tensors: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if name not in tensors:
        raise BadCheckpoint(f"The policy {path.name} is incomplete: {name!r} is missing.")
    if tensors[name].shape != shape:
        raise BadCheckpoint(f"The policy {path.name} is inconsistent: {name!r} has shape {tensors[name].shape}.")
    return tensors[name]


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
