"""Every node by (branch, index): in memory up to a limit, beyond it in the archive, back on demand."""

from collections import OrderedDict
from collections.abc import Callable
from itertools import islice

from core.errors import BadStore
from core.recording import Archive
from core.step import Node, StoredNode

DEFAULT_LIMIT = 1 << 30
"""Bytes."""
_LOOKS = 64
"""How many of the oldest nodes one put may look at, so that a slow archive costs a bounded time."""


class StateCache:
    """Least recently used nodes leave first, and only those that the archive holds; nothing is ever lost."""

    def __init__(
        self,
        archive: Archive | None = None,
        unpack: Callable[[int, StoredNode], Node] | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        """Keep nodes.

        Args:
            archive: Where nodes that leave are read again; None keeps everything in memory.
            unpack: (branch, stored node) -> live node.
            limit: Bytes of memory.
        """
        self._archive, self._unpack = archive, unpack
        self._limit = limit
        self.state_bytes = 0  # what the three states of a node weigh beside its frames
        self._nodes: OrderedDict[tuple[int, int], tuple[Node, int]] = OrderedDict()
        self._bytes = 0
        self._moves: list[tuple[int, int, bool]] = []

    @property
    def bytes(self) -> int:
        """What the kept nodes weigh."""
        return self._bytes

    def take_moves(self) -> tuple[tuple[int, int, bool], ...]:
        """(branch, index, whether into memory) of nodes that left or came back since the last call, in order."""
        moves, self._moves = tuple(self._moves), []
        return moves

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, key: object) -> bool:
        """Whether a (branch, index) is in memory now."""
        return key in self._nodes

    def put(self, branch: int, index: int, node: Node) -> None:
        """Keep the node that (branch, index) owns."""
        old = self._nodes.pop((branch, index), None)
        if old is not None:
            self._bytes -= old[1]
        size = self.state_bytes + sum(frame.nbytes for frame in node.observation.frames.values())
        self._nodes[branch, index] = (node, size)
        self._bytes += size
        if self._bytes > self._limit:
            self._evict()

    def get(self, branch: int, index: int) -> Node:
        """The node that (branch, index) owns.

        Raises:
            BadStore: it is neither in memory nor in the archive.
        """
        kept = self._nodes.get((branch, index))
        if kept is not None:
            self._nodes.move_to_end((branch, index))
            return kept[0]
        if self._archive is None or self._unpack is None:
            raise BadStore(f"The state of branch {branch}, node {index} was never kept.")
        node = self._unpack(branch, self._archive.node(branch, index))
        self._moves.append((branch, index, True))
        self.put(branch, index, node)
        return node

    def _evict(self) -> None:
        """Drop the oldest nodes that the archive holds until the rest fits; the newest always stays."""
        if self._archive is None:
            return
        for key in list(islice(self._nodes, min(_LOOKS, len(self._nodes) - 1))):
            if self._bytes <= self._limit:
                return
            if self._archive.holds(*key):
                self._bytes -= self._nodes.pop(key)[1]
                self._moves.append((*key, False))
