"""How often the scripted operator solves Push-T in the reference world, through the same control as any hand.

    main.py evaluate operator --attempts 200 --workers 2

Each attempt: the device is shown pictures and measured end effectors, its reading goes through core.control, the
command into the world. It runs until the T lies well and both hands are home again, or until the time is up.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.control import ControlConfig, command, start
from core.observation import Observation
from models import TASKS, WORLDS, load_operator
from models.arguments import positive
from models.evaluation.figures import write_figures
from models.evaluation.intervals import wilson

FIRST_SEED: Final = 500_000
"""Of evaluations, as in models/evaluation/rollout.py."""
_REST_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class OperatorAttempt:
    """How one start went."""

    seed: int
    success: bool
    """The judge saw a success on the way."""
    stays: bool
    """At the end, with the hands away, the T truly covers enough."""
    steps: int
    """Control steps to the first success, or all of them."""
    total: int
    """Control steps until the hands rested again, or all of them."""
    coverage: float
    """True coverage at the end, 0..1."""


def attempt(world: Any, task: Any, seed: int, style: int = 0) -> OperatorAttempt:
    """One start, from pictures, through device and control."""
    from models.tasks.push_t import geometry as g  # the truth is asked for only to be reported

    operator = load_operator(task.name)(style)
    operator.connect()
    (state,) = world.reset([task.scene(seed)], [seed])
    (seen,) = world.observe([state])
    control, config, spec = start(seen.ee_state, world.spec.limits), ControlConfig(), world.spec
    first, idle, i = None, 0, 0
    for i in range(task.max_steps):
        operator.show(seen.frames, seen.ee_state, i * spec.dt)
        asked = command(operator.read(), control, config, spec.limits, spec.dt)
        control = asked.state
        (state,), _ = world.step([state], asked.action[None, None], [seed])
        (seen,) = world.observe([state])
        if first is None and _succeeds(task, seen):
            first = i + 1
        idle = idle + 1 if first is not None and asked.idle else 0
        if idle >= _REST_STEPS:
            break
    operator.disconnect()
    covered = g.coverage(world.truth(state)["object_pose"])
    steps = task.max_steps if first is None else first
    return OperatorAttempt(seed, first is not None, covered >= g.SUCCESS_COVERAGE, steps, i + 1, covered)


def _succeeds(task: Any, seen: Observation) -> bool:
    _, success = task.judge([seen])
    return bool(success[0])


_PARTS: dict[str, Any] = {}
"""World and task of a worker process."""


def _prepare(look: str) -> None:
    os.environ.setdefault("LP_NUM_THREADS", "0")  # software OpenGL on the worker's own thread
    _PARTS["world"], _PARTS["task"] = WORLDS.load("reference")(look), TASKS.load("push_t")()


def _one(job: tuple[int, int]) -> OperatorAttempt:
    return attempt(_PARTS["world"], _PARTS["task"], *job)


def evaluate(seeds: Sequence[int], workers: int, style: int, look: str = "shipped") -> list[OperatorAttempt]:
    """One attempt per seed, in parallel; progress on standard error."""
    began, results = time.monotonic(), []
    with multiprocessing.get_context("spawn").Pool(workers, _prepare, (look,)) as pool:
        for result in pool.imap(_one, [(seed, style) for seed in seeds]):
            results.append(result)
            left = (time.monotonic() - began) / len(results) * (len(seeds) - len(results))
            won = sum(r.success for r in results)
            sys.stderr.write(f"\r{len(results)} of {len(seeds)}, {won} solved, {left / 60:.1f} min left   ")
            sys.stderr.flush()
    sys.stderr.write("\n")
    return results


def describe(results: Sequence[OperatorAttempt]) -> tuple[str, dict[str, Any]]:
    """The figures in words and as plain values."""
    count, won, stay = len(results), sum(r.success for r in results), sum(r.stays for r in results)
    interval, staying = wilson(won, count), wilson(stay, count)
    steps = np.array([float(r.steps) for r in results if r.success] or [np.nan])
    totals, covered = np.array([r.total for r in results]), np.array([r.coverage for r in results])
    figures = {
        "attempts": count,
        "success": won / count,
        "interval": [interval.low, interval.high],
        "stays": stay / count,
        "stays_interval": [staying.low, staying.high],
        "steps_median": float(np.median(steps)),
        "total_median": float(np.median(totals)),
        "coverage_median": float(np.median(covered)),
        "failed_seeds": [r.seed for r in results if not (r.success and r.stays)],
        "results": [asdict(r) for r in results],
    }
    words = (
        f"success {won}/{count} = {won / count:.1%}, 95 % Wilson {interval.low:.1%} .. {interval.high:.1%} (judge)\n"
        f"still covered in truth when the hands are home: {stay}/{count} = {stay / count:.1%}, "
        f"{staying.low:.1%} .. {staying.high:.1%}\n"
        f"steps to success {np.percentile(steps, 5):.0f} / {np.median(steps):.0f} / {np.percentile(steps, 95):.0f} "
        f"(5 % / median / 95 %), until home {np.median(totals):.0f}; true coverage at the end, median "
        f"{np.median(covered):.3f}\nfailed seeds: {figures['failed_seeds'] or 'none'}"
    )
    return words, figures


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `main.py evaluate operator`."""
    parser.add_argument("--attempts", "--n", type=positive, default=200, help="starts (default: %(default)s)")
    parser.add_argument("--workers", type=positive, default=2, help="processes (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help="(default: %(default)s)")
    parser.add_argument("--style", type=int, default=0, help="way of working (default: %(default)s)")
    parser.add_argument("--look", default="shipped", help="look of the reference world (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--out", type=Path, help="keep the figures in this JSON file too")


def run(args: argparse.Namespace) -> int:
    """Evaluate and print."""
    seeds = range(args.first_seed, args.first_seed + args.attempts)
    words, figures = describe(evaluate(seeds, args.workers, args.style, args.look))
    if args.out:
        command = f"main.py evaluate operator --attempts {args.attempts} --first-seed {args.first_seed}"
        command += f" --style {args.style} --look {args.look} --out {args.out}"
        write_figures(args.out, command, WORLDS.load("reference")(args.look).spec.identity.to_dict(), figures)
    sys.stdout.write((json.dumps(figures) if args.json else words) + "\n")
    return 0
