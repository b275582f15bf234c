"""What the search for failures is asked for: the world and the policy that are open, and whether a list fits them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.opening.config import Config
from app.opening.opener import Opened


def search_arguments(opened: Opened, config: Config, out: Path, attempts: int) -> list[str]:
    """The command line behind main.py.

    Args:
        opened: What is driven.
        config: What it was opened with.
        out: Folder of the list; gone on with where there is one.
        attempts: In all, those that are listed already included.
    """
    parts = opened.parts
    words = ["find-failures", "--world", parts.world.spec.identity.name, "--policy", parts.policy.spec.identity.name]
    words += ["--task", parts.task.name, "--out", str(out), "--attempts", str(attempts)]
    if config.world_weights is not None:
        words += ["--world-weights", str(config.world_weights)]
    if config.policy_weights is not None:
        words += ["--weights", str(config.policy_weights)]
    return [*words, "--json", "--progress", "json"]


def other_parts(about: Mapping[str, Any], opened: Opened) -> str:
    """What of a list is not what is open: "world", "policy", "task", several of them, or ""."""
    if not about:
        return ""
    parts = opened.parts
    differ = ["task"] if about["task"] != parts.task.name else []
    for name, identity in (("world", parts.world.spec.identity), ("policy", parts.policy.spec.identity)):
        if (about[name]["name"], about[name]["sha256"]) != (identity.name, identity.sha256):
            differ.append(name)
    return " and ".join(differ)
