"""Weights in a safetensors file, everything else in a JSON card beside it, ONNX graphs beside both."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from core.camera import require_calibrated
from core.errors import BadCheckpoint, BadConfig
from core.workcell import Workcell, stored_workcell
from models import DEFAULT_TASK, shipped_weights
from models.worlds.transport.config import FORMAT, TransportConfig

GRAPHS = ("encoder", "dynamics", "renderer")
CARD = ("format", "sha256", "config", "graphs", "task", "told", "tolerance")
"""What a card must hold, beside its workcell."""
FIRST_CARD = ("cameras", "dt", "limits", "home")
"""What a card from before workcells must hold in its place."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A transport world on disk."""

    weights: Path
    sha256: str
    config: TransportConfig
    workcell: Workcell
    """That it was trained for."""
    card: Mapping[str, Any]

    def graph(self, name: str) -> Path:
        """The ONNX file of a part."""
        return self.weights.with_suffix(f".{name}.onnx")

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every tensor of the weights file."""
        try:
            return dict(load_file(self.weights))
        except (SafetensorError, OSError) as error:
            raise BadCheckpoint(f"{self.weights} cannot be read ({error}). Restore it or train once more.") from error


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def open_checkpoint(weights: Path | None = None) -> Checkpoint:
    """Read and check a card and its weights; None: those that ship with the default task.

    Raises:
        BadCheckpoint: something is missing, torn, of another version or does not belong together.
    """
    weights = shipped_weights("transport", DEFAULT_TASK) if weights is None else weights
    card_file = weights.with_suffix(".json")
    for file in (weights, card_file):
        if not file.is_file():
            raise BadCheckpoint(
                f"{file} is missing. Restore it from the repository, or train a world: main.py train world."
            )
    try:
        card = json.loads(card_file.read_text())
        if card["format"] != FORMAT:
            raise BadCheckpoint(
                f"{card_file} is of format {card['format']!r}, this version reads {FORMAT!r}. "
                "Export the world once more with this version: main.py train world --stages export."
            )
        wanted_keys = CARD if "workcell" in card else CARD + FIRST_CARD
        if absent := [name for name in wanted_keys if name not in card]:
            raise KeyError(*absent)
        config = TransportConfig.from_dict(card["config"])
        workcell = stored_workcell(card)
        require_calibrated(workcell.cameras, "A transport world")
        wanted = str(card["sha256"])
    except (ValueError, KeyError, TypeError, AttributeError, BadConfig) as error:
        raise BadCheckpoint(
            f"{card_file} is not the card of a transport world ({error!r}). Export it again."
        ) from error
    found = file_hash(weights)
    if found != wanted:
        raise BadCheckpoint(
            f"{weights} does not match its card: its SHA-256 begins {found[:12]}, the card says {wanted[:12]}. "
            "The file is torn or of another training run; restore both together."
        )
    return Checkpoint(weights, found, config, workcell, card)
