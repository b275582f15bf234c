"""Steps per second of the policy trainer, for every kind of policy, on made-up pictures and actions."""

import time
from typing import Any

import numpy as np

from benchmarks.figures import Figure
from models.training.policy.backbone import BACKBONES, Backbone
from models.training.policy.learner import Learner
from models.training.policy.mixture import Source
from models.training.policy.step_config import Phase, StepConfig
from models.training.policy.train import fit_scaling
from models.training.policy.windows import Windows

RATE = 1e-4
PHASES: dict[Phase, str] = {"act": "encoder frozen", "both": "everything learns"}


def training_figures(rows: int, steps: int, step: StepConfig, shape: dict[str, Any]) -> list[Figure]:
    """Of each kind of policy, one thread, float32.

    Args:
        rows: Recorded steps to draw from.
        steps: Training steps that are timed, after one that is not.
        step: What a training step does.
        shape: Fields of the network's configuration; defaults elsewhere.
    """
    figures = []
    for kind in BACKBONES:
        backbone: Backbone = BACKBONES.load(kind).of(shape)
        data = made_up(backbone, rows)
        sources = [Source("made up", data)]
        learner = Learner(backbone, fit_scaling(data, backbone.config.horizon), step, 0, bf16=False)
        learner.freeze(sources)
        for phase, words in PHASES.items():
            learner.step(sources, RATE, phase)
            began = time.perf_counter()
            for _ in range(steps):
                learner.step(sources, RATE, phase)
            per_s = steps / (time.perf_counter() - began)
            figures.append(Figure(f"train_{kind}_{phase}_per_s", f"training steps, {kind}, {words}", per_s, "1/s"))
    return figures


def made_up(backbone: Backbone, rows: int) -> Windows:
    """One episode of noise."""
    random, config = np.random.default_rng(0), backbone.config
    shape = (rows, len(config.cameras), config.image_size, config.image_size, 3)
    paths = random.normal(0.0, 0.01, (2, rows, 14)).cumsum(1).astype(np.float32)
    first, last = np.zeros(rows, np.int64), np.full(rows, rows - 1, np.int64)
    poses = random.normal(0.0, 1.0, (rows, 4)).astype(np.float32)
    return Windows(random.integers(0, 256, shape, np.uint8), paths[0], paths[1], first, last, poses, episodes=1)
