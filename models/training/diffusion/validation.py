"""How well the averaged network does on episodes that it did not train on: sampled chunks, not losses."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.action import ACTION_DIM, ARMS, arm_slice
from core.seeds import generator
from models.policies.diffusion.ddim import Ddim
from models.policies.diffusion.network import DiffusionNetwork, pictures
from models.policies.diffusion.scaling import Floats, Scaling
from models.training.diffusion.dataset import Windows, pose_errors

MOST = 512
"""Frames that are looked at."""


def validate(network: DiffusionNetwork, scaling: Scaling, ddim: Ddim, data: Windows, executed: int) -> dict[str, float]:
    """Figures on evenly spread frames.

    Returns:
        ``position_cm``: distance between sampled and demonstrated targets over the carried-out part of a chunk, mean
        over the arm that moves farther; ``pose_cm``, ``pose_deg``: medians of the pose head (absent without truth).
    """
    rows = np.linspace(0, len(data) - 1, min(MOST, len(data))).astype(np.int64)
    horizon = network.denoiser.enter.in_features // ACTION_DIM
    chunks, guesses = zip(*(_sample(network, scaling, ddim, data, part) for part in _batches(rows)), strict=True)
    wanted = data.chunks(rows, horizon)[:, :executed]
    figures = {"position_cm": _distance(np.concatenate(chunks)[:, :executed], wanted, data.states[rows])}
    truth = data.poses[rows]
    known = np.isfinite(truth).all(1)
    if known.any():
        metres, turns = pose_errors(np.concatenate(guesses)[known], truth[known])
        figures |= {"pose_cm": float(np.median(metres)) * 100, "pose_deg": float(np.degrees(np.median(turns)))}
    return figures


def _batches(rows: NDArray[np.int64], size: int = 64) -> Sequence[NDArray[np.int64]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


@torch.inference_mode()
def _sample(
    network: DiffusionNetwork, scaling: Scaling, ddim: Ddim, data: Windows, rows: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Sampled chunks (B, H, 14) in metres and the pose guesses (B, 4)."""
    now, device = data.states[rows], next(network.parameters()).device
    features, guess = network.see(pictures(torch.from_numpy(data.frames[rows]).to(device)))
    states = torch.from_numpy(scaling.states(now, data.before(rows))).to(device)
    condition = network.condition(features, guess, states)
    horizon = network.denoiser.enter.in_features // ACTION_DIM
    noise = generator(int(rows[0])).standard_normal((len(rows), horizon, ACTION_DIM), np.float32)

    def denoise(x: Floats, level: NDArray[np.int64]) -> Floats:
        predicted = network.denoiser(torch.from_numpy(x).to(device), torch.from_numpy(level).to(device), condition)
        return np.asarray(predicted.cpu(), np.float32)

    return scaling.actions(ddim.sample(noise, denoise), now), guess.cpu().numpy()


def _distance(sampled: Floats, wanted: Floats, now: Floats) -> float:
    """Mean distance in centimetres, of the arm whose demonstrated targets go farther from where it is."""
    errors, travels = [], []
    for arm in range(len(ARMS)):
        place = arm_slice(arm).start + np.arange(3)
        errors.append(np.linalg.norm(sampled[..., place] - wanted[..., place], axis=-1).mean(1))
        travels.append(np.linalg.norm(wanted[:, -1, place] - now[:, place], axis=-1))
    farther = np.argmax(travels, axis=0)
    return float(np.stack(errors)[farther, np.arange(len(farther))].mean() * 100)
