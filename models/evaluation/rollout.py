"""Run any policy in any world: success with its interval, progress, video.

main.py rollout --world reference --policy diffusion --attempts 200 --processes 2
"""

import argparse
import json
import math
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BadConfig
from core.observation import Observation
from core.policy import Policy
from core.task import Task
from core.world import World
from models import DEFAULT_TASK, POLICIES, TASKS, WORLDS, load_gate, load_policy, load_world
from models.evaluation.attempts import Attempt, attempt
from models.evaluation.gate import Gate
from models.evaluation.intervals import wilson
from models.evaluation.video import side_by_side, write_video

FIRST_SEED = 100_000
"""Of evaluations in a simulator: above every shipped start, below every seed of demonstrations and play."""
SIMULATORS = frozenset({"reference", "toy"})
"""Worlds that start from any seed, without a picture."""


@dataclass(frozen=True, slots=True)
class RolloutConfig:
    """Which policy is run in which world, from which starts."""

    world: str = "transport"
    policy: str = "diffusion"
    task: str = ""
    """"": the world's own."""
    weights: Path | None = None
    """Of the policy, where it takes some; its default otherwise."""
    world_weights: Path | None = None
    first_seed: int | None = None
    """None: FIRST_SEED in the reference world; elsewhere 0, since a learned world starts from shipped pictures."""
    attempts: int = 20
    batch: int = 16
    processes: int = 1
    max_steps: int | None = None
    """None: the task's."""
    every_step: bool = False
    """Draw and judge every step, also those that the task's gate rules out: slower, with the same outcomes."""

    @property
    def seeds(self) -> range:
        """One per attempt."""
        default = FIRST_SEED if self.world == "reference" else 0
        first = default if self.first_seed is None else self.first_seed
        return range(first, first + self.attempts)


def build(config: RolloutConfig) -> tuple[World, Policy, Task]:
    """World, policy and task by name.

    Raises:
        StudioError: an unknown name, missing or torn weights.
    """
    world: World = load_world(config.world, config.task or DEFAULT_TASK, config.world_weights)
    task: Task = TASKS.load(config.task or world.spec.task)(world.spec.workcell)
    return world, load_policy(config.policy, task.name, config.weights), task


def gate_of(config: RolloutConfig, parts: tuple[World, Policy, Task]) -> Gate | None:
    """The task's gate, unless every step is to be judged or there is none."""
    world, _, task = parts
    gate: Gate | None = None if config.every_step else load_gate(task.name, world.spec.workcell)
    return gate


def require_starts(world: World, task: Task, seeds: range) -> None:
    """Refuse seeds without a picture before the first attempt, not after an hour of them.

    Raises:
        BadConfig: how many attempts there are starts for.
    """
    for seed in seeds:
        if task.scene(seed).observation is None:
            count = seed - seeds.start
            ways = f"Ask for at most --attempts {count}, or for" if count else "Choose another --first-seed, or"
            raise BadConfig(
                f"Seed {seed} has no shipped start, and a {world.spec.kind} world starts from pictures. "
                f"{ways} --world reference, which starts from any seed."
            )


def roll_out(config: RolloutConfig, say: Callable[[Sequence[Attempt]], None] = lambda done: None) -> list[Attempt]:
    """All attempts, in the order of their seeds; `say` gets the finished ones now and then.

    Raises:
        StudioError: an unknown name, missing or torn weights, or a seed that the world cannot start.
    """
    if config.world not in SIMULATORS:
        world: World = load_world(config.world, config.task or DEFAULT_TASK, config.world_weights)
        require_starts(world, TASKS.load(config.task or world.spec.task)(world.spec.workcell), config.seeds)
    shares = [config.seeds[i : i + config.batch] for i in range(0, config.attempts, config.batch)]
    done: list[Attempt] = []
    for finished in _play(config, shares):
        done += finished
        say(done)
    return sorted(done, key=lambda one: one.seed)


def _play(config: RolloutConfig, shares: Sequence[range]) -> Iterator[list[Attempt]]:
    if config.processes <= 1:
        parts = build(config)
        gate = gate_of(config, parts)
        for share in shares:
            yield attempt(*parts, share, config.max_steps, gate=gate)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(config.processes, context, _prepare, (config,)) as pool:
        yield from pool.map(_share, shares)


_worker: tuple[World, Policy, Task, int | None, Gate | None] | None = None
"""What a worker process built when it started: models, never episodes."""


def _prepare(config: RolloutConfig) -> None:
    global _worker
    parts = build(config)
    _worker = (*parts, config.max_steps, gate_of(config, parts))


def _share(seeds: range) -> list[Attempt]:
    assert _worker is not None
    world, policy, task, max_steps, gate = _worker
    return attempt(world, policy, task, seeds, max_steps, gate=gate)


def summary(config: RolloutConfig, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """What `--json` prints."""
    successes = sum(one.success for one in attempts)
    interval = wilson(successes, len(attempts))
    steps = [one.steps for one in attempts if one.success]
    return {
        "world": config.world,
        "policy": config.policy,
        "weights": "" if config.weights is None else str(config.weights),
        "first_seed": config.seeds.start,
        "attempts": len(attempts),
        "successes": successes,
        "success": successes / max(len(attempts), 1),
        "wilson_95": [interval.low, interval.high],
        "mean_progress": float(np.mean([one.progress for one in attempts])) if attempts else math.nan,
        "mean_best_progress": float(np.mean([one.best_progress for one in attempts])) if attempts else math.nan,
        "median_steps_to_success": float(np.median(steps)) if steps else None,
    }


def film(config: RolloutConfig, path: Path, attempts: int) -> None:
    """The first attempts one after the other, as a video."""
    world, policy, task = build(config)
    seen: list[Observation] = []
    for seed in config.seeds[:attempts]:
        attempt(world, policy, task, [seed], config.max_steps, lambda row, observation: seen.append(observation))
    write_video(path, (side_by_side(observation) for observation in seen), 1.0 / world.spec.dt)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py rollout`."""
    default = RolloutConfig()
    parser.add_argument("--world", default=default.world, help=f"one of: {', '.join(WORLDS)}")
    parser.add_argument("--policy", default=default.policy, help=f"one of: {', '.join(POLICIES)}")
    parser.add_argument("--task", default="", help="the world's own where left away")
    parser.add_argument("--weights", type=Path, help="weights of the policy (default: the shipped ones)")
    parser.add_argument("--world-weights", type=Path, help="weights of the world (default: the shipped ones)")
    parser.add_argument("--attempts", type=int, default=default.attempts, help="one per seed")
    parser.add_argument("--first-seed", type=int, help="(default: 100000 in the simulator, else 0)")
    parser.add_argument("--batch", type=int, default=default.batch, help="attempts that are stepped in one batch")
    parser.add_argument("--processes", type=int, default=default.processes, help="processes that share the attempts")
    parser.add_argument("--max-steps", type=int, help="control steps of an attempt (default: the task's)")
    parser.add_argument("--every-step", action="store_true", help="draw and judge every step; slower, same outcomes")
    parser.add_argument("--video", type=Path, help="write the first attempts to this MP4 file")
    parser.add_argument("--video-attempts", type=int, default=4, help="how many of them")
    parser.add_argument("--each", action="store_true", help="print every attempt, not only the summary")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py rollout`."""
    for name in ("attempts", "batch", "processes", "video_attempts"):
        if getattr(args, name) < 1:
            raise BadConfig(f"--{name.replace('_', '-')} must be at least 1, not {getattr(args, name)}.")
    if args.max_steps is not None and args.max_steps < 1:
        raise BadConfig(f"--max-steps must be at least 1, not {args.max_steps}.")
    config = RolloutConfig(
        world=args.world,
        policy=args.policy,
        task=args.task,
        weights=args.weights,
        world_weights=args.world_weights,
        first_seed=args.first_seed,
        attempts=args.attempts,
        batch=min(args.batch, -(-args.attempts // args.processes)),
        processes=args.processes,
        max_steps=args.max_steps,
        every_step=args.every_step,
    )
    if args.video is not None and not args.video.absolute().parent.is_dir():
        raise BadConfig(f"The video {args.video} has no folder to be written to. Make {args.video.parent} first.")
    began = time.monotonic()
    attempts = roll_out(config, lambda done: _progress(done, config.attempts, began))
    result = summary(config, attempts) | {"seconds": round(time.monotonic() - began, 1)}
    if args.video is not None:
        film(config, args.video, args.video_attempts)
        result["video"] = str(args.video)
    if args.json:
        print(json.dumps(result | {"each": [asdict(one) for one in attempts]}))
        return 0
    if args.each:
        for one in attempts:
            outcome = "success" if one.success else "failure"
            print(f"seed {one.seed}: {outcome} after {one.steps} steps, progress {one.progress:.2f}")
    low, high = result["wilson_95"]
    print(
        f"{config.policy} in {config.world}: {result['successes']} of {result['attempts']} "
        f"({result['success']:.1%}, Wilson 95 % {low:.1%} .. {high:.1%}), "
        f"mean progress {result['mean_progress']:.2f}, best on the way {result['mean_best_progress']:.2f}"
    )
    return 0


def _progress(done: Sequence[Attempt], total: int, began: float) -> None:
    """One line on standard error."""
    taken = time.monotonic() - began
    left = taken / len(done) * (total - len(done))
    successes = sum(one.success for one in done)
    print(f"{len(done)}/{total} attempts, {successes} successes, {left / 60:.1f} min left", file=sys.stderr, flush=True)
