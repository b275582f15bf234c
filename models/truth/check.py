"""The actions of a recorded branch, played open loop in the reference world from the matching start.

A recording ends at its first success, with the hands in motion; so the last action is held for a second before the
outcome counts. Poses are compared up to the end of the actions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import BadStore
from core.seeds import step_seed
from core.task import Scene, Task
from core.world import World
from models.evaluation.gate import Gate
from models.evaluation.verdicts import Verdicts

POSITION_M: Final = 0.02
ANGLE_RAD: Final = 0.2
"""Apart by more than one of these, two poses diverge: what the learned world's trust promises."""


SETTLE: Final = 10
"""Steps for which the last action is held."""


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """What the reference world made of the actions."""

    poses: NDArray[np.float64]
    """(N + 1, 3) true poses of the object, from the start on; NaN where it was not found."""
    success_at: int | None
    """Steps until the task's judge first found a success; None where it found none."""
    success_at_end: bool
    """After the last action was held."""


@dataclass(frozen=True, slots=True)
class Check:
    """How a branch compares with the truth."""

    branch: int
    steps: int
    """That were played."""
    recorded_at: int | None
    """Steps until success as recorded; None where there was none."""
    true_at: int | None
    """Steps until success in the reference world; None where there was none."""
    true_at_end: bool
    """Whether it was a success there after the last action was held."""
    diverged_at: int | None
    """The step from which on the object was farther off than POSITION_M or ANGLE_RAD; None: never."""
    end_cm: float
    end_deg: float
    """Difference of the object's poses at the end."""
    worst_cm: float
    worst_deg: float
    """Largest differences on the way."""

    @property
    def agrees(self) -> bool:
        """Whether the outcome is the recorded one: success in both or in neither."""
        return (self.recorded_at is None) == (self.true_at is None)


def replay(reference: World, task: Task, gate: Gate | None, scene: Scene, actions: NDArray[np.float32]) -> Replayed:
    """Play (N, 14) actions and hold the last; the judge looks where the gate lets it, and at the end.

    Raises:
        StudioError: the reference world cannot start the scene, or refuses an action.
    """
    (state,) = reference.reset([scene], [scene.seed])
    verdicts = Verdicts(reference, task, gate, [state], reference.observe([state]))
    states, success_at = [state], 0 if verdicts.success[0] else None
    held = np.concatenate([actions, np.repeat(actions[-1:], SETTLE, 0)])
    for index, action in enumerate(held):
        command = reference.spec.limits.clip(action)[None, None]
        (state,), _ = reference.step([state], command, [step_seed(scene.seed, index)])
        states.append(state)
        last = index + 1 == len(held)
        if last or (success_at is None and verdicts.wanted([0], [state])[0]):
            verdicts.judge([(0, state, reference.observe([state])[0])])
            if success_at is None and verdicts.success[0]:
                success_at = index + 1
    poses = reference.object_poses(states[: len(actions) + 1])
    if poses is None:
        raise TypeError("a task with a follower has one object in the reference world")
    return Replayed(poses, success_at, verdicts.success[0])


def compare(
    branch: int, recorded: Sequence[NDArray[np.float64] | None], recorded_at: int | None, replayed: Replayed
) -> Check:
    """Hold the object's recorded poses, N + 1 of (3,) or None where it was not found, against the replayed ones.

    Raises:
        BadStore: the object was nowhere found in both.
    """
    found: NDArray[np.bool_] = np.isfinite(replayed.poses.sum(axis=1))
    known = [index for index, pose in enumerate(recorded) if pose is not None and found[index]]
    if not known:
        raise BadStore(f"The object of branch {branch} and that of the other recording are never both in sight.")
    gaps = np.array([_apart(recorded[index], replayed.poses[index]) for index in known]).reshape(-1, 2)
    off: NDArray[np.bool_] = (gaps[:, 0] > POSITION_M) | (gaps[:, 1] > ANGLE_RAD)
    near = np.flatnonzero(~off)
    first = (int(near[-1]) + 1 if len(near) else 0) if off[-1] else None
    end, worst = gaps[-1], gaps.max(0)
    return Check(
        branch=branch,
        steps=len(replayed.poses) - 1,
        recorded_at=recorded_at,
        true_at=replayed.success_at,
        true_at_end=replayed.success_at_end,
        diverged_at=None if first is None else known[first],
        end_cm=float(end[0]) * 100,
        end_deg=float(np.rad2deg(end[1])),
        worst_cm=float(worst[0]) * 100,
        worst_deg=float(np.rad2deg(worst[1])),
    )


def _apart(a: NDArray[np.float64] | None, b: NDArray[np.float64]) -> tuple[float, float]:
    """Metres and radians between planar poses."""
    assert a is not None
    turn = (a[2] - b[2] + np.pi) % (2 * np.pi) - np.pi
    return float(np.hypot(a[0] - b[0], a[1] - b[1])), float(abs(turn))
