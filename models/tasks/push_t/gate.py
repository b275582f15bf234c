"""When the judge of Push-T has to look: only near the target, and once for a T that rests with the hands out of sight.

The T is where the first picture shows it, moved by as much as the world's object has moved since. From a coverage of
0.8 on, the judge's coverage differed from that of this pose by at most 0.031 in 16 attempts in the reference world and
0.020 in 16 in the learned one; by at most 0.004 between steps at which the T rested and the hands were high and apart.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.workcell import Workcell
from models.tasks.push_t import geometry as g
from models.tasks.push_t.following import moved, offset_of

NEAR: Final = 0.86
"""Coverage by the carried pose below which the judge is not asked: success needs 0.90."""
CERTAIN: Final = 0.985
"""Progress, reached at a coverage of about 0.885, up to which a verdict is kept while nothing that matters moves."""
STILL: Final = 1e-5
"""Metres and radians within which a T counts as resting; the simulator's drifts by less."""
HIGH: Final = 0.105
APART: Final = 0.15
"""Metres above the table and beside the T from which a hand changes nothing in the pixels around the T."""
_CLOSE: Final = 0.03
_ALIGNED: Final = 0.35
"""Metres and radians off the target beyond which no T covers NEAR of it."""


@dataclass(frozen=True, slots=True, eq=False)
class PushTGateState:
    """What an attempt's gate knows."""

    offset: NDArray[np.float64] | None
    """(3,) planar pose of the T in the frame of the world's object; None where the start shows no T."""
    kept: NDArray[np.float64] | None = None
    """(3,) object pose of a verdict that holds while the T rests; None where there is none."""


class PushTGate:
    """See models.evaluation.gate.Gate."""

    def __init__(self, workcell: Workcell = g.WORKCELL) -> None:
        self._workcell = workcell

    def start(self, observation: Observation, pose: NDArray[np.float64]) -> PushTGateState:
        """Where the T lies in the frame of the world's object, by the judge's own perception."""
        return PushTGateState(offset_of(observation, pose, self._workcell))

    def may_succeed(self, state: PushTGateState, pose: NDArray[np.float64], hands: NDArray[np.float32]) -> bool:
        """Whether the T may cover enough of the target and no kept verdict says that it does not."""
        if state.offset is None:
            return True
        t = moved(pose, state.offset)
        turn = (t[2] - g.TARGET_POSE[2] + np.pi) % (2 * np.pi) - np.pi
        if np.hypot(t[0] - g.TARGET_POSE[0], t[1] - g.TARGET_POSE[1]) > _CLOSE or abs(turn) > _ALIGNED:
            return False
        if state.kept is not None and np.abs(pose - state.kept).max() < STILL and _clear(t, hands):
            return False
        return g.coverage(t) > NEAR

    def after(
        self, state: PushTGateState, pose: NDArray[np.float64], hands: NDArray[np.float32], progress: float
    ) -> PushTGateState:
        """Keep a verdict that is clearly below success, where the hands hide nothing."""
        certain = state.offset is not None and progress <= CERTAIN and _clear(moved(pose, state.offset), hands)
        return replace(state, kept=pose if certain else None)


def load(workcell: Workcell) -> PushTGate:
    """The gate of the task in a workcell."""
    return PushTGate(workcell)


def _clear(t: NDArray[np.float64], hands: NDArray[np.float32]) -> bool:
    """Whether both hands are high above the table and beside a T at (3,)."""
    places = hands.reshape(2, 7)[:, :3]
    beside = np.hypot(places[:, 0] - t[0], places[:, 1] - t[1])
    return bool((places[:, 2] > HIGH).all() and (beside > APART).all())
