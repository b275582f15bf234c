"""A tiny base policy, demonstrations and corrections, all of the toy task."""

from pathlib import Path

import numpy as np

from models.datasets.dataset_parts import Episode, PartInfo, PartWriter
from models.policies.diffusion.checkpoint import save
from models.post_training.config import PostTrainConfig
from models.post_training.correct_command import CorrectConfig, make_corrections
from models.post_training.corrector import CorrectionPlan
from models.tasks.toy.task import NAME
from models.tasks.toy.world import HOME, ToyWorld
from tests.models.policies.tiny import tiny_checkpoint

CELL = ToyWorld().spec.workcell


def write_base(path: Path) -> Path:
    """Untrained weights with the card of a policy of the toy workcell."""
    save(path, tiny_checkpoint(), {"workcell": CELL.to_dict()})
    return path


def write_demos(folder: Path, episodes: int = 6, seed: int = 0, task: str = NAME) -> Path:
    """Episodes of 12 steps; every third one validates."""
    random = np.random.default_rng(seed)
    part = PartWriter(folder / "part-000.zarr", PartInfo(task, ("demo",), CELL))
    for number in range(episodes):
        frames = {
            camera.name: random.integers(0, 255, (12, camera.height, camera.width, 3)).astype(np.uint8)
            for camera in CELL.cameras
        }
        states = (HOME + random.normal(0, 0.02, (12, 14))).astype(np.float32)
        part.append(Episode(frames, states, states + np.float32(0.01), {}, 0, number), number % 3 == 2)
    return folder


def write_session(folder: Path, corrections: int = 3) -> Path:
    """A session with failures of the toy policy, corrections of them, and attempts that it solved."""
    plan = CorrectionPlan(most_steps=120, after_success=3)
    made = CorrectConfig(folder, "toy", "toy", "toy", corrections=corrections, attempts=20, scenes=5, plan=plan)
    make_corrections(made)
    return folder


def quick(base: Path, out: Path, demos: Path, **changes: object) -> PostTrainConfig:
    """A post-training of a few steps."""
    return PostTrainConfig(base, out, (demos,), steps=8, every=4, batch=16, rate=1e-3, **changes)  # type: ignore[arg-type]
