"""A few recorded episodes of a made-up task: a bright spot on dark, hands that go to it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import zarr

from models.policies.diffusion.config import DiffusionConfig
from models.training.policy.reading import SPLITS

SIZE = 16
CONFIG = DiffusionConfig(
    task="spot", frame_size=SIZE, image_size=SIZE // 2, channels=8, keypoints=4, features=16, hidden=32, blocks=1,
    horizon=4, executed=2, noise_levels=20, sampling_steps=5,
)  # fmt: skip
OTHER_SIZE = replace(CONFIG, frame_size=2 * SIZE)
LENGTHS = (7, 5, 6, 8, 1)
SPLIT = ("train", "train", "validation", "train", "train")
KIND = (0, 1, 0, 0, 0)
"""Of each episode; the last one has a single frame, which says nothing."""


def write(folder: Path, seed: int = 0, truth: bool = True) -> Path:
    """One part with five episodes."""
    random = np.random.default_rng(seed)
    total = sum(LENGTHS)
    spot = random.integers(2, SIZE - 2, (len(LENGTHS), 2)).repeat(LENGTHS, axis=0)
    frames = random.integers(0, 40, (total, SIZE, SIZE, 3)).astype(np.uint8)
    for frame, (row, column) in zip(frames, spot, strict=True):
        frame[row - 2 : row + 2, column - 2 : column + 2] = 240
    goal = np.tile((spot / SIZE - 0.5).astype(np.float32), 7)
    phase = np.concatenate([np.linspace(0, 1, length) for length in LENGTHS]).astype(np.float32)[:, None]
    states = goal * phase
    group = zarr.open_group(folder / "part-000.zarr", mode="w", zarr_format=3)
    group.attrs.update({"kinds": ["good", "other"]})
    columns = {
        "frames/top": frames,
        "frames/front": frames[:, ::-1],
        "ee_state": states,
        "action": states + np.float32(0.1) * goal,
        "episode_ends": np.cumsum(LENGTHS),
        "episode_kind": np.array(KIND, np.int8),
        "episode_split": np.array([SPLITS[name] for name in SPLIT], np.int8),
    }
    if truth:
        pose = np.stack([0.5 + 0.2 * goal[:, 0], 0.2 * goal[:, 1], np.zeros(total)], 1)
        columns["truth/object_pose"] = pose.astype(np.float32)
    for name, values in columns.items():
        group.create_array(name, data=np.ascontiguousarray(values))
    return folder
