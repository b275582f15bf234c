"""The shape of a flow-matching policy: stored in the header of its weights."""

from dataclasses import dataclass

from core.errors import BadConfig
from models.policies.chunks.config import ChunkConfig


@dataclass(frozen=True, slots=True)
class FlowConfig(ChunkConfig):
    """Everything that the weights' shapes and the sampler depend on; sampling_steps are Euler steps."""

    tokens: int = 8
    """Per view: each holds the same number of keypoints."""
    width: int = 128
    """Of every token."""
    heads: int = 4
    """Of every attention; divides the width."""
    layers: int = 3

    def require_whole(self) -> None:
        """Refuse sizes that do not divide each other.

        Raises:
            BadConfig: which ones.
        """
        if self.keypoints % self.tokens:
            raise BadConfig(f"{self.keypoints} keypoints a view do not fill {self.tokens} tokens evenly.")
        if self.width % self.heads:
            raise BadConfig(f"A width of {self.width} does not divide into {self.heads} heads.")
