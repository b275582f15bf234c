"""The tracker against the truth. For evaluation: the one place in this folder that reads the truth."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
import zarr

from models.evaluation.fidelity_metrics import pose_errors
from models.training.world.cache import TRACKING_CELLS, track_group, usable
from models.training.world.data import Play
from models.worlds.transport.checkpoint import open_checkpoint
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.network import TransportNet
from models.worlds.transport.torch_backend import load_net
from models.worlds.transport.views import Views


def tracking_against_truth(weights: Path | None, data: Path, most: int = 32) -> dict[str, Any]:
    """Errors of tracked poses on the test split, frames before a track was given up."""
    torch.set_num_threads(1)
    checkpoint = open_checkpoint(weights)
    trained = load_net(checkpoint)
    config = TransportConfig(cells=TRACKING_CELLS)
    net = TransportNet(config, Views.of(checkpoint.cameras), trained.get_buffer("background")).eval()
    play = Play(data, [c.name for c in checkpoint.cameras])
    parts = sorted(data.glob("part-*.zarr"))
    cm, deg, kept, whole = [], [], 0, 0
    group = next(iter(play.groups_of(play.of("test")[:most], most)))
    with torch.inference_mode():
        tracks = track_group(net, play, group)
    stems = {p.stem: p for p in parts}
    for episode, track in zip(group, tracks, strict=True):
        rows = slice(episode.start, episode.start + usable(track))
        truth = np.asarray(zarr.open_group(stems[episode.name[:-7]], mode="r")["truth/object_pose"][rows], np.float64)  # type: ignore[index]
        apart, turn = pose_errors(track[: len(truth), :3].astype(np.float64), truth)
        cm.append(apart * 100)
        deg.append(np.rad2deg(turn))
        kept, whole = kept + len(truth), whole + episode.length
    all_cm, all_deg = np.concatenate(cm), np.concatenate(deg)
    return {
        "frames": len(all_cm), "cm": float(np.median(all_cm)), "cm_mean": float(all_cm.mean()),
        "deg": float(np.median(all_deg)), "deg_mean": float(all_deg.mean()), "kept": kept / whole,
    }  # fmt: skip
