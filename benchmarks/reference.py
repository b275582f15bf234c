"""The reference world: what it costs, what its observation hides, how chaotic it is; operator and judge in it.

    python -m benchmarks.reference

The operator's and the judge's figures take minutes and are read from assets/reference, where the commands that are
printed beside them wrote them.
"""

import json
import sys
import time
from typing import Any

import numpy as np

from core.task import Scene
from models.evaluation import chaos
from models.evaluation.figures import JUDGE_PATH, OPERATOR_PATH, read_figures
from models.evaluation.hidden_state import HiddenState, hidden_state
from models.tasks.push_t import geometry as g
from models.tasks.push_t.scenes import start_parameters
from models.worlds.reference.world import ReferenceWorld, load

EPISODES = 40
FIRST_SEED = 910_000


OPERATOR_COMMAND = f"main.py evaluate operator --attempts 200 --out {OPERATOR_PATH}"
JUDGE_COMMAND = f"main.py evaluate judge --out {JUDGE_PATH}"


def _milliseconds(world: ReferenceWorld, rounds: int = 200) -> tuple[float, float]:
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


def _figure(value: float, unit: str, goal: str = "", holds: bool | None = None) -> dict[str, object]:
    figure: dict[str, object] = {"value": round(value, 4), "unit": unit}
    return figure if holds is None else {**figure, "goal": goal, "holds": holds}


def _lines(found: HiddenState, step_ms: float, views_ms: float) -> list[str]:
    return [
        f"one step {step_ms:.2f} ms, both 128 px views {views_ms:.2f} ms (one thread, software OpenGL, medians)",
        "",
        f"Hidden state: restart from what is measured, at rest ({EPISODES} episodes, {found.steps} moving steps)",
        f"  T moves       {found.motion_cm:.3f} cm  {found.motion_deg:.2f} degrees per step, mean",
        f"  error, mean   {found.error_cm:.3f} cm  {found.error_deg:.2f} degrees = {found.share:.1%} of the motion",
        f"  error, median {found.median_cm:.3f} cm  {found.median_deg:.2f} degrees",
        f"  tool points   {found.hand_cm:.3f} cm, mean",
        "",
        "Chaos: the same actions from a T that is 1 mm and 1 degree off",
        chaos.describe(chaos.read()),
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


def main() -> int:
    world = load()
    step_ms, views_ms = _milliseconds(world)
    found = hidden_state(world, range(FIRST_SEED, FIRST_SEED + EPISODES))
    operator, judge = read_figures(OPERATOR_PATH, OPERATOR_COMMAND), read_figures(JUDGE_PATH, JUDGE_COMMAND)
    lines = _lines(found, step_ms, views_ms) + _kept_lines(operator, judge)
    sys.stdout.write("\n".join(lines) + "\n")
    figures = {
        "hidden_state_share": _figure(found.share, "1", "<= 0.15", found.share <= 0.15),
        "transition_ms": _figure(step_ms + views_ms, "ms", "<= 5", step_ms + views_ms <= 5),
        "hidden_state_cm": _figure(found.error_cm, "cm"),
        "hidden_state_deg": _figure(found.error_deg, "degrees"),
        "operator_success": _figure(operator["success"], "1", ">= 0.95", operator["success"] >= 0.95),
        "operator_success_low": _figure(operator["interval"][0], "1"),
        "judge_agreement": _figure(judge["groups"]["all"]["agreement"], "1"),
        "chaos_50_median_cm": _figure(chaos.read()[2].median_cm, "cm"),
    }
    sys.stdout.write(json.dumps({"benchmark": "reference", "figures": figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
