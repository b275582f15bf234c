"""Corrections by a scripted operator, made in a session as a person makes them: from pictures, through a device.

The policy drives until it succeeds, stalls or runs out of time. Of a failure, the head goes back to where a correction
should begin, the operator takes over and drives until the task is solved and the hands are clear. The session records
all of it; branches that end in success are accepted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from core import verbs as v
from core.branch_tree import Head
from core.reading import Device, Watcher
from core.session import Session
from models.failures.finding import STALL, Course, find_failure, last_gain

Ended = Literal["success", "stalled", "timeout"]


@runtime_checkable
class Finishes(Protocol):
    """What a scripted operator adds to Device that knows when its work is done."""

    @property
    def finished(self) -> bool:
        """Whether the task is solved and the hands are clear."""


class Operator(Device, Watcher, Protocol):
    """A device that acts on pictures."""


@dataclass(frozen=True, slots=True)
class CorrectionPlan:
    """How failures are corrected."""

    points: int = 1
    """Of the proposed points of a failure, how many are corrected from; see models/failures/finding.py."""
    back: tuple[int, ...] = ()
    """In their place: steps before the failure was noticed at which the operator takes over."""
    most_steps: int = 250
    """Steps of the operator after which a correction is given up."""
    after_success: int = 20
    """Steps for which the policy drives on after a success, so that what it does then is recorded, too."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What came of one attempt of the policy."""

    trunk: int
    """Branch of the attempt."""
    scene: int
    """Seed of the scene."""
    ended: Ended
    steps: int
    """Of the attempt, until it succeeded or its failure was noticed."""
    corrections: tuple[int, ...] = ()
    """Branches of the operator that ended in success; they are accepted."""
    given_up: tuple[int, ...] = ()
    """Branches of the operator that did not; they are rejected."""
    operator_steps: int = 0
    """Of all corrections."""


def drive_policy(session: Session, wait: Callable[[], None] = lambda: None) -> tuple[Ended, Course]:
    """Let the policy drive from the start of an episode until it succeeds, stalls or runs out of time.

    Args:
        session: At the start of an episode, paused.
        wait: Called before each step; may wait until a recorder has caught up.
    """
    nodes, limit, ended = [session.node], session.parts.task.max_steps, False
    session.apply(v.Run())
    while session.phase == "AUTONOMOUS" and not ended:
        wait()
        session.tick(None)
        nodes.append(session.node)
        stalled = session.head.index >= last_gain([node.progress for node in nodes]) + STALL
        ended = session.node.success or stalled or session.head.index >= limit
    _pause(session)
    course = Course(
        np.array([node.progress for node in nodes]),
        np.array([node.trust for node in nodes]),
        np.stack([node.observation.ee_state for node in nodes]),
        session.node.success,
    )
    if course.success:
        return "success", course
    return "timeout" if session.head.index >= limit else "stalled", course


def forks(course: Course, plan: CorrectionPlan) -> list[int]:
    """The nodes of a failed attempt from which it is corrected."""
    failure = find_failure(course)
    if failure is None:
        return []
    if plan.back:
        return list(dict.fromkeys(max(0, failure.noticed - back) for back in plan.back))
    return [point.index for point in failure.points[: plan.points]]


def correct(
    session: Session, operator: Operator, at: Head, most_steps: int, wait: Callable[[], None] = lambda: None
) -> tuple[int, bool]:
    """One correction from a node; the branch that it became, and whether the task was solved at its end.

    Args:
        session: Whose driving device is set to the operator's name.
        operator: A new connection of it, so that it remembers no other attempt.
        at: Where it takes over.
        most_steps: Steps after which it gives up.
        wait: As in drive_policy.
    """
    session.apply(v.RollBack(at.branch, at.index))
    operator.connect()
    try:
        session.apply(v.TakeOver())
        for _ in range(most_steps):
            wait()
            seen = session.node
            operator.show(seen.observation.frames, seen.observation.ee_state, seen.world_time)
            if isinstance(operator, Finishes) and operator.finished and seen.success:
                break
            session.tick(operator.read())
            if session.phase == "PAUSED":  # at the first success; what follows belongs to it: to let go and to leave
                if not isinstance(operator, Finishes):
                    break
                session.apply(v.TakeOver())
    finally:
        operator.disconnect()
    _pause(session)
    return session.head.branch, bool(session.node.success)


def attempt_and_correct(
    session: Session,
    operators: Sequence[Operator],
    plan: CorrectionPlan,
    wait: Callable[[], None] = lambda: None,
) -> Corrected:
    """One attempt of the policy from the start of the current episode, and corrections where it fails."""
    trunk = session.head.branch
    scene = session.tree.branches[trunk].scene_seed
    ended, course = drive_policy(session, wait)
    steps = session.head.index
    if ended == "success":
        _drive_on(session, plan.after_success, wait)
        return Corrected(trunk, scene, ended, steps)
    session.apply(v.Mark("failure"))
    good: list[int] = []
    bad: list[int] = []
    driven = 0
    for operator in operators:
        session.apply(v.SetDevice(operator.name))
        for fork in forks(course, plan):
            branch, solved = correct(session, operator, Head(trunk, fork), plan.most_steps, wait)
            driven += session.head.index - fork
            session.apply(v.SetReview("accepted" if solved else "rejected"))
            if not solved:
                session.apply(v.SetOutcome("failure"))
            (good if solved else bad).append(branch)
    return Corrected(trunk, scene, ended, steps, tuple(good), tuple(bad), driven)


def _drive_on(session: Session, steps: int, wait: Callable[[], None]) -> None:
    """Let the policy drive on after a success."""
    if session.phase == "PAUSED":
        session.apply(v.Run())
    for _ in range(steps):
        wait()
        if session.phase != "AUTONOMOUS":
            break
        session.tick(None)
    _pause(session)


def _pause(session: Session) -> None:
    """Pause, where the session did not just do so."""
    if session.phase != "PAUSED":
        session.apply(v.Pause())
