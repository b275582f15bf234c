"""How much of the motion does not follow from the observation: a lower bound of every learned world's one-step error.

From states met in play the reference world is restarted from what is measured (poses, no velocities) and takes
the same action; the difference to what truly happened is what no model of the observation can predict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.worlds.reference.world import ReferenceWorld


@dataclass(frozen=True, slots=True)
class HiddenState:
    """One-step figures over the steps in which the T moves; centimetres and degrees."""

    steps: int
    motion_cm: float
    """Mean motion of the T."""
    error_cm: float
    """Mean error of a restart from the observation."""
    median_cm: float
    motion_deg: float
    error_deg: float
    median_deg: float
    hand_cm: float
    """Mean error of the measured tool points."""

    @property
    def share(self) -> float:
        """Mean error over mean motion; to be below 0.15."""
        return self.error_cm / self.motion_cm


def turns(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angles (any shape) wrapped to -pi .. pi."""
    return np.asarray((angles + np.pi) % (2 * np.pi) - np.pi)


def hidden_state(world: "ReferenceWorld", seeds: Sequence[int]) -> HiddenState:
    """Measure on the play episodes of `seeds`."""
    from models.tasks.push_t.data.episodes import record  # the simulator only loads where it is used

    motions, errors, hands = [], [], []
    for seed in seeds:
        episode = record(world, seed, pictures=False)
        poses, ee = episode.truth["object_pose"].astype(np.float64), episode.ee_state.astype(np.float64)
        moved = poses[1:] - poses[:-1]
        moved[:, 2] = turns(moved[:, 2])
        chosen = np.flatnonzero((np.linalg.norm(moved[:, :2], axis=1) > 2e-4) | (np.abs(moved[:, 2]) > np.deg2rad(0.2)))
        if not len(chosen):
            continue
        starts = [world.at(poses[i], ee[i]) for i in chosen]
        after, _ = world.step(starts, episode.action[chosen, None], [seed] * len(chosen))
        reached = np.array([world.truth(s)["object_pose"] for s in after])
        gap = reached - poses[chosen + 1]
        gap[:, 2] = turns(gap[:, 2])
        motions.append(moved[chosen])
        errors.append(gap)
        tools = np.array([s.joints[[3, 4, 5, 11, 12, 13]] for s in after]).reshape(-1, 2, 3)
        truth = ee[chosen + 1].reshape(-1, 2, 7)[..., :3]
        hands.append(np.linalg.norm(tools - truth, axis=-1).ravel())
    return _summary(np.concatenate(motions), np.concatenate(errors), np.concatenate(hands))


def _summary(motion: NDArray[np.float64], error: NDArray[np.float64], hand: NDArray[np.float64]) -> HiddenState:
    far, off = 100 * np.linalg.norm(motion[:, :2], axis=1), 100 * np.linalg.norm(error[:, :2], axis=1)
    turned, twisted = np.rad2deg(np.abs(motion[:, 2])), np.rad2deg(np.abs(error[:, 2]))
    return HiddenState(
        len(motion),
        float(far.mean()),
        float(off.mean()),
        float(np.median(off)),
        float(turned.mean()),
        float(twisted.mean()),
        float(np.median(twisted)),
        float(100 * hand.mean()),
    )
