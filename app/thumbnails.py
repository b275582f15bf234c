"""Small pictures of steps, kept under one memory limit: at the limit every other one goes. No Qt."""

from bisect import bisect_left
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIZE: Final = 64
"""Pixels of the longer side, about."""


def shrink(frame: NDArray[np.uint8], size: int = SIZE) -> NDArray[np.uint8]:
    """(H, W, 3) -> the mean over whole squares of pixels, so that the shorter side keeps at least `size` pixels."""
    factor = max(1, min(frame.shape[0], frame.shape[1]) // size)
    if factor == 1:
        return np.ascontiguousarray(frame)
    height, width = frame.shape[0] // factor, frame.shape[1] // factor
    total = np.zeros((height, width, 3), np.uint32)
    for dy in range(factor):
        for dx in range(factor):
            total += frame[dy : dy + height * factor : factor, dx : dx + width * factor : factor]
    return np.asarray(total // factor**2, np.uint8)


class Thumbnails:
    """Thumbnails by branch and node."""

    def __init__(self, limit: int = 48 * 2**20) -> None:
        self._limit = limit
        self._every = 1
        self._bytes = 0
        self._nodes: dict[int, list[int]] = {}
        self._images: dict[int, dict[int, NDArray[np.uint8]]] = {}

    @property
    def every(self) -> int:
        """Nodes between two kept thumbnails."""
        return self._every

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return self._bytes

    def add(self, branch: int, node: int, frame: NDArray[np.uint8], *, pinned: bool = False) -> None:
        """Keep a node's picture where it falls on the spacing; `pinned` keeps a branch's first picture anyway."""
        if node % self._every and not pinned:
            return
        images = self._images.setdefault(branch, {})
        if node in images:
            return
        image = shrink(frame)
        nodes = self._nodes.setdefault(branch, [])
        nodes.insert(bisect_left(nodes, node), node)
        images[node] = image
        self._bytes += image.nbytes
        if self._bytes > self._limit:
            self._thin()

    def nearest(self, branch: int, node: int) -> tuple[int, NDArray[np.uint8]] | None:
        """(node, picture) of a branch's nearest thumbnail; None where it has none."""
        nodes = self._nodes.get(branch)
        if not nodes:
            return None
        at = bisect_left(nodes, node)
        found = min(nodes[max(0, at - 1) : at + 1], key=lambda n: abs(n - node))
        return found, self._images[branch][found]

    def _thin(self) -> None:
        self._every *= 2
        for branch, images in self._images.items():
            first = self._nodes[branch][0]
            kept = {n: image for n, image in images.items() if n % self._every == 0 or n == first}
            self._images[branch], self._nodes[branch] = kept, sorted(kept)
        self._bytes = sum(image.nbytes for images in self._images.values() for image in images.values())
