"""Train a policy from recorded episodes, resumable.

First the picture encoder learns where the object is (where the recordings hold the truth: a loss of training only;
without it, everything learns from the actions), then everything behind the frozen encoder learns to generate action
chunks, then everything together. Every few hundred steps the averaged weights are validated on other episodes and
exported; a killed training goes on with the same command.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from core.errors import BadConfig
from core.workcell import Workcell, shipped_workcell
from models.datasets.provenance import commit
from models.policies.chunks.scaling import Scaling
from models.training.policy import curves
from models.training.policy.backbone import Backbone, backbone_of
from models.training.policy.device import chosen_device
from models.training.policy.exports import ExportRule, chosen_words, exhausted
from models.training.policy.keeping import keep
from models.training.policy.learner import Learner
from models.training.policy.log import Log
from models.training.policy.mixture import Source
from models.training.policy.precision import Precision, step_seconds, use_bf16
from models.training.policy.reading import read_windows
from models.training.policy.step_config import Phase, StepConfig
from models.training.policy.windows import Windows

Say = Callable[[str], None]
RATE = 5e-4
JOINT_RATE = 1e-4
WARM_UP = 300
"""Steps over which the learning rate rises from zero."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """What to train on, how long, and where the results go."""

    data: tuple[Path, ...] = (Path("data/push_t/demos"),)
    """Data sets of demonstrations."""
    kinds: tuple[str, ...] = ()
    """Kinds of episodes that are imitated; all where empty."""
    pose_data: tuple[Path, ...] = ()
    """Data sets that only teach the picture encoder where the object is; the demonstrations where empty."""
    episodes: int | None = None
    """At most this many demonstrations, evenly spread."""
    pose_episodes: int | None = None
    out: Path = Path("runs/policy")
    pose_steps: int = 5000
    """Steps of the picture encoder alone; without a pose loss, in these everything learns from the actions."""
    joint_steps: int = 2000
    """Last steps, in which everything learns; between the two the encoder is frozen, which is five times faster."""
    steps: int = 30000
    """Steps in all."""
    every: int = 1000
    """Steps between validations and exports."""
    seed: int = 0
    precision: Precision = "float32"
    """auto takes bf16 where a measured step is faster with it."""
    patience: int | None = None
    """Validations without a lower loss after which the training stops; None: it takes all its steps."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the network learns; auto takes CUDA where there is one."""
    backbone: Backbone = field(default_factory=lambda: backbone_of("diffusion", {}))
    """Task, cameras and size of pictures are those of the data: see command.py."""
    workcell: Workcell = field(default_factory=shipped_workcell)
    """Of the data, for the card."""
    step: StepConfig = field(default_factory=StepConfig)

    def phase(self, step: int) -> tuple[Phase, int, int]:
        """What learns at a step, and the first and last step of that phase."""
        joint = self.steps - self.joint_steps
        if step < self.pose_steps:
            return ("look" if self.step.pose_loss > 0 else "both"), 0, self.pose_steps
        return ("act", self.pose_steps, joint) if step < joint else ("both", joint, self.steps)

    def rate(self, step: int) -> float:
        """Each phase warms up and falls along a cosine; the last one, which only mends, starts lower."""
        phase, begin, end = self.phase(step)
        top = JOINT_RATE if phase == "both" and begin > 0 else RATE
        fall = 0.5 * (1.0 + float(np.cos(np.pi * (step - begin) / max(end - begin, 1))))
        return top * min(1.0, (step - begin + 1) / WARM_UP) * (0.01 + 0.99 * fall)


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """What a training reads."""

    train: Windows
    validation: Windows
    pose: Windows
    """For the first phase."""


def read(config: TrainConfig, say: Say) -> Data:
    """All pictures, shrunk, into memory."""

    def windows(name: str, folders: tuple[Path, ...], split: str, most: int | None, kinds: tuple[str, ...]) -> Windows:
        began = time.monotonic()
        found = read_windows(folders, config.backbone.config, split, kinds, most, config.out / "cache")
        say(f"{name}: {found.episodes} episodes, {len(found)} frames ({time.monotonic() - began:.0f} s)")
        return found

    train = windows("demonstrations", config.data, "train", config.episodes, config.kinds)
    validation = windows("validation", config.data, "validation", config.episodes, config.kinds)
    pose = windows("pose data", config.pose_data, "train", config.pose_episodes, ()) if config.pose_data else train
    return Data(train, validation, pose)


def fit_scaling(train: Windows, horizon: int) -> Scaling:
    """Ranges of the demonstrations, from at most 20 thousand frames."""
    rows = np.unique(np.linspace(0, len(train) - 1, 20_000).astype(np.int64))
    return Scaling.fit(train.states[rows], train.chunks(rows, horizon))


def train(config: TrainConfig, say: Say, typed: str = "") -> Path:
    """Train, or go on training; the path of the exported policy.

    Raises:
        BadStore: the data are missing or torn.
        BadCheckpoint: `out` holds a training of another configuration.
    """
    if config.pose_steps + config.joint_steps > config.steps:
        raise BadConfig(f"--steps {config.steps} are all steps; --pose-steps and --joint-steps are parts of them.")
    config.out.mkdir(parents=True, exist_ok=True)
    data = read(config, say)
    if config.step.pose_loss > 0 and not np.isfinite(data.pose.poses).any():
        say("The data hold no true pose: the picture encoder learns from the actions, as with --pose-loss 0.")
        config = replace(config, step=replace(config.step, pose_loss=0.0))
    learner, checkpoint = _learner(config, data, say), config.out / "training.safetensors"
    if checkpoint.exists():
        learner.resume(checkpoint)
        say(f"going on at step {learner.steps}")
    rule = ExportRule(config.out, config.pose_steps if config.step.pose_loss > 0 else 0, config.patience)
    log = Log(config.out / "history.jsonl", learner.steps, config.steps, lambda progress: say(progress.words()))
    _take_steps(config, data, learner, log, rule, _about(config, data, learner, typed))
    say(chosen_words(curves.read(log.path, learner.steps), rule))
    return config.out / "policy.safetensors"


def _take_steps(
    config: TrainConfig, data: Data, learner: Learner, log: Log, rule: ExportRule, card: dict[str, Any]
) -> None:
    """All steps that are left, unless patience ends first."""
    looked, frozen = [Source("pose data", data.pose)], False
    demonstrations = [Source("demonstrations", data.train)]
    stopped = exhausted(curves.read(log.path, learner.steps), rule)
    while learner.steps < config.steps and not stopped:
        phase, begin, end = config.phase(learner.steps)
        if phase == "act" and not frozen:
            if learner.steps == begin:
                learner.settle()
            learner.freeze(demonstrations)
            frozen = True
        losses = learner.step(looked if phase == "look" else demonstrations, config.rate(learner.steps), phase)
        log.add(learner.steps, end, phase, losses)
        if learner.steps % config.every == 0 or learner.steps == end:
            keep(learner, data.validation, log, rule, card)
            stopped = exhausted(curves.read(log.path, learner.steps), rule)


def _learner(config: TrainConfig, data: Data, say: Say) -> Learner:
    """Untrained, on the device and with the precision of this training."""
    scaling, device = fit_scaling(data.train, config.backbone.config.horizon), chosen_device(config.device)
    sources = [Source("demonstrations", data.train)]
    measure = step_seconds(config.backbone, scaling, config.step, sources, "both", device)
    bf16 = use_bf16(config.precision, config.out / "training.safetensors", measure, say)
    return Learner(config.backbone, scaling, config.step, config.seed, bf16, device)


def told_words(pose: bool) -> str:
    """What a policy was told, for its card."""
    seen = "Frames, measured end effectors and commanded actions of demonstrations"
    if not pose:
        return f"{seen}; no true pose of the object, not even in training."
    return (
        f"{seen}. In training a head of the picture encoder also learns the true pose of the object; "
        "the policy itself sees frames and end effectors."
    )


def _about(config: TrainConfig, data: Data, learner: Learner, typed: str) -> dict[str, Any]:
    """Entries of the card that are the same for every export of this training."""
    shape = config.backbone.config
    return {
        "task": shape.task,
        "kind": config.backbone.kind,
        "config": asdict(shape),
        "workcell": config.workcell.to_dict(),
        "data": {
            "demonstrations": [str(folder) for folder in config.data],
            "kinds": list(config.kinds) or "all",
            "episodes": data.train.episodes,
            "frames": len(data.train),
            "validation_episodes": data.validation.episodes,
            "pose_data": [str(folder) for folder in config.pose_data],
            "pose_frames": len(data.pose) if config.step.pose_loss > 0 else 0,
        },
        "told": told_words(config.step.pose_loss > 0),
        "training": {
            **asdict(config.step),
            "steps": config.steps,
            "pose_steps": config.pose_steps,
            "joint_steps": config.joint_steps,
            "patience": config.patience,
            "seed": config.seed,
            "device": str(learner.device),
            "precision": "bf16" if learner.bf16 else "float32",
        },
        "command": typed,
        "commit": commit(),
    }
