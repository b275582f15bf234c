"""The reference world of a task: what it costs, what its observation hides, how chaotic it is; operator and judge.

    python -m benchmarks.reference

The operator's and the judge's figures take minutes and are read from assets/reference, where the commands that are
printed beside them wrote them. The yardstick of a transition is a matrix product on one thread, in turn with it.
"""

import sys
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.figures import Figure, Goal, report
from benchmarks.machine_yardsticks import PEAK_SIZE, matrix_product
from benchmarks.options import machine, parser
from core.world import World
from models import DEFAULT_TASK, TASKS, load_simulator_figures
from models.worlds.reference.world import load

EPISODES = 40
IN_A_ROW = 10
"""Transitions before it is the turn of the yardstick."""


def _milliseconds(world: World, rounds: int) -> tuple[float, float, float]:
    """Of one step, of drawing all views, and of a matrix product in turn with them, medians."""
    (state,) = world.reset([TASKS.load(world.spec.task)().scene(0)], [0])
    action = world.spec.home[None, None]
    world.observe([state])
    steps, views, products = [], [], []
    for number in range(rounds):
        if number % IN_A_ROW == 0:
            products.append(matrix_product(1))
        began = time.perf_counter()
        (state,), _ = world.step([state], action, [0])
        drawn = time.perf_counter()
        world.observe([state])
        steps.append(drawn - began)
        views.append(time.perf_counter() - drawn)
    return float(1e3 * np.median(steps)), float(1e3 * np.median(views)), float(np.median(products))


def main(words: Sequence[str] | None = None) -> int:
    options = parser("reference", __doc__, "two episodes")
    options.add_argument("--task", default=DEFAULT_TASK, help="whose objects are simulated (default: %(default)s)")
    args = options.parse_args(words)
    episodes, rounds = (2, 10) if args.quick else (EPISODES, 200)
    title = f"The reference world, one thread, medians. {machine()}"
    world = load(task=args.task)
    step_ms, views_ms, product_ms = _milliseconds(world, rounds)
    measured, lines = load_simulator_figures(args.task)(world, episodes)
    figures = [
        Figure("transition_ms", "one step and all views", step_ms + views_ms, "ms", Goal("<=", 5)),
        Figure("transition_ratio", "  over the matrix product", (step_ms + views_ms) / product_ms, "1"),
        Figure("product_ms", f"yardstick: product of two {PEAK_SIZE} x {PEAK_SIZE} matrices", product_ms, "ms"),
        Figure("step_ms", "  one step", step_ms, "ms"),
        Figure("views_ms", "  all views, software OpenGL", views_ms, "ms"),
        *(Figure(m.name, m.label, m.value, m.unit, None if m.goal is None else Goal(*m.goal)) for m in measured),
    ]
    report("reference", title, figures, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
