"""What the disk says: corrections of sessions, and what a post-training left in its folder. No Qt; for a thread."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.review.loader import read_only
from app.sessions.rows import SessionRow, read_row
from core.errors import StudioError
from core.step import SOURCES

OPERATOR = SOURCES.index("operator")
Row = dict[str, float]


@dataclass(frozen=True, slots=True)
class Corrections:
    """One session as a source of corrections."""

    folder: Path
    task: str = ""
    accepted: int = 0
    """Branches that were accepted and in which an operator drove."""
    steps: int = 0
    """Of the operator in those branches."""
    trouble: str = ""
    """Why it cannot be used; "" where it can."""


@dataclass(frozen=True, slots=True)
class Result:
    """What is in the output folder of a post-training."""

    out: Path
    history: tuple[Row, ...] = ()
    """Rows of history.jsonl: "step" and losses, or "step" and figures of a validation."""
    policy: Path | None = None
    """The exported policy; None where there is none yet."""
    card: dict[str, Any] | None = None
    """Its card; None where there is no policy."""


def corrections_of(folder: Path) -> Corrections:
    """Count what could be learned from a session; an error is part of the answer."""
    row: SessionRow = read_row(folder)
    if row.broken or row.tree is None:
        return Corrections(folder, row.task, trouble=row.broken or "It cannot be read.")
    accepted = steps = 0
    try:
        archive = read_only(folder)
        for branch in row.tree.branches.values():
            if branch.review == "accepted" and not branch.discarded and branch.length > branch.fork_step:
                driven = int(np.count_nonzero(archive.column("source", branch.id) == OPERATOR))
                accepted, steps = accepted + bool(driven), steps + driven
    except StudioError as error:
        return Corrections(folder, row.task, trouble=str(error))
    busy = row.here or row.busy is not None
    words = "It is still being recorded; close it first." if busy else ""
    return Corrections(folder, row.task, accepted, steps, words)


def read_result(out: Path) -> Result:
    """What is there; a line or a card that cannot be read counts as absent."""
    history = []
    path = out / "history.jsonl"
    for line in path.read_text().splitlines() if path.is_file() else []:
        try:
            history.append({str(name): float(value) for name, value in json.loads(line).items()})
        except (ValueError, AttributeError, TypeError):
            continue
    policy = out / "policy.safetensors"
    try:
        card = json.loads(policy.with_suffix(".json").read_text())
    except (OSError, ValueError):
        return Result(out, tuple(history))
    return Result(out, tuple(history), policy, card) if policy.is_file() else Result(out, tuple(history))
