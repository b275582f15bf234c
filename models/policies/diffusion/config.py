"""The shape of a diffusion policy: stored in the header of its weights."""

from dataclasses import dataclass

from models.policies.chunks.config import ChunkConfig


@dataclass(frozen=True, slots=True)
class DiffusionConfig(ChunkConfig):
    """Everything that the weights' shapes and the sampler depend on; DDIM steps divide noise_levels."""

    features: int = 192
    """Width of the condition that the denoiser gets."""
    hidden: int = 384
    blocks: int = 4
    noise_levels: int = 100
    """Of training, cosine schedule."""
    prediction: str = "sample"
    """What the denoiser predicts: "epsilon", "sample" or "v_prediction"."""
