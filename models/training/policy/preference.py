"""A loss on pairs: from the same state, the correction is to become likelier than what the policy had planned.

The policy's loss on a chunk stands for minus its log-likelihood, as in Diffusion-DPO (Wallace et al. 2024): the pair's
margin is how much more the loss on the correction has fallen, against the policy that the training began from, than
the loss on the plan. Both chunks are looked at with the same noise.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from core.action import ACTION_DIM
from core.errors import BadConfig
from models.policies.chunks.scaling import Floats
from models.training.policy.backbone import Backbone


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Two chunks from each of some states; normalised, on the device of the network."""

    better: Tensor
    """(P, H, 14) of the operator."""
    worse: Tensor
    """(P, H, 14) that the policy had planned."""
    inside: Tensor
    """(P, H) True where a target of `better` counts; the same targets of `worse` count."""
    seen: Tensor
    """(P, D) what the encoder gave."""
    states: Tensor
    """(P, 28) network input."""


def preference_loss(
    backbone: Backbone, network: Any, reference: Any, pairs: Pairs, many: int, noise: torch.Generator, beta: float
) -> Tensor:
    """Mean of -log sigmoid(beta * margin) over pairs and noise levels; log 2 where the policy has not moved.

    Args:
        backbone: Of both networks.
        network: That learns.
        reference: The policy that the training began from.
        pairs: At least one.
        many: Noise levels per pair.
        noise: Source of the noise.
        beta: How far the network may move for a pair: a margin of 1 / beta counts as 1.
    """
    same = noise.get_state()

    def loss(learning: Any, target: Tensor) -> Tensor:
        noise.set_state(same)
        errors = backbone.errors(learning, target, pairs.seen, pairs.states, many, noise)
        kept = pairs.inside.repeat_interleave(many, 0)[..., None]
        return (errors * kept).sum((1, 2)) / (kept.sum((1, 2)) * ACTION_DIM)

    with torch.no_grad():
        better_before, worse_before = loss(reference, pairs.better), loss(reference, pairs.worse)
    margin = (better_before - loss(network, pairs.better)) - (worse_before - loss(network, pairs.worse))
    return -F.logsigmoid(beta * margin).mean()


def require_rejected(name: str, rejected: Floats, rows: int) -> None:
    """Refuse rejected chunks that do not fit their source.

    Raises:
        BadConfig: which source, and why.
    """
    if rejected.ndim != 3 or len(rejected) != rows or rejected.shape[2] != ACTION_DIM:
        raise BadConfig(
            f"The rejected chunks of {name!r} have the shape {rejected.shape}; one chunk for each of its {rows} rows "
            f"is needed, ({rows}, horizon, {ACTION_DIM}), NaN where a row has none."
        )


def known(rejected: Floats) -> NDArray[np.bool_]:
    """(N,) which rows have a rejected chunk, of (N, H, 14)."""
    return np.asarray(np.isfinite(rejected).all((1, 2)))
