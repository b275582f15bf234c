"""When an attempt counts as failed although its time is not up: progress has not grown for a while."""

from dataclasses import dataclass
from typing import Final

GAINED: Final = 0.03
"""Progress, 0..1, that counts as a gain."""
STALLED: Final = 60
"""Steps without a gain after which an attempt counts as stalled."""


@dataclass(frozen=True, slots=True)
class Stall:
    """The last gain of an attempt; a value that follows it step by step."""

    best: float = 0.0
    """Progress at the last gain."""
    at: int = 0
    """Node of the last gain."""

    def after(self, node: int, progress: float) -> "Stall":
        """The value once a node's progress is known; NaN counts as no gain."""
        return Stall(progress, node) if progress > self.best + GAINED else self

    def noticed(self, node: int) -> bool:
        """Whether the attempt counts as stalled at a node."""
        return node - self.at > STALLED
