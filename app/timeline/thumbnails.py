"""Small pictures of steps, kept under one memory limit: at the limit every other one goes. No Qt."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIZE: Final = 64
"""Pixels of the longer side, about."""
LOOKED: Final = 600
"""Pictures kept that were looked for apart from the spacing."""
MOST_CAMERAS: Final = 2
"""Cameras whose pictures are side by side in one thumbnail."""


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


def side_by_side(frames: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """The first cameras' pictures (H, W, 3) of one step, shrunk, as one (h, w * cameras, 3)."""
    small = [shrink(frame) for frame in frames[:MOST_CAMERAS]]
    height = min(frame.shape[0] for frame in small)
    return small[0] if len(small) == 1 else np.concatenate([frame[:height] for frame in small], 1)


class Thumbnails:
    """Thumbnails by branch and node: evenly spaced ones of what was seen live, and those that were looked for later."""

    def __init__(self, limit: int = 48 * 2**20) -> None:
        self._limit = limit
        self._every = 1
        self._bytes = self._pinned = 0
        self._nodes: dict[int, list[int]] = {}
        self._images: dict[int, dict[int, NDArray[np.uint8]]] = {}
        self._looked: OrderedDict[tuple[int, int], NDArray[np.uint8]] = OrderedDict()

    @property
    def every(self) -> int:
        """Nodes between two kept thumbnails."""
        return self._every

    @property
    def bytes(self) -> int:
        """Memory in use."""
        return self._bytes

    def add(self, branch: int, node: int, frames: Sequence[NDArray[np.uint8]], *, pinned: bool = False) -> None:
        """Keep a node's pictures (H, W, 3), one per camera, where it falls on the spacing.

        `pinned` keeps a branch's first picture anyway, while such pictures take no more than half of the memory.
        """
        pinned = pinned and self._pinned < self._limit // 2
        images = self._images.get(branch, {})
        if node in images or (node % self._every and not pinned):
            return
        image = side_by_side(frames)
        nodes = self._nodes.setdefault(branch, [])
        nodes.insert(bisect_left(nodes, node), node)
        self._images.setdefault(branch, images)[node] = image
        self._bytes += image.nbytes
        self._pinned += image.nbytes if pinned else 0
        if self._bytes > self._limit:
            self._thin()

    def look(self, branch: int, node: int, frames: Sequence[NDArray[np.uint8]]) -> None:
        """Keep the pictures of a requested node, whatever the spacing; the oldest of these are dropped."""
        if self.at(branch, node) is None:
            self._looked[branch, node] = side_by_side(frames)
            while len(self._looked) > LOOKED:
                self._looked.popitem(last=False)

    def at(self, branch: int, node: int) -> NDArray[np.uint8] | None:
        """The picture of exactly this node."""
        return self._images.get(branch, {}).get(node, self._looked.get((branch, node)))

    def nearest(self, branch: int, node: int) -> tuple[int, NDArray[np.uint8]] | None:
        """(node, picture) of a branch's nearest thumbnail; None where it has none."""
        nodes = self._nodes.get(branch)
        if not nodes:
            return None
        at = bisect_left(nodes, node)
        found = min(nodes[max(0, at - 1) : at + 1], key=lambda n: abs(n - node))
        return found, self._images[branch][found]

    def _thin(self) -> None:
        """Every other one goes, but a branch's first one only where first ones alone are too much."""
        self._every *= 2
        firsts = sum(images[self._nodes[b][0]].nbytes for b, images in self._images.items())
        keeps = firsts <= self._limit // 2
        for branch, images in list(self._images.items()):
            first = self._nodes[branch][0]
            kept = {n: image for n, image in images.items() if n % self._every == 0 or (keeps and n == first)}
            self._images[branch], self._nodes[branch] = kept, sorted(kept)
            if not kept:
                del self._images[branch], self._nodes[branch]
        self._bytes = sum(image.nbytes for images in self._images.values() for image in images.values())
        self._pinned = min(self._pinned, self._bytes)
