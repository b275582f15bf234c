"""What a session holds, in memory: what is in the arrays plus what is still only in the journal.

The writer applies records; other threads read. Nothing is locked: a node is published by appending its row to its
branch, last of all, and tree and head are values that are swapped whole.
"""

from array import array
from dataclasses import dataclass, field, replace
from typing import Any

from core.branch_tree import Branch, BranchTree, Head, extended, with_branch
from core.errors import BadStore
from core.journal import Record
from core.store.layout import Layout, Tables
from core.store.records import Kind, fixed_of, json_of, row_of, split_json
from core.store.serialization import branch_from_dict, workcell_values
from core.store.tree_rules import misplaced


@dataclass(frozen=True, slots=True)
class VerbEntry:
    """A verb that was carried out."""

    wall_time: float
    """time.time()."""
    nodes: int
    """How many nodes had been recorded then."""
    text: str
    """JSON: {"verb": name, parameters}."""


@dataclass(frozen=True, slots=True)
class SharedArray:
    """An array that many states share, as stored in the journal."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes
    """A zstd frame."""


@dataclass(slots=True, eq=False)
class Contents:
    """Everything that is recorded; see the module."""

    info: dict[str, Any] | None = None
    """plain.info_to_dict of the newest begin; None while nothing was begun."""
    openings: list[dict[str, Any]] = field(default_factory=list)
    """Wall time, world and policy of each begin."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Speed, freeze on idle and device as the operator set them last."""
    tables: Tables = field(default_factory=Tables)
    tree: BranchTree = field(default_factory=BranchTree)
    head: Head | None = None
    rows: list["array[int]"] = field(default_factory=list)
    """Per branch: the rows of the nodes that it owns, oldest first."""
    nodes: int = 0
    """Rows that are recorded."""
    episodes: int = 0
    """Of these, starts of episodes."""
    pending: dict[int, bytes] = field(default_factory=dict)
    """Row -> NODE payload of nodes that are not in the arrays yet."""
    verbs: list[VerbEntry] = field(default_factory=list)
    """The newest ones, from number ``verbs_from`` on."""
    verbs_from: int = 0
    edits: list[dict[str, Any]] = field(default_factory=list)
    """What happened to the history of undo and redo: plain.change_to_dict of each."""
    shared: dict[str, SharedArray] = field(default_factory=dict)
    """Shared arrays that are not in the store yet, by hash."""
    checked: list[str] = field(default_factory=list)
    """Paths of the arrays that have checksums, in the order of their numbers; see core.store.checks."""
    tables_checked: bool = False
    """Whether each row of the small tables in the store has a checksum."""
    changed: set[int] = field(default_factory=set)
    """Branches that the table in the store does not show as they are."""

    @property
    def steps(self) -> int:
        """Steps that are recorded."""
        return self.nodes - self.episodes

    @property
    def verb_count(self) -> int:
        """Verbs that are recorded."""
        return self.verbs_from + len(self.verbs)

    def first_index(self, branch: int) -> int:
        """Index of the first node that a branch owns."""
        at = self.tree.branches[branch]
        return 0 if at.parent is None else at.fork_step + 1

    def row(self, branch: int, index: int) -> int | None:
        """The row of a node; None where the branch does not own it or it is not recorded."""
        if not 0 <= branch < len(self.rows):
            return None
        place = index - self.first_index(branch)
        return self.rows[branch][place] if 0 <= place < len(self.rows[branch]) else None

    def apply(self, record: Record) -> None:
        """Take in one record; one that was taken in before changes nothing.

        Raises:
            BadStore: it does not fit what came before.
        """
        match record.kind:
            case Kind.NODE:
                self._node(record.payload)
            case Kind.EPISODE:
                values, payload = split_json(record.payload)
                if row_of(payload) > self.nodes:
                    raise BadStore("An episode was recorded out of order; the store is damaged.")
                if row_of(payload) == self.nodes:
                    self._branch(branch_from_dict(values))
                    self.episodes += 1
                    self._node(payload)
            case Kind.BRANCH:
                self._branch(branch_from_dict(json_of(record.payload)))
            case Kind.HEAD:
                values = json_of(record.payload)
                self.head = self._there(Head(values["branch"], values["index"]))
            case Kind.VERB:
                self._verb(json_of(record.payload))
            case Kind.EDIT:
                values = json_of(record.payload)
                if values["number"] == len(self.edits):
                    self.edits.append(values["edit"])
            case Kind.BEGIN:
                self._begin(json_of(record.payload))
            case _:
                self._table(record)

    def _table(self, record: Record) -> None:
        match record.kind:
            case Kind.LAYOUT:
                layout = Layout.from_dict(json_of(record.payload))
                if layout.id == len(self.tables.layouts):
                    self.tables.layouts.append(layout)
            case Kind.DEVICE:
                values = json_of(record.payload)
                if values["id"] == len(self.tables.devices):
                    self.tables.devices.append(values["name"])
            case Kind.SHARED_SET:
                values = json_of(record.payload)
                if values["id"] == len(self.tables.shared_sets):
                    self.tables.shared_sets.append(values["arrays"])
            case Kind.SHARED:
                values, data = split_json(record.payload)
                self.shared[values["hash"]] = SharedArray(values["dtype"], tuple(values["shape"]), data)
            case _:
                raise BadStore(
                    f"The journal of this session holds a record of kind {record.kind}, which this program does not "
                    "know: a newer one wrote it. Open the session with that one."
                )

    def _begin(self, values: dict[str, Any]) -> None:
        self.info = values["info"]
        opening = {
            "wall_time": values["wall_time"],
            "world": values["info"]["world"]["identity"],
            "policy": values["info"]["policy"]["identity"],
            "operator": values["info"].get("operator", ""),
        }
        if opening not in self.openings:
            self.openings.append(opening)
        cameras = workcell_values(values["info"]["world"])["cameras"]
        self.tables.cameras[:] = [(camera["name"], camera["height"], camera["width"]) for camera in cameras]

    def _there(self, head: Head) -> Head:
        at = self.tree.branches.get(head.branch)
        if at is None or head.index > at.length:
            raise BadStore(f"The head went to node {head.index} of branch {head.branch}, which is not recorded.")
        return head

    def _branch(self, branch: Branch) -> None:
        known = self.tree.branches.get(branch.id)
        if known is None:
            if branch.id != len(self.rows):
                raise BadStore(f"Branch {branch.id} was recorded before branch {len(self.rows)}; the store is damaged.")
            words = misplaced(branch, self.tree.branches)
            if words:
                raise BadStore(f"The journal cannot be carried on: {words}; the store is damaged.")
            self.rows.append(array("q"))
            self.tree = with_branch(self.tree, replace(branch, length=branch.fork_step))
        else:
            if (branch.parent, branch.fork_step, branch.episode) != (known.parent, known.fork_step, known.episode):
                raise BadStore(f"Branch {branch.id} was recorded at another place of the tree; the store is damaged.")
            self.tree = with_branch(self.tree, replace(branch, length=known.length))
        self.changed.add(branch.id)

    def _node(self, payload: bytes) -> None:
        row = row_of(payload)
        if row < self.nodes:
            return
        fixed = fixed_of(payload)
        branch, index = int(fixed["branch"]), int(fixed["index"])
        known = self.tree.branches.get(branch)
        if row != self.nodes or known is None or index != self.first_index(branch) + len(self.rows[branch]):
            raise BadStore(f"Node {index} of branch {branch} was recorded out of order; the store is damaged.")
        self.pending[row] = payload
        self.rows[branch].append(row)
        self.nodes += 1
        if index != known.length:
            self.tree = extended(self.tree, branch)
        self.head = Head(branch, index)
        self.changed.add(branch)

    def _verb(self, values: dict[str, Any]) -> None:
        if values["number"] < self.verb_count:
            return
        self.verbs.append(VerbEntry(values["wall_time"], values["nodes"], values["text"]))
        self.settings |= values["settings"]
