"""Train a policy from recorded episodes, resumable.

    main.py train policy --data data/push_t/demos --out runs/policy

First the picture encoder learns where the object is (where the recordings hold the truth: a loss of training
only), then everything learns to denoise action chunks. Every few hundred steps the averaged weights are
validated on other episodes and exported; a killed training goes on with the same command.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from core.errors import BadConfig
from core.workcell import Workcell, shipped_workcell
from models.datasets.dataset_parts import SetInfo, set_info
from models.datasets.provenance import command, commit
from models.policies.diffusion.checkpoint import Checkpoint, save
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.scaling import Floats, Scaling
from models.training.diffusion import curves
from models.training.diffusion.dataset import Windows, read_windows
from models.training.diffusion.learner import Learner, Phase, StepConfig
from models.training.diffusion.schedule import ddim_tables
from models.training.diffusion.validation import validate

Say = Callable[[str], None]
RATE = 5e-4
JOINT_RATE = 1e-4
WARM_UP = 300
"""Steps over which the learning rate rises from zero."""
REPORT_EVERY = 50


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
    """Steps of the picture encoder alone."""
    joint_steps: int = 2000
    """Last steps, in which everything learns; between the two the encoder is frozen, which is five times faster."""
    steps: int = 30000
    """Steps in all."""
    every: int = 1000
    """Steps between validations and exports."""
    seed: int = 0
    bf16: bool = True
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the network learns; auto takes CUDA where there is one."""
    network: DiffusionConfig = field(default_factory=DiffusionConfig)
    """Task, cameras and size of pictures are those of the data: see network_of()."""
    workcell: Workcell = field(default_factory=shipped_workcell)
    """Of the data, for the card."""
    step: StepConfig = field(default_factory=StepConfig)

    def phase(self, step: int) -> tuple[Phase, int, int]:
        """What learns at a step, and the first and last step of that phase."""
        joint = self.steps - self.joint_steps
        if step < self.pose_steps:
            return "look", 0, self.pose_steps
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


def network_of(data: SetInfo, cameras: Sequence[str], **sizes: Any) -> DiffusionConfig:
    """The network for some data sets.

    Args:
        data: Their task and workcell.
        cameras: That the policy sees; all of the data where empty.
        sizes: Further fields of DiffusionConfig.

    Raises:
        BadConfig: no such camera, or pictures that do not fit; in words.
    """
    seen = [data.workcell.camera(name) for name in cameras] or list(data.workcell.cameras)
    edges = {edge for camera in seen for edge in (camera.width, camera.height)}
    if len(edges) > 1:
        found = ", ".join(f"{camera.name} {camera.width} x {camera.height}" for camera in seen)
        raise BadConfig(
            f"A diffusion policy sees square pictures of one size; the data have {found}. Choose --cameras."
        )
    edge, names = edges.pop(), tuple(camera.name for camera in seen)
    network = DiffusionConfig(task=data.task, cameras=names, frame_size=edge, **sizes)
    if edge % network.image_size:
        whole = ", ".join(str(edge // n) for n in range(1, 5) if edge % n == 0)
        raise BadConfig(
            f"--image-size {network.image_size} is no whole fraction of {edge}, the size of the pictures. "
            f"Possible: {whole}."
        )
    return network


def read(config: TrainConfig, say: Say) -> Data:
    """All pictures, shrunk, into memory."""

    def windows(name: str, folders: tuple[Path, ...], split: str, most: int | None, kinds: tuple[str, ...]) -> Windows:
        began = time.monotonic()
        found = read_windows(folders, config.network, split, kinds, most, config.out / "cache")
        say(f"{name}: {found.episodes} episodes, {len(found)} frames ({time.monotonic() - began:.0f} s)")
        return found

    train = windows("demonstrations", config.data, "train", config.episodes, config.kinds)
    validation = windows("validation", config.data, "validation", config.episodes, config.kinds)
    pose = windows("pose data", config.pose_data, "train", config.pose_episodes, ()) if config.pose_data else train
    return Data(train, validation, pose)


def chosen_device(wanted: str) -> str:
    """The torch device that "auto", "cpu" or "cuda" means here.

    Raises:
        BadConfig: CUDA was asked for, and there is none.
    """
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise BadConfig("--device cuda: torch finds no CUDA device. Use --device cpu, or see docs/install.md.")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


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
    scaling = fit_scaling(data.train, config.network.horizon)
    device = chosen_device(config.device)
    learner = Learner(config.network, scaling, config.step, config.seed, config.bf16, device)
    if (config.out / "training.safetensors").exists():
        learner.resume(config.out / "training.safetensors")
        say(f"going on at step {learner.steps}")
    log = _Log(config, learner.steps, say)
    about = _about(config, data, typed, device)
    seen: Floats | None = None
    while learner.steps < config.steps:
        phase, begin, end = config.phase(learner.steps)
        if phase == "act" and seen is None:
            if learner.steps == begin:
                learner.settle()
            seen = learner.looking(data.train)
        losses = learner.step(data.pose if phase == "look" else data.train, config.rate(learner.steps), phase, seen)
        log.add(learner.steps, end, phase, losses)
        if learner.steps % config.every == 0 or learner.steps == end:
            _keep(config, learner, data, about, log)
    return config.out / "policy.safetensors"


class _Log:
    """Means of the losses, on the screen and in the history; drops what a resume will do again."""

    def __init__(self, config: TrainConfig, step: int, say: Say) -> None:
        self.path, self.say, self._total = config.out / "history.jsonl", say, config.steps
        curves.rewrite(self.path, curves.read(self.path, step))
        self._sums: dict[str, float] = {}
        self._since = (time.monotonic(), step)

    def add(self, step: int, end: int, phase: Phase, losses: dict[str, float]) -> None:
        """One step was taken; `end` is the last one of its phase."""
        self._sums = {name: self._sums.get(name, 0.0) + value for name, value in losses.items()}
        if step % REPORT_EVERY and step != end:
            return
        began, first = self._since
        seconds, taken = time.monotonic() - began, step - first
        row = {name: value / taken for name, value in self._sums.items()}
        curves.append(self.path, {"step": float(step), **row})
        text = " ".join(f"{name} {value:.4f}" for name, value in row.items())
        left = (end - step) * seconds / taken / 60
        self.say(
            f"step {step}/{self._total} ({phase}) {text} {seconds / taken * 1e3:.0f} ms, phase: {left:.0f} min left"
        )
        self._sums, self._since = {}, (time.monotonic(), step)

    def figures(self, step: int, figures: dict[str, float]) -> None:
        """Results of a validation."""
        self.say(f"step {step}, validation: " + ", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
        curves.append(self.path, {"step": float(step), **figures})
        self._since = (time.monotonic(), step)


def _keep(config: TrainConfig, learner: Learner, data: Data, about: dict[str, Any], log: _Log) -> None:
    """Validate, export, save what a resume needs, draw the curves."""
    tables = ddim_tables(config.network)
    figures = validate(learner.averaged(), learner.scaling, tables, data.validation, config.network.executed)
    log.figures(learner.steps, figures)
    if learner.steps > config.pose_steps:
        checkpoint = Checkpoint(config.network, learner.scaling, tables, learner.weights(), "")
        card = {**about, "step": learner.steps, "validation": figures}
        save(config.out / "checkpoints" / f"step-{learner.steps:06d}.safetensors", checkpoint, card)
        save(config.out / "policy.safetensors", checkpoint, card)
    learner.save(config.out / "training.safetensors")
    curves.draw(curves.read(log.path, learner.steps), config.out / "curves.png")


def _about(config: TrainConfig, data: Data, typed: str, device: str) -> dict[str, Any]:
    """Entries of the card that are the same for every export of this training."""
    return {
        "task": config.network.task,
        "kind": "diffusion",
        "config": asdict(config.network),
        "workcell": config.workcell.to_dict(),
        "data": {
            "demonstrations": [str(folder) for folder in config.data],
            "kinds": list(config.kinds) or "all",
            "episodes": data.train.episodes,
            "frames": len(data.train),
            "pose_data": [str(folder) for folder in config.pose_data],
            "pose_frames": len(data.pose),
        },
        "told": (
            "Frames, measured end effectors and commanded actions of demonstrations. In training a head of the "
            "picture encoder also learns the true pose of the object; the policy itself sees frames and end effectors."
        ),
        "training": {
            **asdict(config.step),
            "steps": config.steps,
            "pose_steps": config.pose_steps,
            "joint_steps": config.joint_steps,
            "seed": config.seed,
            "device": device,
        },
        "command": typed,
        "commit": commit(),
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py train policy`."""
    default = TrainConfig()
    parser.add_argument("--kind", choices=["diffusion"], default="diffusion", help="what to train")
    parser.add_argument("--data", type=Path, nargs="+", default=list(default.data), help="data sets of demonstrations")
    parser.add_argument("--kinds", nargs="*", default=[], help="kinds of episodes to imitate (default: all)")
    parser.add_argument("--cameras", nargs="+", default=[], help="what the policy sees (default: all of the data)")
    parser.add_argument("--pose-data", type=Path, nargs="*", default=[], help="more data for the picture encoder")
    parser.add_argument("--episodes", type=int, help="at most this many demonstrations")
    parser.add_argument("--pose-episodes", type=int, help="at most this many episodes of --pose-data")
    parser.add_argument("--out", type=Path, default=default.out, help="folder of checkpoints, curves and the policy")
    parser.add_argument("--steps", type=int, default=default.steps, help="steps in all")
    parser.add_argument("--pose-steps", type=int, default=default.pose_steps, help="of these, the encoder alone")
    parser.add_argument("--joint-steps", type=int, default=default.joint_steps, help="the last ones, everything learns")
    parser.add_argument("--every", type=int, default=default.every, help="steps between validations and exports")
    parser.add_argument("--batch", type=int, default=default.step.batch)
    parser.add_argument(
        "--image-size", type=int, default=default.network.image_size, help="what the encoder sees, pixels"
    )
    parser.add_argument("--executed", type=int, default=default.network.executed, help="actions carried out per look")
    parser.add_argument(
        "--prediction", choices=["sample", "epsilon", "v_prediction"], default=default.network.prediction
    )
    parser.add_argument(
        "--pose-loss", type=float, default=default.step.pose_loss, help="0: no truth, not even in training"
    )
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default=default.device, help="auto: CUDA where there is one"
    )
    parser.add_argument("--float32", action="store_true", help="no bf16 arithmetic")


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py train policy`."""
    import torch

    torch.set_num_threads(args.threads)
    data = set_info([*args.data, *args.pose_data])
    config = TrainConfig(
        data=tuple(args.data),
        kinds=tuple(args.kinds),
        pose_data=tuple(args.pose_data),
        episodes=args.episodes,
        pose_episodes=args.pose_episodes,
        out=args.out,
        pose_steps=args.pose_steps if args.pose_loss > 0 else 0,
        joint_steps=args.joint_steps if args.pose_loss > 0 else args.steps,
        steps=args.steps,
        every=args.every,
        seed=args.seed,
        bf16=not args.float32,
        device=args.device,
        network=network_of(
            data, args.cameras, image_size=args.image_size, executed=args.executed, prediction=args.prediction
        ),
        workcell=data.workcell,
        step=StepConfig(batch=args.batch, pose_loss=args.pose_loss),
    )
    path = train(config, lambda line: print(line, file=sys.stderr, flush=True), command())
    print(f"The policy is {os.fspath(path)}; try it: main.py rollout --policy diffusion --weights {os.fspath(path)}")
    return 0
