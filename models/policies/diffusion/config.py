"""The shape of a diffusion policy: stored in the header of its weights."""

import json
from dataclasses import asdict, dataclass

from core.errors import BadCheckpoint


@dataclass(frozen=True, slots=True)
class DiffusionConfig:
    """Everything that the weights' shapes and the sampler depend on."""

    task: str = "push_t"
    cameras: tuple[str, ...] = ("top", "front")
    """Views that the encoder looks at, in this order."""
    frame_size: int = 128
    """Width and height of the frames that it is given, pixels."""
    image_size: int = 64
    """Width and height that the encoder sees; a whole fraction of frame_size."""
    channels: int = 32
    """Of every convolution."""
    keypoints: int = 32
    """Places per view that the spatial softmax finds."""
    features: int = 192
    """Width of the condition that the denoiser gets."""
    hidden: int = 384
    blocks: int = 4
    horizon: int = 16
    """Actions of a chunk."""
    executed: int = 8
    """Actions of a chunk that are carried out before the next look."""
    noise_levels: int = 100
    """Of training, cosine schedule."""
    sampling_steps: int = 10
    """DDIM steps of one chunk; divides noise_levels."""
    prediction: str = "sample"
    """What the denoiser predicts: "epsilon", "sample" or "v_prediction"."""

    def to_json(self) -> str:
        """One line for the header of a safetensors file."""
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "DiffusionConfig":
        """The inverse of to_json.

        Raises:
            BadCheckpoint: not JSON, or keys of another version.
        """
        try:
            values = json.loads(text)
            values["cameras"] = tuple(values["cameras"])
            return DiffusionConfig(**values)
        except (ValueError, KeyError, TypeError) as error:
            raise BadCheckpoint(
                f"The configuration in a policy checkpoint does not fit this version: {error}."
            ) from error
