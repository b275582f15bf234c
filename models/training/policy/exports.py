"""Which exports of a training are kept, and which of them is the policy that ships.

Every validation exports the averaged weights to checkpoints/step-NNNNNN.safetensors. best.safetensors is the export
with the lowest validation loss. policy.safetensors is the last export, or with `patience` the best one; the entry
"export" of its card says which it is, and the steps and losses of both.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.policies.chunks.checkpoint import card_path, update_card
from models.training.policy.curves import Row
from models.training.policy.learner import Learner


@dataclass(frozen=True, slots=True)
class ExportRule:
    """What is exported where."""

    out: Path
    after: int = 0
    """Exports are of later steps only: before, the network cannot act yet."""
    patience: int | None = None
    """Validations without a lower loss after which a training stops; None: it takes all its steps."""


def exports_in(history: Sequence[Row], rule: ExportRule) -> list[Row]:
    """Validations whose weights were exported."""
    return [row for row in history if "loss" in row and row["step"] > rule.after]


def best_of(exports: Sequence[Row]) -> Row:
    """The one with the lowest validation loss, the earliest of equals."""
    return min(exports, key=lambda row: row["loss"])


def exhausted(history: Sequence[Row], rule: ExportRule) -> bool:
    """Whether a training should stop early."""
    exports = exports_in(history, rule)
    if rule.patience is None or not exports:
        return False
    return sum(row["step"] > best_of(exports)["step"] for row in exports) >= rule.patience


def export(learner: Learner, rule: ExportRule, history: Sequence[Row], card: Mapping[str, Any]) -> None:
    """Write what this step exports; `history` ends with its validation."""
    if learner.steps <= rule.after:
        return
    path = rule.out / "checkpoints" / f"step-{learner.steps:06d}.safetensors"
    learner.backbone.save(path, learner.scaling, learner.weights(), {**card, "step": learner.steps})
    exports = exports_in(history, rule)
    if best_of(exports)["step"] == learner.steps:
        _copy(path, rule.out / "best.safetensors")
    if rule.patience is None or best_of(exports)["step"] == learner.steps:
        _copy(path, rule.out / "policy.safetensors")
    for name in ("best", "policy"):
        update_card(rule.out / f"{name}.safetensors", {"export": _which(name, exports, rule)})


def _which(name: str, exports: Sequence[Row], rule: ExportRule) -> dict[str, Any]:
    best, last = best_of(exports), exports[-1]
    chosen = best if name == "best" or rule.patience is not None else last
    return {
        "which": "lowest validation loss" if chosen is best and chosen is not last else "last",
        "step": int(chosen["step"]),
        "loss": chosen["loss"],
        "best": {"step": int(best["step"]), "loss": best["loss"]},
        "last": {"step": int(last["step"]), "loss": last["loss"]},
        "patience": rule.patience,
    }


def chosen_words(history: Sequence[Row], rule: ExportRule) -> str:
    """In words: which export policy.safetensors is."""
    if not exports_in(history, rule):
        return "Nothing was exported yet."
    found = _which("policy", exports_in(history, rule), rule)
    best, last = found["best"], found["last"]
    return (
        f"policy.safetensors is the export of step {found['step']} (validation loss {found['loss']:.4f}). The lowest "
        f"loss was {best['loss']:.4f} at step {best['step']} (best.safetensors), the last one {last['loss']:.4f} at "
        f"step {last['step']}."
    )


def _copy(source: Path, target: Path) -> None:
    """Weights and card, each by rename."""
    for one, other in ((source, target), (card_path(source), card_path(target))):
        partial = other.with_name(other.name + ".partial")
        shutil.copyfile(one, partial)
        partial.replace(other)
