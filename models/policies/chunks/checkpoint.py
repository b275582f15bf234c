"""Weights files of policies of action chunks: safetensors whose header says what they are, and a card beside each.

A file is complete without the card: configuration in the header, ranges and sampler tables as tensors. The card
(the same name, .json) says where the weights come from and their SHA-256.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.errors import BadCheckpoint, BadConfig
from core.workcell import Workcell, stored_workcell
from models.policies.chunks.config import ChunkConfig
from models.policies.chunks.scaling import Scaling

VERSION = "1"
_SCALING = ("chunk_centre", "chunk_half", "state_centre", "state_half", "action_low", "action_high")
_FORMAT = re.compile(r"hi-wm-([a-z]+)-policy")
Config = TypeVar("Config", bound=ChunkConfig)
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Stored(Generic[Config]):
    """What a weights file holds."""

    config: Config
    scaling: Scaling
    tables: Arrays
    """Of the sampler, by "<sampler>.<name>"."""
    weights: Arrays
    """Of the network."""
    sha256: str
    """Of the file; "" while it was never written."""


def card_path(path: Path) -> Path:
    """Path of the card of a weights file."""
    return path.with_suffix(".json")


def write_weights(path: Path, kind: str, stored: Stored[Any], card: Mapping[str, Any]) -> str:
    """Write weights and card, each by rename; the SHA-256 of the weights file."""
    from safetensors.numpy import save as serialise

    tensors = {f"network.{name}": np.ascontiguousarray(values) for name, values in stored.weights.items()}
    tensors |= {f"scaling.{name}": getattr(stored.scaling, name) for name in _SCALING}
    tensors |= dict(stored.tables)
    format_ = f"hi-wm-{kind}-policy"
    content = serialise(tensors, {"format": format_, "version": VERSION, "config": stored.config.to_json()})
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, content)
    digest = hashlib.sha256(content).hexdigest()
    written = {"format": format_, "version": VERSION, "sha256": digest, **card}
    _replace(card_path(path), (json.dumps(written, indent=2) + "\n").encode())
    return digest


def update_card(path: Path, entries: Mapping[str, Any]) -> None:
    """Replace entries of the card of a weights file, by rename."""
    card = card_path(path)
    _replace(card, (json.dumps({**json.loads(card.read_text()), **entries}, indent=2) + "\n").encode())


def read_weights(path: Path, kind: str, config: type[Config], task: str | None = None) -> Stored[Config]:
    """Read and check a weights file.

    Args:
        path: The file.
        kind: What it must hold.
        config: Type of its configuration.
        task: That it must be of; any where None.

    Raises:
        BadCheckpoint: missing, torn, of another kind, version or task, or not matching its card.
    """
    content = _content(path, kind)
    digest = hashlib.sha256(content).hexdigest()
    _check_card(path, digest)
    tensors, header = _parsed(path, content)
    _require_header(path, kind, header)
    shape = config.from_json(header.get("config", ""))
    if task is not None and shape.task != task:
        raise BadCheckpoint(f"The policy {path.name} was trained for {shape.task!r}, not for {task!r}.")
    sizes = {name: (shape.horizon, ACTION_DIM) if name.startswith("chunk") else (ACTION_DIM,) for name in _SCALING}
    scaling = Scaling(**{name: take(path, tensors, f"scaling.{name}", size) for name, size in sizes.items()})
    broken = [name for name, values in tensors.items() if not np.isfinite(values).all()]
    if broken:
        raise BadCheckpoint(f"The policy {path.name} holds numbers that are not finite, in {broken[0]!r}. Train again.")
    weights = {name.removeprefix("network."): v for name, v in tensors.items() if name.startswith("network.")}
    tables = {name: v for name, v in tensors.items() if not name.startswith(("network.", "scaling."))}
    return Stored(shape, scaling, tables, weights, digest)


def take(path: Path, tensors: Arrays, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """One array of a weights file.

    Raises:
        BadCheckpoint: it is missing or has another shape.
    """
    if name not in tensors:
        raise BadCheckpoint(f"The policy {path.name} is incomplete: {name!r} is missing.")
    if tensors[name].shape != shape:
        raise BadCheckpoint(f"The policy {path.name} is inconsistent: {name!r} has shape {tensors[name].shape}.")
    return tensors[name]


def policy_kind(path: Path) -> str:
    """The kind of policy that a weights file holds, from its header alone.

    Raises:
        BadCheckpoint: missing, torn, or no policy.
    """
    return _kind_and_header(path)[0]


def policy_shape(path: Path) -> ChunkConfig:
    """What the policy of a weights file sees, whatever its kind, from its header alone.

    Raises:
        BadCheckpoint: missing, torn, or no policy.
    """
    shared = {field.name for field in fields(ChunkConfig)}
    try:
        values = json.loads(_kind_and_header(path)[1].get("config", ""))
        return ChunkConfig.from_json(json.dumps({name: values[name] for name in shared}))
    except (ValueError, KeyError, TypeError) as error:
        raise BadCheckpoint(f"The configuration in {path} does not fit this version: {error!r}.") from error


def _kind_and_header(path: Path) -> tuple[str, Mapping[str, str]]:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, 1 << 24))).get("__metadata__", {})
    except OSError as error:
        raise BadCheckpoint(f"There are no policy weights at {path} ({error.strerror}).") from error
    except (ValueError, UnicodeDecodeError, AttributeError) as error:
        raise BadCheckpoint(f"The policy weights {path} are torn or no safetensors file: {error}.") from error
    found = _FORMAT.fullmatch(str(header.get("format", "")))
    if found is None:
        raise BadCheckpoint(f"{path} holds no policy (its format is {header.get('format', 'unknown')!r}).")
    return found[1], header


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


def _content(path: Path, kind: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCheckpoint(
            f"There are no policy weights at {path} ({error.strerror}). "
            f"`main.py train policy --kind {kind}` makes some; the shipped ones come with the repository."
        ) from error


def _parsed(path: Path, content: bytes) -> tuple[dict[str, NDArray[Any]], Mapping[str, str]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as parse

    try:
        tensors = parse(content)
        return tensors, json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]).get("__metadata__", {})
    except (SafetensorError, ValueError, UnicodeDecodeError) as error:
        raise BadCheckpoint(f"The policy weights {path} are torn or no safetensors file: {error}.") from error


def _require_header(path: Path, kind: str, header: Mapping[str, str]) -> None:
    if header.get("format") != f"hi-wm-{kind}-policy":
        raise BadCheckpoint(f"{path} holds no {kind} policy (its format is {header.get('format', 'unknown')!r}).")
    if header.get("version") != VERSION:
        raise BadCheckpoint(
            f"The policy {path.name} is of version {header.get('version')!r}, this program reads {VERSION!r}. "
            "Train it again, or use the program that wrote it."
        )


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


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
