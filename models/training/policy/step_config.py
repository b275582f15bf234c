"""What one training step of a policy does."""

from dataclasses import dataclass
from typing import Literal

Phase = Literal["look", "act", "both"]
"""What learns: "look" the picture encoder and its pose head, "act" everything behind the encoder, "both" all."""


@dataclass(frozen=True, slots=True)
class StepConfig:
    """Sizes and noise of a step."""

    batch: int = 64
    """Frames that are looked at."""
    chunks_per_look: int = 4
    """Noise levels that are denoised per look: looking is what costs time."""
    pose_loss: float = 0.5
    """Weight of the pose head where the recording holds the truth."""
    state_noise: float = 0.05
    """Noise on the measured states in units of scaling.STRIDE (1 is 2 cm): against copying the last motion."""
    picture_noise: float = 0.02
    """Standard deviation of brightness and colour changes, and of pixel noise; 1 is the full range."""
    preference: float = 0.0
    """Weight of the loss on pairs of chunks, where sources have some; only in trainings that begin from a policy."""
    beta: float = 100.0
    """Of that loss: see preference.py."""
