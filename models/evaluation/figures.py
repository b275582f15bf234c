"""Figures that a command measured, kept as JSON beside the command line that made them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.errors import BadStore

OPERATOR_PATH: Final = Path("assets/reference/operator.json")
JUDGE_PATH: Final = Path("assets/reference/judge.json")


def write_figures(path: Path, command: str, world: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
    """Save figures with the command that measured them and the identity of the world."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"command": command, "world": dict(world), **figures}
    path.write_text(json.dumps(content, indent=1) + "\n")


def read_figures(path: Path, command: str) -> dict[str, Any]:
    """Saved figures; `command` is named in the error as the one that makes them.

    Raises:
        BadStore: they are missing or not readable.
    """
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadStore(f"The figures {path} cannot be read: {error}. Run `{command}`.") from error
    if not isinstance(content, dict):
        raise BadStore(f"The figures {path} are not a JSON object. Run `{command}`.")
    return content
