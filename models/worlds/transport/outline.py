"""The outline of an object map as a signed distance, computed once per episode. numpy and scipy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

FINER = 3
"""Sub-cells per cell in which the distance is measured."""
BIGGEST = 0.1
"""Distances are cut here, metres."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """What the dynamics know of an object's shape."""

    distance: NDArray[np.float32]
    """(N, N) metres to the outline, negative inside."""
    shape: NDArray[np.float32]
    """(3,) centroid x, y in the map frame and radius of gyration, metres."""
    area: float
    """Square metres."""
    edge: float
    """Share of the mask, 0..1, that lies at the rim of the map: an object that does not fit."""


def outline_of(mask: NDArray[np.float32], extent: float) -> Outline:
    """The outline of a mask (N, N) 0..1 on a map of this edge in metres."""
    n = len(mask)
    fine = ndimage.zoom(mask, FINER, order=1, mode="nearest", grid_mode=True)
    inside = fine > 0.5
    scale = extent / (n * FINER)
    far = float(BIGGEST)
    if inside.any():
        out = ndimage.distance_transform_edt(~inside) - 0.5
        into = ndimage.distance_transform_edt(inside) - 0.5
        signed = np.where(inside, -into, out) * scale
    else:
        signed = np.full(fine.shape, far)
    distance = signed.reshape(n, FINER, n, FINER).mean((1, 3)).clip(-far, far)
    line = (np.arange(n) + 0.5) * (extent / n) - extent / 2
    weight = (mask > 0.5).astype(np.float64)
    total = weight.sum() + 1e-9
    x, y = float((weight.sum(0) * line).sum() / total), float((weight.sum(1) * line).sum() / total)
    spread = (weight.sum(0) * (line - x) ** 2).sum() + (weight.sum(1) * (line - y) ** 2).sum()
    rim = weight.copy()
    rim[2:-2, 2:-2] = 0
    return Outline(
        distance.astype(np.float32),
        np.array([x, y, np.sqrt(spread / total)], np.float32),
        float(weight.sum() * (extent / n) ** 2),
        float(rim.sum() / total),
    )
