"""What the reference world of Push-T hides and how chaotic it is, with what operator and judge reach in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from models.evaluation.figures import JUDGE_PATH, OPERATOR_PATH, read_figures
from models.tasks.push_t.evaluation import chaos
from models.tasks.push_t.evaluation.hidden_state import HiddenState, hidden_state

if TYPE_CHECKING:
    from models.worlds.reference.world import ReferenceWorld

FIRST_SEED = 910_000
OPERATOR_COMMAND = f"main.py evaluate operator --attempts 200 --out {OPERATOR_PATH}"
JUDGE_COMMAND = f"main.py evaluate judge --out {JUDGE_PATH}"


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure."""

    name: str
    label: str
    value: float
    unit: str
    goal: tuple[Literal["<=", ">="], float] | None = None
    """Comparison and bound, for example ("<=", 0.15)."""


def measure(world: "ReferenceWorld", episodes: int) -> tuple[Sequence[Measured], Sequence[str]]:
    """Figures, and lines of text; the operator's and the judge's are read as their commands left them.

    Args:
        world: The reference world of Push-T.
        episodes: Played for the hidden state.

    Raises:
        BadStore: a file of saved figures is missing or damaged.
    """
    found = hidden_state(world, range(FIRST_SEED, FIRST_SEED + episodes))
    operator, judge = read_figures(OPERATOR_PATH, OPERATOR_COMMAND), read_figures(JUDGE_PATH, JUDGE_COMMAND)
    return _figures(found, operator, judge), [*_lines(found, episodes), *_kept_lines(operator, judge)]


def _figures(found: HiddenState, operator: dict[str, Any], judge: dict[str, Any]) -> list[Measured]:
    agreement = judge["groups"]["all"]["agreement"]
    return [
        Measured("hidden_state_share", "hidden state, share of the motion", found.share, "1", ("<=", 0.15)),
        Measured("hidden_state_cm", "hidden state, mean position error", found.error_cm, "cm"),
        Measured("hidden_state_deg", "hidden state, mean angle error", found.error_deg, "degrees"),
        Measured("operator_success", "scripted operator, successes", operator["success"], "1", (">=", 0.95)),
        Measured("operator_success_low", "  95 % Wilson, low end", operator["interval"][0], "1"),
        Measured("judge_agreement", "judge and truth agree on success", agreement, "1"),
        Measured("chaos_50_median_cm", "chaos after 50 steps, median", chaos.read()[2].median_cm, "cm"),
    ]


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


def _kept_lines(operator: dict[str, Any], judge: dict[str, Any]) -> list[str]:
    """Operator and judge, as their commands saved them."""
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
