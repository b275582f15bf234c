"""How well the averaged network does on episodes that it did not train on: sampled chunks, not losses."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.action import ACTION_DIM, ARMS, arm_slice
from core.seeds import generator
from models.policies.chunks.encoder import POSE_DIM, KeypointEncoder, pictures
from models.policies.chunks.scaling import Floats, Scaling
from models.training.policy.backbone import Backbone
from models.training.policy.windows import Windows, pose_errors

MOST = 512
"""Frames that are looked at."""
NOISE_LEVELS = 8
"""Of every chunk, for the loss."""


def validate(backbone: Backbone, network: KeypointEncoder, scaling: Scaling, data: Windows) -> dict[str, float]:
    """Figures on evenly spread frames, with the same noise at every call.

    Returns:
        ``loss``: the chunk loss without noise on pictures and states; ``position_cm``: distance between sampled and
        demonstrated targets over the carried-out part of a chunk, mean over the arm that moves farther; ``pose_cm``,
        ``pose_deg``: medians of the pose head (absent without truth).
    """
    rows = np.linspace(0, len(data) - 1, min(MOST, len(data))).astype(np.int64)
    parts = [_sample(backbone, network, scaling, data, part) for part in _batches(rows)]
    losses, chunks, guesses = (np.concatenate(column) for column in zip(*parts, strict=True))
    executed = backbone.config.executed
    wanted = data.chunks(rows, backbone.config.horizon)[:, :executed]
    figures = {
        "loss": float(losses.mean(dtype=np.float64)),
        "position_cm": _distance(chunks[:, :executed], wanted, data.states[rows]),
    }
    truth = data.poses[rows]
    known = np.isfinite(truth).all(1)
    if known.any():
        metres, turns = pose_errors(guesses[known], truth[known])
        figures |= {"pose_cm": float(np.median(metres)) * 100, "pose_deg": float(np.degrees(np.median(turns)))}
    return figures


def _batches(rows: NDArray[np.int64], size: int = 64) -> Sequence[NDArray[np.int64]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


@torch.inference_mode()
def _sample(
    backbone: Backbone, network: KeypointEncoder, scaling: Scaling, data: Windows, rows: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """Squared errors (B many, H, 14), sampled chunks (B, H, 14) in metres and the pose guesses (B, 4)."""
    now, device, horizon = data.states[rows], next(network.parameters()).device, backbone.config.horizon
    seen = network.see(pictures(torch.from_numpy(data.frames[rows]).to(device)))
    states = torch.from_numpy(scaling.states(now, data.before(rows))).to(device)
    target = torch.from_numpy(scaling.normalised(data.chunks(rows, horizon), now)).to(device)
    same = torch.Generator().manual_seed(int(rows[0]))
    errors = backbone.errors(network, target, seen, states, NOISE_LEVELS, same)
    noise = generator(int(rows[0])).standard_normal((len(rows), horizon, ACTION_DIM), np.float32)
    sampled = backbone.sample(network, seen, states, noise)
    return errors.cpu().numpy(), scaling.actions(sampled, now), seen[:, -POSE_DIM:].cpu().numpy()


def _distance(sampled: Floats, wanted: Floats, now: Floats) -> float:
    """Mean distance in centimetres, of the arm whose demonstrated targets go farther from where it is."""
    errors, travels = [], []
    for arm in range(len(ARMS)):
        place = arm_slice(arm).start + np.arange(3)
        errors.append(np.linalg.norm(sampled[..., place] - wanted[..., place], axis=-1).mean(1))
        travels.append(np.linalg.norm(wanted[:, -1, place] - now[:, place], axis=-1))
    farther = np.argmax(travels, axis=0)
    return float(np.stack(errors)[farther, np.arange(len(farther))].mean() * 100)
