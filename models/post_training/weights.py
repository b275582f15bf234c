"""What each step of a source weighs, from who drove it: pure functions of labels.

Labels are those of models/datasets/export/labels.py: -1 demonstration, 0 robot, 1 intervention, -10 right before one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.datasets.export.labels import BEFORE, DEMONSTRATION, INTERVENTION, ROBOT
from models.post_training.options import Weights

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
SIRIUS_INTERVENTIONS: Final = 0.5
"""Part of all weight that Sirius gives to interventions."""
SIRIUS_BEFORE: Final = 0.002
"""Part that it gives to the steps right before them."""


def iwr(label: Ints) -> Floats:
    """Interventions and everything else get half of the weight each: w = N / (2 N_class) (Mandlekar et al. 2020).

    Where one of the two is empty, the other one keeps weight 1.
    """
    driven = label == INTERVENTION
    if driven.all() or not driven.any():
        return np.ones(len(label), np.float32)
    count = np.where(driven, driven.sum(), (~driven).sum())
    return np.asarray(len(label) / (2.0 * count), np.float32)


def sirius(label: Ints) -> Floats:
    """The weights of Sirius (Liu et al. 2022), then scaled to a mean of 1.

    With r the fraction of a class: demonstrations 1, interventions 0.5 / r, the steps before them 0.002 / r, and
    rollouts share what is left, (1 - 0.5 - 0.002 - r_demo) / r. An empty class has no weight to hand out; where
    demonstrations leave nothing for rollouts (r_demo above 0.498), those weigh 0 instead of less.
    """
    fraction = {kind: float((label == kind).mean()) for kind in (DEMONSTRATION, ROBOT, INTERVENTION, BEFORE)}
    left = max(0.0, 1.0 - SIRIUS_INTERVENTIONS - SIRIUS_BEFORE - fraction[DEMONSTRATION])
    mass = {
        DEMONSTRATION: fraction[DEMONSTRATION],
        ROBOT: left,
        INTERVENTION: SIRIUS_INTERVENTIONS,
        BEFORE: SIRIUS_BEFORE,
    }
    weight = np.zeros(len(label), np.float64)
    for kind, part in fraction.items():
        if part > 0.0:
            weight[label == kind] = mass[kind] / part
    return np.asarray(weight / weight.mean(), np.float32)


def weighed(label: Ints, since_take_over: Ints, weights: Weights) -> Floats:
    """The weight of each step, with a mean of 1.

    Args:
        label: (n,) labels.
        since_take_over: (n,) steps since the operator took over, 0 for the first one; -1 where another one drove.
        weights: The choice.
    """
    if len(label) == 0:
        return np.empty(0, np.float32)
    match weights.kind:
        case "uniform":
            found = np.ones(len(label), np.float32)
        case "iwr":
            found = iwr(label)
        case "sirius":
            found = sirius(label)
    first = (since_take_over >= 0) & (since_take_over < weights.first_steps)
    found = np.where(first, found * np.float32(weights.first_weight), found)
    return np.asarray(found / found.mean(), np.float32)
