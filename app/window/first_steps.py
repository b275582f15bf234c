"""Hints that lead a new operator once through failure, roll back, correction and success. No Qt."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from core.branch_tree import BranchTree
from core.events import Status

Stage = Literal["start", "watch", "roll_back", "take_over", "correct", "done"]
IDLE_STEPS = 10
"""Idle steps of a correction, one after the other, after which freezing is offered."""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """How far the operator has come."""

    stage: Stage = "start"
    idle: int = 0
    """Recorded steps one after the other in which the hands rested."""
    last: tuple[int, int] = (0, -1)
    """Branch and node that were looked at last."""
    freeze_offered: bool = False


def looked(steps: FirstSteps, status: Status, tree: BranchTree, key: Callable[[str], str]) -> tuple[FirstSteps, str]:
    """The next value, and a hint to show; "" where there is none.

    Args:
        steps: How far the operator has come.
        status: The newest one.
        tree: The newest one.
        key: From the name of a command to its key, as the user reads it.
    """
    steps, offer = _idle(steps, status, key)
    if offer:
        return steps, offer
    branch = tree.branches.get(status.head.branch)
    if branch is None:
        return steps, ""
    failed = any(other.outcome in ("failure", "timeout") for other in tree.branches.values())
    if not failed and steps.stage in ("roll_back", "take_over", "correct"):
        return replace(steps, stage="watch"), ""  # the mark was undone: there is no failure to correct
    match steps.stage:
        case "start" if status.phase == "PAUSED":
            return replace(steps, stage="watch"), f"{key('run')} lets the policy drive; watch it fail."
        case "watch" if failed:
            words = f"The policy failed. {key('to_failure')} goes back to where it went wrong."
            return replace(steps, stage="roll_back"), words
        case "roll_back" if status.phase == "PAUSED" and status.head.index < branch.length:
            words = f"{key('take_over')} takes over; the bottom line names the keys that move the hands."
            return replace(steps, stage="take_over"), words
        case "take_over" if status.phase == "CORRECTING":
            words = (
                f"Lower a hand and push. {key('take_over')} hands back to the policy, "
                f"{key('to_failure')} starts another try from the same failure."
            )
            return replace(steps, stage="correct"), words
        case "correct" if branch.kind == "correction" and branch.outcome == "success":
            words = f"Corrected; every try is kept. {key('mode_review')} reviews them, {key('next_scene')} goes on."
            return replace(steps, stage="done"), words
    return steps, ""


def _idle(steps: FirstSteps, status: Status, key: Callable[[str], str]) -> tuple[FirstSteps, str]:
    """Count idle steps of a correction; offer once to freeze the world while the hands rest."""
    here = (status.head.branch, status.head.index)
    if here == steps.last:
        return steps, ""
    rests = status.phase == "CORRECTING" and status.idle and not status.freeze_on_idle
    steps = replace(steps, last=here, idle=steps.idle + 1 if rests else 0)
    if steps.freeze_offered or steps.idle < IDLE_STEPS:
        return steps, ""
    words = f"The hands rest, and every step is recorded. {key('freeze_on_idle')} freezes the world while they rest."
    return replace(steps, freeze_offered=True), words
