"""Which recorded steps become a training set, and what they weigh, as one value."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from core.branch_tree import Outcome, Review
from core.errors import BadConfig
from models.datasets.export.options import OUTCOMES, REVIEWS, SIRIUS_WINDOW

Part = Literal["whole", "operator"]
Weighting = Literal["uniform", "iwr", "sirius"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
WEIGHTINGS: Final[tuple[Weighting, ...]] = get_args(Weighting)
NOT_REJECTED: Final[tuple[Review, ...]] = tuple(
    review for review in REVIEWS if review not in ("rejected", "needs_work")
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which branches and which of their steps are read."""

    part: Part = "operator"
    """Operator: what the operator drove on the branch itself. Whole: the attempt from the start of its episode."""
    review: tuple[Review, ...] = ("accepted",)
    """Branches with one of these reviews."""
    outcome: tuple[Outcome, ...] = OUTCOMES
    """Branches with one of these outcomes."""
    driven: Literal["operator", "policy"] = "operator"
    """Operator: branches in which the operator drove at least one step. Policy: branches in which the
    policy drove every step."""
    before: int = SIRIUS_WINDOW
    """Steps of the policy right before a take-over that are no lesson: dropped, or kept at the weight that Sirius
    gives them."""
    idle: bool = False
    """Whether steps in which the operator's hands rested stay in."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a step weighs against the other steps of its source; the share of the source is decided apart from it."""

    kind: Weighting = "uniform"
    first_steps: int = 20
    """Steps after a take-over that weigh `first_weight` times as much."""
    first_weight: float = 1.0


CORRECTIONS: Final = Selection()
OWN_SUCCESSES: Final = Selection(part="whole", review=NOT_REJECTED, outcome=("success",), driven="policy")
"""Complete attempts that the policy solved without an operator."""


def check(selection: Selection, weights: Weights) -> None:
    """Refuse numbers that mean nothing.

    Raises:
        BadConfig: in words.
    """
    if selection.before < 0:
        raise BadConfig(f"The window before a take-over is {selection.before} steps long; say 0 or more.")
    if weights.first_steps < 0 or not 0.0 < weights.first_weight < float("inf"):
        raise BadConfig(
            f"The first {weights.first_steps} steps after a take-over cannot weigh {weights.first_weight:g} times as "
            "much. Say a number of steps of at least 0 and a weight above 0."
        )
