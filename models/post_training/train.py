"""Post-train a policy: fine-tune the base on a mixture, with its lineage on the card.

The picture encoder stays frozen. A training that was killed goes on with the same call; a folder that holds another
post-training is refused.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import BadConfig, BadStore
from models.datasets.provenance import commit
from models.post_training.config import PostTrainConfig
from models.post_training.fit import policy_data
from models.post_training.mixture import Mixture, mixture
from models.training.policy.backbone import Base, read_base
from models.training.policy.fine_tune import FineTuneConfig, fine_tune
from models.training.policy.log import Report
from models.training.policy.step_config import StepConfig

FITTED = 2.0
"""Corrections count as learned where their loss is at most so many times that of the demonstrations."""
Say = Callable[[str], None]


def post_train(
    config: PostTrainConfig,
    say: Say = lambda line: None,
    report: Report = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
    typed: str = "",
) -> Path | None:
    """Train, or go on training.

    Args:
        config: From which weights, on what, how long.
        say: Gets sentences.
        report: Gets losses of each source and validations.
        stop: Asked after every step; where True, the state is saved and the training ends.
        typed: The command line, for the card.

    Returns:
        The policy; None where `stop` ended the training.

    Raises:
        StudioError: data or weights that cannot be used; in words.
    """
    base = read_base(config.base)
    policy = policy_data(config.base, base.config)
    found = mixture(config, base, policy, say)
    lineage = lineage_of(config, base, found)
    _require_same(config.out, lineage)
    card = {
        "workcell": policy.workcell.to_dict(),
        "lineage": lineage,
        "told": "What the base was told, and recorded corrections: frames, measured end effectors, actions.",
        "command": typed,
        "commit": commit(),
    }
    warm_up, anneal = min(500, config.steps // 4), min(500, config.steps // 4)
    tuning = FineTuneConfig(
        config.base, config.out, config.steps, config.rate, warm_up, anneal, config.every, config.seed,
        config.precision, config.device,
        StepConfig(batch=config.batch, chunks_per_look=base.backbone.chunks_per_look),
    )  # fmt: skip
    return fine_tune(tuning, found.sources, found.validation, report, card, stop, say)


def lineage_of(config: PostTrainConfig, base: Base, found: Mixture) -> dict[str, Any]:
    """What the policy descends from, as plain values."""
    return {
        "base": {"weights": config.base.name, "sha256": base.sha256},
        "sources": found.lineage,
        "selection": asdict(config.selection),
        "weighting": asdict(config.weights),
    }


def _require_same(out: Path, lineage: Mapping[str, Any]) -> None:
    """Note what a folder is for, and refuse one that is for something else.

    Raises:
        BadConfig: it holds a post-training from other weights or on other data.
        BadStore: what it notes cannot be read.
    """
    path, wanted = out / "lineage.json", json.loads(json.dumps(lineage))
    if not path.exists():
        out.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(json.dumps(wanted, indent=1) + "\n")
        partial.replace(path)
        return
    try:
        there = json.loads(path.read_text())
        other = [key for key in wanted if there[key] != wanted[key]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadStore(f"{path} cannot be read: {error!r}. Delete the folder to begin anew.") from error
    if other:
        what = "weights of another policy" if "base" in other else "other data or weights of its steps"
        raise BadConfig(
            f"{out} holds a post-training from {what}. Name a new folder with --out, or delete that one to begin anew."
        )


def fitted_words(losses: Mapping[str, float]) -> str:
    """Whether the corrections are learned, from the losses of the sources; "" where one of the two is unknown."""
    theirs, ours = losses.get("chunk corrections"), losses.get("chunk demonstrations")
    if theirs is None or not ours:
        return ""
    ratio = theirs / ours
    words = f"The loss of the corrections is {ratio:.1f} times that of the demonstrations"
    if ratio <= FITTED:
        return f"{words}: they are learned."
    return f"{words}; above {FITTED:g} they are not learned yet: take more --steps or a higher --rate."
