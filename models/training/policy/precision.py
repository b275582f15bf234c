"""Which arithmetic a training uses: float32, or bf16 where a step with it was measured to be faster."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from models.policies.chunks.scaling import Scaling
from models.training.policy.backbone import Backbone
from models.training.policy.learner import Learner
from models.training.policy.mixture import Source
from models.training.policy.step_config import Phase, StepConfig
from models.training.policy.training_file import saved_precision

Precision = Literal["auto", "float32", "bf16"]
Measure = Callable[[bool, float], float]
"""With bf16 or without, and the seconds of a step beyond which one is enough -> seconds of a step."""
MEASURED = 3
"""Steps of each kind, after one that is not counted."""
GAIN = 0.95
"""bf16 must take at most this part of the time of float32: it costs digits, so a tie is not enough."""
ROWS = 256
"""Of each source that the measured steps draw from."""


def use_bf16(wanted: Precision, checkpoint: Path, measure: Measure, say: Callable[[str], None]) -> bool:
    """Whether a training computes in bf16.

    Args:
        wanted: "auto" measures.
        checkpoint: Of the training; where it exists, the training goes on with what it began with.
        measure: A step.
        say: Gets figures and choice in words.
    """
    began = saved_precision(checkpoint)
    if began:
        if wanted not in ("auto", began):
            say(f"precision: {began}, with which this training began, not {wanted}")
        return began == "bf16"
    if wanted != "auto":
        return wanted == "bf16"
    plain = measure(False, math.inf)
    short = measure(True, 2.0 * plain)
    chosen = short <= GAIN * plain
    name = "bf16" if chosen else "float32"
    say(f"precision: a step takes {plain * 1e3:.0f} ms in float32, {short * 1e3:.0f} ms in bf16; {name} is used")
    return chosen


def step_seconds(
    backbone: Backbone, scaling: Scaling, step: StepConfig, sources: Sequence[Source], phase: Phase, device: str
) -> Measure:
    """A function that measures a step of this training with throw-away networks."""
    few = [replace(source, data=source.data.head(ROWS), rows=None, weights=None, rejected=None) for source in sources]

    def measure(bf16: bool, enough: float) -> float:
        learner = Learner(backbone, scaling, step, 0, bf16, device)
        learner.freeze(few if phase == "act" else [])
        seconds = []
        for _ in range(1 + MEASURED):
            began = time.monotonic()
            learner.step(few, 1e-6, phase)  # it reads the losses, so a GPU has finished
            seconds.append(time.monotonic() - began)
            if len(seconds) > 1 and seconds[-1] > enough:
                break
        return min(seconds[1:])

    return measure
