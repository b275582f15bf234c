"""A Sink and Archive in memory: what a store promises, without a disk."""

from dataclasses import replace

from core.branch_tree import Branch, Branches, BranchTree, Head, extended, with_branch
from core.errors import BadStore
from core.history import Change, History, changed
from core.recording import SessionInfo, StateCodec
from core.step import Node, Step, StoredNode
from core.verbs import Verb


class MemoryArchive:
    """Keeps packed nodes only, so that reading back goes through pack and unpack."""

    def __init__(self, *, behind: bool = False) -> None:
        self.steps: list[Step] = []
        self.verbs: list[Verb] = []
        self.behind = behind
        """Answers that it holds nothing yet, as a slow disk would."""
        self._codec: StateCodec | None = None
        self._info: dict[str, object] | None = None
        self._tree = BranchTree()
        self._head: Head | None = None
        self._history = History()
        self._nodes: dict[tuple[int, int], StoredNode] = {}

    def begin(self, info: SessionInfo, codec: StateCodec) -> None:
        self._codec = codec
        self._info = {
            "task": info.task,
            "world": info.world.identity.to_dict(),
            "policy": info.policy.identity.to_dict(),
        }

    def episode(self, branch: Branch, start: Node) -> None:
        self._tree = with_branch(self._tree, branch)
        self._nodes[branch.id, 0] = self._pack(start)

    def branch(self, branch: Branch) -> None:
        known = self._tree.branches.get(branch.id)
        self._tree = with_branch(self._tree, branch if known is None else replace(branch, length=known.length))

    def step(self, step: Step) -> None:
        known = self._tree.branches[step.branch]
        assert step.index == known.length, "steps come in order"
        self._tree = extended(self._tree, step.branch)
        self._nodes[step.branch, step.index + 1] = self._pack(step.node)
        self._head = Head(step.branch, step.index + 1)
        self.steps.append(step)

    def moved(self, head: Head) -> None:
        self._head = head

    def head(self) -> Head | None:
        return self._head

    def verb(self, verb: Verb) -> None:
        self.verbs.append(verb)

    def edited(self, change: Change) -> None:
        self._history = changed(self._history, change)

    def history(self) -> History:
        return self._history

    def check(self) -> None:
        """Memory never refuses."""

    @property
    def recorded(self) -> int:
        return len(self.steps)

    def info(self) -> dict[str, object] | None:
        return self._info

    def tree(self) -> BranchTree:
        return BranchTree(Branches(self._tree.branches.values()))

    def holds(self, branch: int, index: int) -> bool:
        return not self.behind and (branch, index) in self._nodes

    def node(self, branch: int, index: int) -> StoredNode:
        if (branch, index) not in self._nodes:
            raise BadStore(f"Node {index} of branch {branch} is not in the archive.")
        return self._nodes[branch, index]

    def _pack(self, node: Node) -> StoredNode:
        assert self._codec is not None, "begin comes first"
        return self._codec.pack(node)
