"""From pictures to states: how well a world reads a picture pair, and how well its trainer followed the object.

The judge's own perception reads the T out of what the world draws, with the hands out of the way; what it
reads out of recorded pictures is the floor of that method.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.world import PackedState, World, WorldState
from models.tasks.push_t.evaluation.fidelity_measures import start_amid
from models.tasks.push_t.evaluation.fidelity_metrics import (
    Recorded,
    middle,
    picture_scores,
    pose_errors,
    turned,
    wrapped,
)
from models.tasks.push_t.perception import find_t

AMID: Final = (0, 60, 120, 180)
"""Frames of a rollout that are read."""
CLEAR: Final = 0.8
"""Share of the T in sight from which a recorded picture counts for the floor."""

Array = NDArray[np.float64]
Figures = dict[str, Any]


def hands_away(world: World, state: WorldState) -> WorldState:
    """The same state with the end effectors raised in their corners, where they hide the least."""
    away, packed = world.spec.home.copy(), world.pack(state)
    low, high = world.spec.limits.low, world.spec.limits.high
    away[[0, 7]], away[1], away[8], away[[2, 9]] = low[[0, 7]], high[1], low[8], high[[2, 9]]
    return world.unpack(PackedState({**packed.arrays, "measured": away}, packed.shared))


def encoder(world: World, rollouts: Sequence[Recorded]) -> Figures:
    """States from pictures in the midst of rollouts: where the object is, how it lies, how well it is drawn again."""
    centres, scores, read, floor, count = [], [], [], [], 0
    for run in rollouts:
        for frame in AMID:
            state, truth = start_amid(world, run, frame), run.object_pose[frame]
            centres.append(float(np.linalg.norm(_centre(world, state) - truth[:2])) * 100)
            scores.append(picture_scores(dict(world.observe([state])[0].frames), run.frames[frame])[0])
            shown = world.observe([hands_away(world, state)])[0]
            found, seen = find_t(shown.frames, shown.ee_state), find_t(run.frames[frame], run.ee_state[frame])
            count += 1
            if found is not None:
                read.append(_apart(found.pose, truth))
            if seen is not None and seen.visible > CLEAR:
                floor.append(_apart(seen.pose, truth))
    return {
        "n": count, "centre_cm": middle(centres)[0], "centre_cm_mean": middle(centres)[1],
        "psnr_mean": middle(scores)[1], "found": len(read) / count, **_pair(read, ""), **_pair(floor, "floor_"),
    }  # fmt: skip


def _centre(world: World, state: WorldState) -> Array:
    """Centroid of the object's outline (2,), base frame, metres."""
    packed = world.pack(state)
    pose, shape = packed.arrays["pose"], packed.shared["shape"].astype(np.float64)
    return np.asarray(pose[:2] + turned(shape[None, :2], np.array([float(pose[2])]))[0])


def _apart(pose: Array, truth: Array) -> tuple[float, float]:
    """Centimetres and degrees."""
    return float(np.linalg.norm(pose[:2] - truth[:2])) * 100, float(np.rad2deg(abs(wrapped(pose[2] - truth[2]))))


def _pair(rows: Sequence[tuple[float, float]], prefix: str) -> Figures:
    """Median and mean of both columns; None where there is no row."""
    figures: Figures = {}
    for column, name in enumerate(("cm", "deg")):
        both = middle([r[column] for r in rows]) if rows else (None, None)
        figures[f"{prefix}{name}"], figures[f"{prefix}{name}_mean"] = both
    return figures


def tracking(weights: Path | None, rollouts: Sequence[Recorded], films: Sequence[NDArray[np.uint8]]) -> Figures:
    """The trainer's tracker on the filmed rollouts, against the truth; frames before a track was given up."""
    import torch

    from models.training.transport.cache import TRACKING_CELLS, track_films, usable
    from models.worlds.transport.checkpoint import open_checkpoint
    from models.worlds.transport.config import TransportConfig
    from models.worlds.transport.network import TransportNet
    from models.worlds.transport.torch_backend import load_net
    from models.worlds.transport.views import Views

    checkpoint = open_checkpoint(weights)
    background = load_net(checkpoint).get_buffer("background")
    net = TransportNet(TransportConfig(cells=TRACKING_CELLS), Views.of(checkpoint.workcell.cameras), background).eval()
    runs = rollouts[: len(films)]
    first = [np.stack([run.start.frames[c.name] for c in checkpoint.workcell.cameras]) for run in runs]
    with torch.inference_mode():
        tracks = track_films(net, first, films, [run.ee_state for run in runs])
    rows: list[tuple[float, float]] = []
    kept = 0
    for run, track in zip(runs, tracks, strict=True):
        n = usable(track)
        apart, turn = pose_errors(track[:n, :3].astype(np.float64), run.object_pose[:n])
        rows += list(zip((apart * 100).tolist(), np.rad2deg(turn).tolist(), strict=True))
        kept += n
    return {"frames": kept, "kept": kept / sum(len(t) for t in tracks), **_pair(rows, "")}
