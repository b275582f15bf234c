"""The reference world: what it costs, what its observation hides, how chaotic it is; operator and judge in it.

    python -m benchmarks.reference

The operator's and the judge's figures take minutes and are read from assets/reference, where the commands that are
printed beside them wrote them.
"""

import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.figures import Figure, Goal, report
from benchmarks.options import machine, parser
from core.task import Scene
from models.evaluation.figures import JUDGE_PATH, OPERATOR_PATH, read_figures
from models.tasks.push_t import geometry as g
from models.tasks.push_t.evaluation import chaos
from models.tasks.push_t.evaluation.hidden_state import HiddenState, hidden_state
from models.tasks.push_t.scenes import start_parameters
from models.worlds.reference.world import ReferenceWorld, load

EPISODES = 40
FIRST_SEED = 910_000


OPERATOR_COMMAND = f"main.py evaluate operator --attempts 200 --out {OPERATOR_PATH}"
JUDGE_COMMAND = f"main.py evaluate judge --out {JUDGE_PATH}"


def _milliseconds(world: ReferenceWorld, rounds: int) -> tuple[float, float]:
    """Of one step and of drawing both views, medians."""
    (state,) = world.reset([Scene(g.TASK, 0, start_parameters(0))], [0])
    action = g.HOME[None, None]
    world.observe([state])
    steps, views = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        (state,), _ = world.step([state], action, [0])
        drawn = time.perf_counter()
        world.observe([state])
        steps.append(drawn - began)
        views.append(time.perf_counter() - drawn)
    return float(1e3 * np.median(steps)), float(1e3 * np.median(views))


def _lines(found: HiddenState, episodes: int) -> list[str]:
    return [
        f"Hidden state: restart from what is measured, at rest ({episodes} episodes, {found.steps} moving steps)",
        f"  T moves       {found.motion_cm:.3f} cm  {found.motion_deg:.2f} degrees per step, mean",
        f"  error, mean   {found.error_cm:.3f} cm  {found.error_deg:.2f} degrees = {found.share:.1%} of the motion",
        f"  error, median {found.median_cm:.3f} cm  {found.median_deg:.2f} degrees",
        f"  tool points   {found.hand_cm:.3f} cm, mean",
        "",
        "Chaos: the same actions from a T that is 1 mm and 1 degree off",
        *chaos.describe(chaos.read()).splitlines(),
    ]


def _figures(
    found: HiddenState, step_ms: float, views_ms: float, operator: dict[str, Any], judge: dict[str, Any]
) -> list[Figure]:
    return [
        Figure("hidden_state_share", "hidden state, share of the motion", found.share, "1", Goal("<=", 0.15)),
        Figure("transition_ms", "one step and both views", step_ms + views_ms, "ms", Goal("<=", 5)),
        Figure("step_ms", "  one step", step_ms, "ms"),
        Figure("views_ms", "  both 128 px views, software OpenGL", views_ms, "ms"),
        Figure("hidden_state_cm", "hidden state, mean position error", found.error_cm, "cm"),
        Figure("hidden_state_deg", "hidden state, mean angle error", found.error_deg, "degrees"),
        Figure("operator_success", "scripted operator, successes", operator["success"], "1", Goal(">=", 0.95)),
        Figure("operator_success_low", "  95 % Wilson, low end", operator["interval"][0], "1"),
        Figure("judge_agreement", "judge and truth agree on success", judge["groups"]["all"]["agreement"], "1"),
        Figure("chaos_50_median_cm", "chaos after 50 steps, median", chaos.read()[2].median_cm, "cm"),
    ]


def _kept_lines(operator: dict[str, Any], judge: dict[str, Any]) -> list[str]:
    """Operator and judge, as their commands left them."""
    low, high = operator["interval"]
    everything, hidden = judge["groups"]["all"], judge["groups"]["occluded"]
    return [
        "",
        f"Scripted operator, from pictures only ({operator['command']})",
        f"  solves {operator['success']:.1%} of {operator['attempts']} starts, 95 % Wilson {low:.1%} .. {high:.1%}; "
        f"{operator['steps_median']:.0f} steps, median",
        "",
        f"Judge, from pictures only, against the simulator ({judge['command']})",
        f"  {everything['frames']} frames: {everything['position_mm_median']:.2f} mm and "
        f"{everything['angle_deg_median']:.2f} degrees off, medians; "
        f"success agrees in {everything['agreement']:.2%}, of {hidden['frames']} occluded ones in "
        f"{hidden['agreement']:.2%}",
    ]


def main(words: Sequence[str] | None = None) -> int:
    args = parser("reference", __doc__, "two episodes").parse_args(words)
    episodes, rounds = (2, 10) if args.quick else (EPISODES, 200)
    title = f"The reference world, one thread, medians. {machine()}"
    world = load()
    step_ms, views_ms = _milliseconds(world, rounds)
    found = hidden_state(world, range(FIRST_SEED, FIRST_SEED + episodes))
    operator, judge = read_figures(OPERATOR_PATH, OPERATOR_COMMAND), read_figures(JUDGE_PATH, JUDGE_COMMAND)
    figures = _figures(found, step_ms, views_ms, operator, judge)
    report("reference", title, figures, _lines(found, episodes) + _kept_lines(operator, judge))
    return 0


if __name__ == "__main__":
    sys.exit(main())
