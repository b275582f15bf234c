"""Two policies on the same scenes and seeds of one world: who won where.

main.py compare-policies --old assets/policies/push_t_base.safetensors --new runs/corrected/policy.safetensors
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import BadConfig
from core.policy import Policy
from models import DEFAULT_TASK, POLICIES, TASKS, WORLDS, load_policy, load_world
from models.arguments import positive
from models.evaluation.attempts import Attempt, attempt
from models.evaluation.paired import compared
from models.evaluation.rollout import SIMULATORS, RolloutConfig, gate_of, require_starts


@dataclass(frozen=True, slots=True)
class Pair:
    """Both attempts at one seed."""

    old: Attempt
    new: Attempt


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `main.py compare-policies`."""
    default = RolloutConfig()
    for name, words in (("old", "one policy"), ("new", "the other one")):
        parser.add_argument(f"--{name}", required=True, help=f"{words}: a weights file, or a name in {list(POLICIES)}")
    parser.add_argument("--world", default=default.world, help=f"one of: {', '.join(WORLDS)}")
    parser.add_argument("--world-weights", type=Path, help="weights of the world (default: the shipped ones)")
    parser.add_argument("--task", default="", help="the world's own where left away")
    parser.add_argument("--attempts", type=positive, default=default.attempts, help="one per seed, by each policy")
    parser.add_argument("--first-seed", type=int, help="(default: 100000 in the simulator, else 0)")
    parser.add_argument("--batch", type=positive, default=8, help="attempts that are stepped in one batch")
    parser.add_argument("--max-steps", type=positive, help="control steps of an attempt (default: the task's)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--progress", choices=("text", "json"), default="text", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py compare-policies`."""
    config = RolloutConfig(
        world=args.world, task=args.task, world_weights=args.world_weights, first_seed=args.first_seed,
        attempts=args.attempts, batch=args.batch, max_steps=args.max_steps,
    )  # fmt: skip
    if args.progress == "json":
        _be_a_job()
    began = time.monotonic()

    def say(pairs: Sequence[Pair]) -> None:
        left = (time.monotonic() - began) / len(pairs) * (config.attempts - len(pairs)) / 60
        if args.progress == "json":
            values = {"attempts": len(pairs), "of": config.attempts, "minutes_left": left, "seeds": rows(pairs)}
            print(json.dumps({"progress": values}), file=sys.stderr, flush=True)
        else:
            print(f"{len(pairs)}/{config.attempts} seeds, {left:.1f} min left", file=sys.stderr, flush=True)

    result = result_of(play(config, args.old, args.new, say)) | {"old": args.old, "new": args.new, "world": args.world}
    print(json.dumps(result) if args.json else words_of(result))
    return 0


def play(config: RolloutConfig, old: str, new: str, say: Callable[[Sequence[Pair]], None]) -> list[Pair]:
    """Both policies at every seed, in order; `say` gets all finished pairs after every batch.

    Raises:
        StudioError: parts that are missing or do not fit, or a seed that the world cannot start.
    """
    world = load_world(config.world, config.task or DEFAULT_TASK, config.world_weights)
    task = TASKS.load(config.task or world.spec.task)(world.spec.workcell)
    if config.world not in SIMULATORS:
        require_starts(world, task, config.seeds)
    policies = [named_policy(name, task.name) for name in (old, new)]
    gate = gate_of(config, (world, policies[0], task))
    pairs: list[Pair] = []
    for start in range(0, config.attempts, config.batch):
        seeds = config.seeds[start : start + config.batch]
        played = [attempt(world, policy, task, seeds, config.max_steps, gate=gate) for policy in policies]
        pairs += [Pair(*both) for both in zip(*played, strict=True)]
        say(pairs)
    return pairs


def named_policy(name: str, task: str) -> Policy:
    """A policy by its name in models.POLICIES, or by its weights file.

    Raises:
        StudioError: there is none, or it cannot be read.
    """
    from models.policies.chunks.checkpoint import policy_kind

    if name in POLICIES:
        policy: Policy = load_policy(name, task)
    else:
        policy = load_policy(policy_kind(Path(name)), task, Path(name))
    if policy.spec.task not in ("", task):
        raise BadConfig(f"The policy {name} is made for the task {policy.spec.task!r}, not for {task!r}.")
    return policy


def rows(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """One plain value a seed."""
    return [{"seed": pair.old.seed, "old": asdict(pair.old), "new": asdict(pair.new)} for pair in pairs]


def result_of(pairs: Sequence[Pair]) -> dict[str, Any]:
    """How often each of the four outcomes was, the difference with its interval, and every seed."""
    new, old = [pair.new.success for pair in pairs], [pair.old.success for pair in pairs]
    found = compared(new, old)
    both = sum(one and other for one, other in zip(new, old, strict=True))
    return {
        "attempts": found.attempts,
        "both": both,
        "only_old": found.lost,
        "only_new": found.won,
        "neither": found.attempts - both - found.lost - found.won,
        "gain": found.gain,
        "interval": [found.interval.low, found.interval.high],
        "p": found.p,
        "seeds": rows(pairs),
    }


def words_of(result: dict[str, Any]) -> str:
    """The result in two sentences."""
    low, high = (100 * value for value in result["interval"])
    return (
        f"Of {result['attempts']} seeds both policies solved {result['both']}, only the old one {result['only_old']}, "
        f"only the new one {result['only_new']}, neither {result['neither']}. "
        f"The new one is {100 * result['gain']:+.0f} points better "
        f"(95 % interval {low:+.0f} to {high:+.0f}, McNemar p = {result['p']:.3f})."
    )


def _be_a_job() -> None:
    """Low priority and one thread of torch, so that a running session is not slowed down."""
    from models.datasets.export.command import lower_priority

    lower_priority()
    try:
        import torch
    except ModuleNotFoundError:
        return
    torch.set_num_threads(1)
