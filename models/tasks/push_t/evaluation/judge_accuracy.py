"""How far the judge of Push-T, which sees only pictures, is from the truth of the simulator.

    main.py evaluate judge --episodes 24

Frames come from attempts of the scripted operator (hands on, over and beside the T, also near the target) and from
random placements of T and hands close to the target, where success is decided; there the hands hide much of the T.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.seeds import generator
from core.task import Scene
from models import TASKS, WORLDS
from models.arguments import positive
from models.evaluation.figures import write_figures
from models.tasks.push_t import geometry as g
from models.tasks.push_t.direct import DirectOperator
from models.tasks.push_t.judge import Verdict, verdict
from models.tasks.push_t.perception import Detection

FIRST_SEED: Final = 510_000
HIDDEN_BELOW: Final = 0.80
"""A frame counts as occluded where less than this part of the T is in sight from the top."""
_PER_EPISODE: Final = 40
_NOT_CLEAR: Final = 0.01
"""Around the threshold neither answer is wrong to the eye: agreement is also given without this band of coverage."""

Seen = tuple[Observation, NDArray[np.float64]]


def frames_of(world: Any, task: Any, seed: int) -> Iterator[Seen]:
    """Observations and true poses (3,): an attempt of the operator, then hands at random over a T near the target."""
    (state,) = world.reset([task.scene(seed)], [seed])
    operator = DirectOperator()
    for _ in range(task.max_steps):
        (seen,) = world.observe([state])
        yield seen, world.truth(state)["object_pose"]
        action = operator.targets(seen.frames, seen.ee_state)
        if operator.finished:
            break
        (state,), _ = world.step([state], action[None, None], [seed])
    random = generator(seed)
    for _ in range(_PER_EPISODE):
        pose = np.array(g.TARGET_POSE) + random.uniform(-1, 1, 3) * (0.010, 0.010, 0.10)
        ee = g.HOME.astype(np.float64)
        for arm in range(2):
            at = pose[:2] + random.uniform(-0.10, 0.10, 2)
            ee[arm * 7 : arm * 7 + 3] = *at, random.uniform(0.045, 0.16)
            ee[arm * 7 + 5], ee[arm * 7 + 6] = random.uniform(-np.pi, np.pi), random.uniform(0, 1)
        scene = Scene(g.TASK, seed, {"object_pose": tuple(pose), "ee": tuple(ee)})
        (state,) = world.reset([scene], [seed])
        yield world.observe([state])[0], world.truth(state)["object_pose"]


def _row(said: Verdict, pose: NDArray[np.float64]) -> tuple[float, ...]:
    """Said and true coverage, error m, error rad, part in sight; NaN where no T was found."""
    true, found = g.coverage(pose), said.detection
    if found is None:
        return (said.coverage, true, np.nan, np.nan, np.nan)
    return (said.coverage, true, *_errors(found, pose), found.visible)


def _errors(found: Detection, pose: NDArray[np.float64]) -> tuple[float, float]:
    turn = (found.pose[2] - pose[2] + np.pi) % (2 * np.pi) - np.pi
    return float(np.hypot(*(found.pose[:2] - pose[:2]))), float(abs(turn))


def measure(episodes: int, look: str = "shipped", first_seed: int = FIRST_SEED) -> NDArray[np.float64]:
    """(N, 5) rows of said coverage, true coverage, position error m, angle error rad, part in sight."""
    world, task = WORLDS.load("reference")(look), TASKS.load(g.TASK)()
    rows = []
    for i in range(episodes):
        rows += [_row(verdict(seen), pose) for seen, pose in frames_of(world, task, first_seed + i)]
        sys.stderr.write(f"\r{i + 1} of {episodes} episodes, {len(rows)} frames   ")
        sys.stderr.flush()
    sys.stderr.write("\n")
    return np.array(rows)


def figures(rows: NDArray[np.float64]) -> dict[str, float]:
    """Errors and agreement of rows of `measure`."""
    said, true, gap, turn, _ = rows.T
    wrong = (said >= g.SUCCESS_COVERAGE) != (true >= g.SUCCESS_COVERAGE)
    clear = np.abs(true - g.SUCCESS_COVERAGE) > _NOT_CLEAR
    found, off = np.isfinite(gap), np.abs(said - true)
    gaps, turns = (values[found] if found.any() else np.array([np.nan]) for values in (gap, turn))
    return {
        "frames": len(rows),
        "found": float(found.mean()),
        "position_mm_median": float(np.median(gaps) * 1e3),
        "position_mm_p95": float(np.percentile(gaps, 95) * 1e3),
        "angle_deg_median": float(np.rad2deg(np.median(turns))),
        "angle_deg_p95": float(np.rad2deg(np.percentile(turns, 95))),
        "coverage_error_median": float(np.median(off)),
        "coverage_error_p95": float(np.percentile(off, 95)),
        "agreement": float(1.0 - wrong.mean()),
        "agreement_clear": float(1.0 - wrong[clear].mean()) if clear.any() else 1.0,
        "near_threshold": float(np.mean(np.abs(true - g.SUCCESS_COVERAGE) < 0.1)),
    }


def groups(rows: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Figures of all frames, of those with an unhidden T and of those where hands hide part of it."""
    hidden = ~(rows[:, 4] >= HIDDEN_BELOW)
    chosen = {"all": np.ones(len(rows), np.bool_), "in sight": ~hidden, "occluded": hidden}
    return {name: figures(rows[mask]) for name, mask in chosen.items() if mask.any()}


def describe(result: dict[str, dict[str, float]]) -> str:
    """A table."""
    lines = ["frames      number   found   position mm   angle deg   coverage error   success agrees   beyond +-0.01"]
    for name, f in result.items():
        lines.append(
            f"{name:<10} {f['frames']:>7} {f['found']:>7.1%}"
            f"   {f['position_mm_median']:.2f} / {f['position_mm_p95']:.2f}"
            f"   {f['angle_deg_median']:.2f} / {f['angle_deg_p95']:.2f}"
            f"   {f['coverage_error_median']:.4f} / {f['coverage_error_p95']:.4f}"
            f"   {f['agreement']:>12.2%}   {f['agreement_clear']:>12.2%}"
        )
    return "\n".join([*lines, "errors: median / 95th percentile against the simulator"])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `main.py evaluate judge`."""
    parser.add_argument("--episodes", type=positive, default=24, help="attempts to look at (default: %(default)s)")
    parser.add_argument("--look", default="shipped", help="look of the reference world (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--out", type=Path, help="keep the figures in this JSON file too")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    result = groups(measure(args.episodes, args.look))
    if args.out:
        command = f"main.py evaluate judge --episodes {args.episodes} --look {args.look} --out {args.out}"
        about = WORLDS.load("reference")(args.look).spec.identity.to_dict()
        write_figures(args.out, command, about, {"episodes": args.episodes, "groups": result})
    sys.stdout.write((json.dumps(result) if args.json else describe(result)) + "\n")
    return 0
