"""What a session needs of a store: a Sink receives everything that happens, an Archive reads it back."""

from dataclasses import dataclass
from typing import Protocol

from core.branch_tree import Branch, BranchTree, Head
from core.history import Change, History
from core.policy import PolicySpec
from core.step import Node, Step, StoredNode
from core.verbs import Verb
from core.world import WorldSpec


@dataclass(frozen=True, slots=True, eq=False)
class SessionInfo:
    """Who makes the steps that follow."""

    task: str
    world: WorldSpec
    policy: PolicySpec
    operator: str = ""
    """Name of the operator; "" where unknown."""


class StateCodec(Protocol):
    """Turns live nodes into stored ones and back. Pure, so a writer may call it on its own thread."""

    def pack(self, node: Node) -> StoredNode:
        """Name the arrays of a live node."""

    def unpack(self, stored: StoredNode) -> Node:
        """The inverse of pack, bit for bit."""


class Sink(Protocol):
    """Receives everything that a session does, in order, on the session's thread; returns at once.

    One object may be Sink and Archive at once; their names do not clash.
    """

    def begin(self, info: SessionInfo, codec: StateCodec) -> None:
        """Everything that follows is made by these parts. Called once per opened session, first."""

    def episode(self, branch: Branch, start: Node) -> None:
        """A new episode: its trunk, and its node 0."""

    def branch(self, branch: Branch) -> None:
        """A new branch (sent before its first step), or new metadata of a known one. Length is not news."""

    def step(self, step: Step) -> None:
        """One step of a branch that is known: its index is the branch's length before it. Never dropped."""

    def moved(self, head: Head) -> None:
        """The head moved without a step (rollback, discard, new episode). A step moves it to its own end."""

    def verb(self, verb: Verb) -> None:
        """A verb was carried out; its effects are emitted before or after. For the record, not for replaying."""

    def edited(self, change: Change) -> None:
        """The history changed; the changes of branches have been emitted already."""

    def check(self) -> None:
        """Called before a step is imagined; raises if it cannot be stored. Earlier steps are kept either way.

        Raises:
            StudioError: it cannot keep more now; the text gives the cause and the fix.
        """

    @property
    def recorded(self) -> int:
        """Steps of this session that are on disk."""


class Archive(Protocol):
    """Everything that a Sink received, readable: when a session is reopened, and for states out of memory.

    A node is asked for by the branch that owns it: (branch, i) with fork_step < i <= length, and i = 0 of a
    trunk. See core.branch_tree.owner.
    """

    def info(self) -> dict[str, object] | None:
        """{"task": str, "world": Identity.to_dict(), "policy": Identity.to_dict()}; None while nothing was begun."""

    def tree(self) -> BranchTree:
        """All branches, lengths included."""

    def head(self) -> Head | None:
        """The head when the session was closed; None in an empty archive."""

    def history(self) -> History:
        """What could be undone and done again."""

    def holds(self, branch: int, index: int) -> bool:
        """Whether node() would answer now. Cheap: the state cache asks before it lets a state go."""

    def node(self, branch: int, index: int) -> StoredNode:
        """One node, bit for bit as it was recorded.

        Raises:
            BadStore: the node is missing or torn.
        """


class NoSink:
    """Keeps nothing, for a session that is not recorded."""

    def begin(self, info: SessionInfo, codec: StateCodec) -> None:
        """See Sink."""

    def episode(self, branch: Branch, start: Node) -> None:
        """See Sink."""

    def branch(self, branch: Branch) -> None:
        """See Sink."""

    def step(self, step: Step) -> None:
        """See Sink."""

    def moved(self, head: Head) -> None:
        """See Sink."""

    def verb(self, verb: Verb) -> None:
        """See Sink."""

    def edited(self, change: Change) -> None:
        """See Sink."""

    def check(self) -> None:
        """Keeping nothing never fails."""

    @property
    def recorded(self) -> int:
        """Nothing is ever on disk."""
        return 0
