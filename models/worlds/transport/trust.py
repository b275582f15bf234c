"""How far a step can be believed: the spread of the heads, and how unlike the training data things look."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadCheckpoint

FEATURES = 5
STARTS = ("residual_top", "residual_front", "area", "edge")
"""What a start is checked for."""
DOUBT_PER_UNIT = 2.0
"""Log-odds lost per unit beyond what the training data showed. Set by hand: the data holds no such starts."""
LARGEST_DOUBT = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """A logistic regression on the validation split, and the range of the training data."""

    weight: NDArray[np.float32]
    """(FEATURES,)."""
    bias: float
    low: NDArray[np.float32]
    """(4,) of STARTS, lowest value seen in training."""
    high: NDArray[np.float32]
    """(4,) highest."""
    field: NDArray[np.float32]
    """(4,) lowest x, lowest y, highest x, highest y of an object's centroid in training, metres."""

    def of(
        self, signs: NDArray[np.float32], centroid: NDArray[np.float32], doubt: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Probability (B,) from the dynamics' signs (B, 4), centroids (B, 2) and doubts (B,)."""
        odds = features(signs) @ self.weight + self.bias
        outside = np.maximum(self.field[:2] - centroid, centroid - self.field[2:]).clip(0).max(-1)
        odds = odds - doubt - DOUBT_PER_UNIT * outside / 0.02
        return np.asarray(1 / (1 + np.exp(-odds.clip(-30, 30))), np.float32)

    def doubt(self, start: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-odds () that a start with these STARTS (4,) loses."""
        scale = np.maximum(self.high - self.low, 1e-4)
        beyond = np.maximum(self.low - start, start - self.high).clip(0) / scale
        return np.asarray(min(LARGEST_DOUBT, DOUBT_PER_UNIT * float(beyond.sum()) * 2), np.float32)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """For the checkpoint."""
        return {
            "trust.weight": self.weight, "trust.bias": np.array([self.bias], np.float32), "trust.low": self.low,
            "trust.high": self.high, "trust.field": self.field,
        }  # fmt: skip

    @staticmethod
    def from_arrays(found: Mapping[str, NDArray[np.float32]]) -> "Trust":
        """The inverse of arrays.

        Raises:
            BadCheckpoint: the weights hold no trust.
        """
        names = ("weight", "low", "high", "field")
        if absent := [n for n in (*names, "bias") if f"trust.{n}" not in found]:
            raise BadCheckpoint(
                f"The weights lack 'trust.{absent[0]}': they are not those of a whole transport world. "
                "Export it once more: main.py train world --stages export."
            )
        weight, low, high, field = (np.asarray(found[f"trust.{n}"], np.float32) for n in names)
        return Trust(weight, float(found["trust.bias"][0]), low, high, field)


def features(signs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Signs (..., 4) of the dynamics -> (..., FEATURES) for the regression."""
    position, angle, gate, motion = np.moveaxis(signs, -1, 0)
    stack = [np.log(position + 0.02), np.log(angle + 0.02), gate, np.log(motion + 0.1), gate * np.log(motion + 0.1)]
    return np.stack(stack, -1).astype(np.float32)


def start_signs(seen: NDArray[np.uint8], drawn: NDArray[np.uint8], area: float, edge: float) -> NDArray[np.float32]:
    """STARTS of a start: pictures seen and drawn again (V, H, W, 3), the object's area in square metres and rim."""
    wrong = np.abs(seen.astype(np.int16) - drawn).max(-1) > 48
    residual = wrong.mean((1, 2)) * 100
    return np.array([residual[0], residual[1:].max(initial=0.0), area * 1e3, edge], np.float32)
