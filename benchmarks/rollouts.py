"""Bulk rollouts: imagined steps per second by batch size, in the reference and in the learned world.

python -m benchmarks.rollouts

A rollout here is everything that an evaluation does: the policy, the world, pictures where policy or judge look, the
judge where the task's gate lets a success be possible. The yardstick is the same evaluation as it would be without any
of that, in the same run and in turn with it: the same seeds one by one, every step drawn and judged. Outcomes are equal
(tests/models/evaluation/test_fast_rollout.py). One process, one thread. Beside it, steps of the policy trainer.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.figures import Figure, Goal, report
from benchmarks.machine_yardsticks import PEAK_SIZE, matrix_product
from benchmarks.options import machine, parser
from core.policy import Policy
from core.task import Task
from core.world import World
from models.evaluation.attempts import attempt
from models.evaluation.gate import Gate
from models.evaluation.rollout import RolloutConfig, build, gate_of
from models.training.policy.step_config import StepConfig

BATCHES = (1, 4, 16, 64)
RATIO_AT = 16
RATIO = 3.0
"""How many times the steps per second of the yardstick a batch of RATIO_AT should reach."""
TURNS = 4
"""Pieces into which the seeds of the ratio are divided, so that yardstick and batch take turns."""
WORLDS = {"reference": "reference", "transport": "learned"}
LOOKS = 20
TRAINING_STEPS = 10


def steps_per_second(
    parts: tuple[World, Policy, Task], seeds: Sequence[int], limit: int | None, gate: Gate | None
) -> tuple[int, float]:
    """Control steps of one attempt per seed, in one batch, and the seconds that they took."""
    began = time.perf_counter()
    done = attempt(*parts, seeds, limit, gate=gate)
    return sum(one.steps for one in done), time.perf_counter() - began


def one_by_one_ratio(
    parts: tuple[World, Policy, Task], seeds: Sequence[int], limit: int | None, gate: Gate | None
) -> tuple[float, float, float]:
    """Steps per second of the batch and of the yardstick, and their ratio, taken in turns on the same seeds."""
    fast, slow = np.zeros(2), np.zeros(2)
    fast += steps_per_second(parts, seeds, limit, gate)
    share = -(-len(seeds) // TURNS)
    for at in range(0, len(seeds), share):
        for seed in seeds[at : at + share]:
            slow += steps_per_second(parts, [seed], limit, None)
        fast += steps_per_second(parts, seeds, limit, gate)
    per_s, yardstick = float(fast[0] / fast[1]), float(slow[0] / slow[1])
    return per_s, yardstick, per_s / yardstick


def look_ms(parts: tuple[World, Policy, Task], seeds: Sequence[int], rounds: int) -> float:
    """Milliseconds that the policy takes per look in a batch; median."""
    world, policy, task = parts
    seen = world.observe(world.reset([task.scene(seed) for seed in seeds], list(seeds)))
    states, times = policy.start([[observation] for observation in seen]), []
    for _ in range(rounds):
        began = time.perf_counter()
        policy.act(seen, states, list(seeds))
        times.append(1e3 * (time.perf_counter() - began) / len(seeds))
    return float(np.median(times))


def of_world(config: RolloutConfig, batches: Sequence[int]) -> list[Figure]:
    """The figures of one world."""
    parts = build(config)
    gate, name = gate_of(config, parts), WORLDS.get(config.world, config.world)
    steps_per_second(parts, config.seeds[:1], 2, gate)
    figures = []
    for batch in batches:
        steps, seconds = steps_per_second(parts, replace(config, attempts=batch).seeds, config.max_steps, gate)
        figures.append(Figure(f"{name}_batch{batch}_per_s", f"{name}: batch {batch}", steps / seconds, "1/s"))
    seeds = replace(config, attempts=RATIO_AT).seeds
    _, slow, ratio = one_by_one_ratio(parts, seeds, config.max_steps, gate)
    return [
        *figures,
        Figure(f"{name}_one_by_one_per_s", "  yardstick: one by one, every step drawn and judged", slow, "1/s"),
        Figure(f"{name}_batch16_ratio", "  batch 16 over the yardstick", ratio, "1", Goal(">=", RATIO)),
        Figure(f"{name}_look1_ms", "  policy per look, batch 1", look_ms(parts, seeds[:1], LOOKS), "ms"),
        Figure(f"{name}_look16_ms", "  policy per look, batch 16", look_ms(parts, seeds, LOOKS), "ms"),
    ]


def training(quick: bool) -> list[Figure]:
    """The figures of the policy trainer: the shipped sizes, or tiny ones."""
    from benchmarks.training_steps import training_figures  # torch, which --help needs not

    if not quick:
        return training_figures(512, TRAINING_STEPS, StepConfig(), {})
    tiny = {"frame_size": 32, "image_size": 16, "channels": 8, "keypoints": 8, "horizon": 4}
    return training_figures(16, 1, StepConfig(batch=4, chunks_per_look=1), tiny)


def main(words: Sequence[str] | None = None) -> int:
    options = parser("rollouts", __doc__, "short attempts in batches of 1 and 4")
    options.add_argument("--worlds", nargs="+", default=list(WORLDS), help="(default: %(default)s)")
    options.add_argument("--policy", default="diffusion", help="(default: %(default)s)")
    args = options.parse_args(words)
    batches, limit = ((1, 4), 4) if args.quick else (BATCHES, None)
    product = matrix_product()
    figures: list[Figure] = []
    for world in args.worlds:
        figures += of_world(RolloutConfig(world=world, policy=args.policy, max_steps=limit), batches)
    ratio = min(figure.value for figure in figures if figure.name.endswith("_batch16_ratio"))
    figures += [
        Figure("batch16_ratio", "batch 16 over one by one, the smaller one", ratio, "1", Goal(">=", RATIO)),
        Figure("product_ms", f"product of two {PEAK_SIZE} x {PEAK_SIZE} matrices, best of 5", product, "ms"),
    ]
    figures += training(args.quick)
    report("rollouts", f"Imagined steps of whole evaluations. {machine()}", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
