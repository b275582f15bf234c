"""Full-size frames of nodes that were seen, newest kept, for looking back without asking the runtime."""

from collections import OrderedDict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Frames = Mapping[str, NDArray[np.uint8]]
"""Camera name -> (H, W, 3) RGB."""


class PastFrames:
    """A bounded store by (branch, node); what was seen longest ago goes first."""

    def __init__(self, limit: int = 256 * 2**20) -> None:
        self._limit, self._bytes = limit, 0
        self._frames: OrderedDict[tuple[int, int], Frames] = OrderedDict()

    def put(self, branch: int, node: int, frames: Frames) -> None:
        """Keep the frames of a node; they are not copied."""
        before = self._frames.pop((branch, node), None)
        if before is not None:
            self._bytes -= _bytes(before)
        self._frames[branch, node] = frames
        self._bytes += _bytes(frames)
        while self._bytes > self._limit and len(self._frames) > 1:
            self._bytes -= _bytes(self._frames.popitem(last=False)[1])

    def get(self, branch: int, node: int) -> Frames | None:
        """The frames of a node, None where they are gone or were never seen."""
        return self._frames.get((branch, node))

    def all(self) -> dict[tuple[int, int], Frames]:
        """Everything that is kept, by (branch, node)."""
        return dict(self._frames)


def _bytes(frames: Frames) -> int:
    return sum(frame.nbytes for frame in frames.values())
