"""Go on training a policy on a mixture of data: post-training from corrections.

    base = read_base(weights)
    demos = read_windows([folder], base.config, "train", cache=out / "cache")
    corrections = joined([episode_windows(frames, states, actions, base.config) for ... in branches])
    path = fine_tune(FineTuneConfig(weights, out), sources, validation, report, card)

The picture encoder stays as it is: what it sees in every frame is computed once, before the first step. Everything
behind it learns, with a fresh optimiser; the rate warms up, is constant, and falls at the end. A training that was
killed or cancelled goes on with the same call, bit for bit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from core.errors import BadConfig
from models.policies.chunks.scaling import Scaling
from models.training.policy.backbone import Base, read_base
from models.training.policy.device import chosen_device
from models.training.policy.exports import ExportRule
from models.training.policy.keeping import keep
from models.training.policy.learner import Learner
from models.training.policy.log import Log, Report
from models.training.policy.mixture import Source, require_mixture
from models.training.policy.precision import Precision, step_seconds, use_bf16
from models.training.policy.preference import known
from models.training.policy.step_config import StepConfig
from models.training.policy.windows import Windows


@dataclass(frozen=True, slots=True)
class FineTuneConfig:
    """From which weights, how long, and where the results go."""

    weights: Path
    """Of the base policy, of any kind in backbone.BACKBONES."""
    out: Path
    """Gets policy.safetensors and its card, checkpoints/, history.jsonl, curves.png, training.safetensors."""
    steps: int = 5000
    rate: float = 5e-5
    """Peak of the learning rate: a tenth of that of a training from nothing."""
    warm_up: int = 500
    """First steps, in which the rate rises from zero."""
    anneal: int = 500
    """Last steps, in which the rate falls to a hundredth along a cosine."""
    every: int = 1000
    """Steps between validations and exports."""
    seed: int = 0
    precision: Precision = "float32"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    step: StepConfig = field(default_factory=StepConfig)

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        rising = min(1.0, (step + 1) / max(self.warm_up, 1))
        through = min(max((step - (self.steps - self.anneal) + 1) / max(self.anneal, 1), 0.0), 1.0)
        return self.rate * rising * (0.01 + 0.99 * 0.5 * (1.0 + float(np.cos(np.pi * through))))


def fine_tune(
    config: FineTuneConfig,
    sources: Sequence[Source],
    validation: Windows,
    report: Report = lambda progress: None,
    card: Mapping[str, Any] | None = None,
    stop: Callable[[], bool] = lambda: False,
    say: Callable[[str], None] = lambda line: None,
) -> Path | None:
    """Train, or go on training.

    Args:
        config: From which weights, how long, where to.
        sources: What is trained on; the same at every call for the same `out`.
        validation: Held-out episodes.
        report: Gets losses (of each source apart) every 50 steps and the figures of every validation.
        card: Further entries of the policy's card: lineage, data, command, commit, workcell.
        stop: Asked after every step; where True, the training saves its state and ends.
        say: Gets sentences: the precision that was chosen, where a resume goes on.

    Returns:
        The exported policy; None where `stop` ended the training.

    Raises:
        BadConfig: sources or steps that cannot be trained on.
        BadCheckpoint: torn weights, or `out` holds a training of another configuration.
    """
    require_mixture(sources)
    if config.warm_up + config.anneal > config.steps:
        raise BadConfig(
            f"{config.warm_up} steps of warm-up and {config.anneal} of annealing do not fit into {config.steps} steps."
        )
    config.out.mkdir(parents=True, exist_ok=True)
    base = read_base(config.weights)
    learner = _learner(config, base, sources, say)
    learner.freeze(sources)
    log = Log(config.out / "history.jsonl", learner.steps, config.steps, report)
    rule = ExportRule(config.out)
    about = {**_about(config, base, learner, sources), **(card or {})}
    while learner.steps < config.steps:
        losses = learner.step(sources, config.rate_at(learner.steps), "act")
        log.add(learner.steps, config.steps, "act", losses)
        if learner.steps % config.every == 0 or learner.steps == config.steps:
            keep(learner, validation, log, rule, about)
        if stop() and learner.steps < config.steps:
            learner.save(config.out / "training.safetensors")
            return None
    return config.out / "policy.safetensors"


def widened(scaling: Scaling, sources: Sequence[Source]) -> Scaling:
    """Ranges whose box of actions also holds the actions of the sources; all else belongs to the weights."""
    lows = [scaling.action_low, *(source.data.actions.min(0) for source in sources)]
    highs = [scaling.action_high, *(source.data.actions.max(0) for source in sources)]
    return replace(scaling, action_low=np.minimum.reduce(lows), action_high=np.maximum.reduce(highs))


def _learner(config: FineTuneConfig, base: Base, sources: Sequence[Source], say: Callable[[str], None]) -> Learner:
    """With the weights of the base, or where the training in `out` was."""
    scaling, device = widened(base.scaling, sources), chosen_device(config.device)
    checkpoint = config.out / "training.safetensors"
    measure = step_seconds(base.backbone, scaling, config.step, sources, "act", device)
    bf16 = use_bf16(config.precision, checkpoint, measure, say)
    learner = Learner(base.backbone, scaling, config.step, config.seed, bf16, device)
    learner.begin_from(base.weights)
    if checkpoint.exists():
        learner.resume(checkpoint)
        say(f"going on at step {learner.steps}")
    return learner


def _about(config: FineTuneConfig, base: Base, learner: Learner, sources: Sequence[Source]) -> dict[str, Any]:
    """Entries of the card that are the same for every export."""
    return {
        "task": base.config.task,
        "kind": base.backbone.kind,
        "config": asdict(base.config),
        "base": {"weights": str(config.weights), "sha256": base.sha256},
        "sources": [
            {
                "name": source.name,
                "share": source.share,
                "episodes": source.data.episodes,
                "rows": len(source.data) if source.rows is None else len(source.rows),
                "weighted": source.weights is not None,
                "past_end": source.past_end,
                "pairs": 0 if source.rejected is None else int(known(source.rejected).sum()),
            }
            for source in sources
        ],
        "training": {
            **asdict(config.step),
            "encoder": "frozen",
            "steps": config.steps,
            "rate": config.rate,
            "warm_up": config.warm_up,
            "anneal": config.anneal,
            "seed": config.seed,
            "device": str(learner.device),
            "precision": "bf16" if learner.bf16 else "float32",
        },
    }
