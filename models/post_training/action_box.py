"""The box that a policy clips its actions to, widened to what corrections do.

Only the box grows. The ranges by which chunks are normalised stay: the weights depend on them.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.policies.chunks.scaling import Floats, Scaling


def widened(scaling: Scaling, actions: Sequence[Floats]) -> Scaling:
    """The scaling whose action box also covers some actions, each (N, 14)."""
    low = np.minimum.reduce([scaling.action_low, *(part.min(0) for part in actions if len(part))])
    high = np.maximum.reduce([scaling.action_high, *(part.max(0) for part in actions if len(part))])
    return replace(scaling, action_low=low.astype(np.float32), action_high=high.astype(np.float32))


def outside(scaling: Scaling, actions: Floats) -> float:
    """The share of actions (N, 14) that a policy with this scaling could not carry out, 0..1."""
    if len(actions) == 0:
        return 0.0
    beyond = (actions < scaling.action_low - 1e-6) | (actions > scaling.action_high + 1e-6)
    return float(beyond.any(axis=1).mean())
