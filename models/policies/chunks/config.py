"""The part of a policy's shape that every policy of action chunks has: stored in the header of its weights."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from core.errors import BadCheckpoint


@dataclass(frozen=True, slots=True)
class ChunkConfig:
    """What the policy sees, and how long its chunks are."""

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
    horizon: int = 16
    """Actions of a chunk."""
    executed: int = 8
    """Actions of a chunk that are carried out before the next look."""
    sampling_steps: int = 10
    """Evaluations of the network for one chunk."""

    def to_json(self) -> str:
        """One line for the header of a safetensors file."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of to_json.

        Raises:
            BadCheckpoint: not JSON, or keys of another version.
        """
        try:
            values = json.loads(text)
            values["cameras"] = tuple(values["cameras"])
            return cls(**values)
        except (ValueError, KeyError, TypeError) as error:
            raise BadCheckpoint(
                f"The configuration in a policy checkpoint does not fit this version: {error}."
            ) from error
