"""Statistics of a LeRobotDataset: of each feature of an episode, and of all episodes together.

Minimum, maximum, mean, standard deviation and count are exact. Quantiles of an episode are exact; those of all
episodes are the mean of theirs, weighted by length, as LeRobot itself puts them together.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.datasets.lerobot_format import QUANTILES, STATISTICS

Statistics = dict[str, NDArray[Any]]
"""Name of a statistic -> (d,) of numbers, (3, 1, 1) of pictures, (1,) of the count."""
_LEVELS: Final = 256


def of_numbers(values: NDArray[Any]) -> Statistics:
    """Of (n,) or (n, d) numbers; rows with NaN are unknown and do not count."""
    rows = values.reshape(len(values), -1).astype(np.float64)
    known = rows[np.isfinite(rows).all(1)]
    if not len(known):
        nothing = np.full(rows.shape[1], np.nan)
        return {name: np.array([0]) if name == "count" else nothing for name in STATISTICS}
    quantiles = np.quantile(known, list(QUANTILES.values()), axis=0)
    return {
        "min": known.min(0),
        "max": known.max(0),
        "mean": known.mean(0),
        "std": known.std(0),
        "count": np.array([len(known)]),
        **dict(zip(QUANTILES, quantiles, strict=True)),
    }


class PictureStatistics:
    """Exact statistics of a stream of pictures, from how often each of the 256 levels occurs."""

    def __init__(self) -> None:
        self._pictures = 0
        self._levels = np.zeros((3, _LEVELS), np.int64)

    def add(self, picture: NDArray[np.uint8]) -> None:
        """One more picture, (H, W, 3)."""
        self._pictures += 1
        for channel in range(3):
            self._levels[channel] += np.bincount(picture[..., channel].ravel(), minlength=_LEVELS)

    def result(self) -> Statistics:
        """Per channel (3, 1, 1), 0..1; the count is of pictures."""
        level = np.arange(_LEVELS) / (_LEVELS - 1)
        share = self._levels / self._levels.sum(1, keepdims=True)
        mean = share @ level
        present = self._levels > 0
        sums = np.cumsum(self._levels, 1)
        values: Statistics = {
            "min": level[present.argmax(1)],
            "max": level[_LEVELS - 1 - present[:, ::-1].argmax(1)],
            "mean": mean,
            "std": np.sqrt(np.maximum(share @ level**2 - mean**2, 0.0)),
        }
        for name, part in QUANTILES.items():
            values[name] = level[(sums >= part * sums[:, -1:]).argmax(1)]
        shaped: Statistics = {name: value.reshape(3, 1, 1) for name, value in values.items()}
        return shaped | {"count": np.array([self._pictures])}


def together(parts: Sequence[Statistics]) -> Statistics:
    """Of one feature over several episodes; zeros and a count of 0 where nothing is known of it."""
    known = [part for part in parts if part["count"][0]]
    if not known:
        return {name: np.array([0]) if name == "count" else np.zeros_like(parts[0]["min"]) for name in STATISTICS}
    counts = np.array([part["count"][0] for part in known], np.float64)
    share = (counts / counts.sum()).reshape(-1, *([1] * known[0]["mean"].ndim))
    mean = (np.stack([part["mean"] for part in known]) * share).sum(0)
    spread = np.stack([part["std"] ** 2 + (part["mean"] - mean) ** 2 for part in known])
    return {
        "min": np.min([part["min"] for part in known], 0),
        "max": np.max([part["max"] for part in known], 0),
        "mean": mean,
        "std": np.sqrt((spread * share).sum(0)),
        "count": np.array([int(counts.sum())]),
        **{name: (np.stack([part[name] for part in known]) * share).sum(0) for name in QUANTILES},
    }
