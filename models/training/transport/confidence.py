"""TrainingStage 3: trust. A logistic regression on the validation split, and the range of what training looked like."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from models.training.transport.cache import as_float
from models.training.transport.contact import centroid, window_of
from models.training.transport.data import Episode, Play
from models.training.transport.motion import Motion
from models.worlds.transport.dynamics import ContactDynamics
from models.worlds.transport.network import TransportNet
from models.worlds.transport.outline import outline_of
from models.worlds.transport.pose import wrapped
from models.worlds.transport.trust import FEATURES, Trust, features, start_signs

HORIZON = 10
RIDGE = 1e-2
MARGIN = 0.25
"""Share of the range of the training data by which it is widened."""


def outcomes(
    dynamics: ContactDynamics, motion: Motion, split: int, tolerance: tuple[float, float], most: int = 6000
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Signs of the first step (n, 4), and whether the next HORIZON steps stayed within (metres, radians)."""
    rows = np.flatnonzero((motion.split == split) & (motion.left >= HORIZON))
    rows = np.random.default_rng(5).permutation(rows)[:most]
    signs, good = [], []
    with torch.inference_mode():
        for at in range(0, len(rows), 500):
            window = window_of(motion, rows[at : at + 500], np.zeros(len(rows[at : at + 500]), np.int64), HORIZON)
            pose, before, measured = window.pose[:, 0], window.before, window.ee[:, 0]
            within = torch.ones(len(pose), dtype=torch.bool)
            for k in range(HORIZON):
                moved = dynamics(window.distance, window.shape, pose, before, measured, window.action[:, k])
                pose, measured, before = moved.pose, moved.measured, window.action[:, k]
                goal = window.pose[:, k + 1]
                apart = (centroid(pose, window.shape) - centroid(goal, window.shape)).norm(dim=-1)
                turn = wrapped(pose[:, 2] - goal[:, 2]).abs()
                within &= (apart < tolerance[0]) & (turn < tolerance[1])
                if k == 0:
                    signs.append(moved.signs.numpy())
            good.append(within.numpy())
    return np.concatenate(signs), np.concatenate(good)


def logistic(x: NDArray[np.float32], good: NDArray[np.bool_]) -> tuple[NDArray[np.float32], float]:
    """Weights and bias of a ridge logistic regression, by Newton's method."""
    mean, scale = x.mean(0), x.std(0) + 1e-6
    wide = np.concatenate([(x - mean) / scale, np.ones((len(x), 1))], 1).astype(np.float64)
    solution = np.zeros(FEATURES + 1)
    for _ in range(30):
        p = 1 / (1 + np.exp(-wide @ solution))
        hessian = (wide * (p * (1 - p))[:, None]).T @ wide + RIDGE * np.eye(FEATURES + 1)
        solution -= np.linalg.solve(hessian, wide.T @ (p - good) + RIDGE * solution)
    weight = solution[:-1] / scale
    return weight.astype(np.float32), float(solution[-1] - mean @ weight)


def look_of_starts(net: TransportNet, play: Play, episodes: Sequence[Episode]) -> NDArray[np.float32]:
    """STARTS (n, 4) as the world computes them at reset, at one instant of every episode: hands may be in the way."""
    found, random = [], np.random.default_rng(11)
    with torch.inference_mode():
        for episode in episodes:
            at = int(random.integers(episode.length))
            frames = np.stack([play.frames(episode, c, at + 1)[at] for c in play.cameras])
            ee = torch.from_numpy(play.ee_state(episode)[at : at + 1])
            pose = net.locate(as_float(frames[None]), ee)
            maps = net.encode(as_float(frames[None]), ee, pose)
            outline = outline_of(maps[0, 0].numpy(), net.config.extent)
            drawn = net.pictures(maps, pose, ee)[0].numpy()
            found.append(start_signs(frames, drawn, outline.area, outline.edge))
    return np.stack(found)


def fit_trust(
    net: TransportNet, motion: Motion, play: Play, tolerance: tuple[float, float], starts: int = 400
) -> tuple[Trust, dict[str, float]]:
    """The trust of a trained world, and its figures on the validation split."""
    signs, good = outcomes(net.dynamics, motion, 1, tolerance)
    weight, bias = logistic(features(signs), good)
    looks = look_of_starts(net, play, play.of("train")[:: max(1, len(play.of("train")) // starts)])
    low, high = np.quantile(looks, 0.005, axis=0), np.quantile(looks, 0.995, axis=0)
    room = np.maximum(high - low, 0.05 * np.abs(high)) * MARGIN
    train = motion.split == 0
    rows = np.flatnonzero(train)[::7]
    window = window_of(motion, rows, np.zeros(len(rows), np.int64), 0)
    places = centroid(window.pose[:, 0], window.shape).numpy()
    field = np.concatenate([np.quantile(places, 0.002, axis=0), np.quantile(places, 0.998, axis=0)])
    to32 = [np.asarray(v, np.float32) for v in (low - room, high + room, field)]
    trust = Trust(weight, bias, *to32)
    return trust, {"validation_within": float(good.mean()), "validation_n": float(len(good))}
