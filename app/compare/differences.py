"""How far apart branches are, offset by offset. No Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.playback.tracks import Track
from core.action import ARMS, GRIPPER, POSITION, arm_slice


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Of two tracks, over the offsets at which both have a step."""

    offsets: NDArray[np.float64]
    """(N,) steps from the fork."""
    distance: NDArray[np.float64]
    """(N, 2) metres between the commanded positions of each arm."""
    gripper: NDArray[np.float64]
    """(N, 2) difference of the commanded opening, -1..1; second minus first."""


def difference(first: Track, second: Track, anchors: tuple[int, int]) -> Difference:
    """Commanded actions of the second track against the first, aligned at their anchors."""
    low = max(-anchors[0], -anchors[1])
    high = min(first.last - anchors[0], second.last - anchors[1])
    offsets = np.arange(low, high + 1)
    a = first.action[offsets + anchors[0]].astype(np.float64)
    b = second.action[offsets + anchors[1]].astype(np.float64)
    apart, opening = [], []
    for arm in range(len(ARMS)):
        one, two = a[:, arm_slice(arm)], b[:, arm_slice(arm)]
        apart.append(np.linalg.norm(two[:, POSITION] - one[:, POSITION], axis=1))
        opening.append(two[:, GRIPPER] - one[:, GRIPPER])
    return Difference(offsets.astype(np.float64), np.stack(apart, 1), np.stack(opening, 1))
