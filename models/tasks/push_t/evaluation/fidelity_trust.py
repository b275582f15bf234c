"""Trust against the outcome of trials that were never used for tuning, and on unusual starts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from core.observation import Observation
from core.world import World
from models.tasks.push_t.evaluation.fidelity_measures import start, start_amid
from models.tasks.push_t.evaluation.fidelity_metrics import Recorded, auroc, imagine, pose_errors, reliability

TRUST_STEPS: Final = 10
"""How many steps the trust speaks of."""
EARLIEST: Final = 20
"""Hands rarely reach the object before this frame."""
BINS: Final = 8

Figures = dict[str, Any]


def trust(world: World, rollouts: Sequence[Recorded], odd: Mapping[str, Sequence[Observation]]) -> Figures:
    """Trust at a step against what the next steps did, and its median for every kind of start."""
    tolerance = world.spec.tolerance
    score, good = [], []
    for run in rollouts:
        for frame in [f for f in sorted(run.frames) if f >= EARLIEST and f + TRUST_STEPS < len(run.object_pose)]:
            made = imagine(world, start_amid(world, run, frame), run.action[frame : frame + TRUST_STEPS])
            apart, turn = pose_errors(made.pose, run.object_pose[frame : frame + TRUST_STEPS + 1])
            score.append(made.trust[0])
            good.append((apart.max() < tolerance["position_m"]) and (turn.max() < tolerance["angle_rad"]))
    scores, within = np.asarray(score, np.float32), np.asarray(good)
    return {
        "n": len(scores), "within": float(within.mean()), "auroc": auroc(scores, within),
        "reliability": reliability(scores, within, BINS), "brier": float(((scores - within) ** 2).mean()),
        "odd_starts": {kind: _median_trust(world, starts) for kind, starts in odd.items()},
        "tolerance": {k: float(v) for k, v in tolerance.items()},
    }  # fmt: skip


def _median_trust(world: World, starts: Sequence[Observation]) -> float:
    """Of a first step in which the hands stay where they are."""
    states = [start(world, s) for s in starts]
    rest = np.stack([world.spec.limits.clip(s.ee_state) for s in starts])
    _, believed = world.step(states, rest[:, None], [0] * len(states))
    return float("nan") if believed is None else float(np.median(believed))
