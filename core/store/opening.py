"""Reads a session folder into Contents: what is committed, then the journal up to its last whole record."""

from array import array
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.branch_tree import Branch, Branches, BranchTree, Head
from core.errors import BadStore
from core.journal import Replay, replay
from core.regular_files import entries, require_regular
from core.store import small_tables as table
from core.store.checks import Sums
from core.store.column_files import ColumnFiles
from core.store.columns import FLAT_ROWS, PARTIAL
from core.store.damage import DAMAGE, reason
from core.store.fold import Committed
from core.store.layout import FORMAT, JOURNAL_FOLDER, JOURNAL_SUFFIX, NODE_COLUMNS, ROOT, VERSION, Layout, Tables
from core.store.root import Root, read_root
from core.store.root_values import require_values
from core.store.serialization import workcell_values
from core.store.session_index import Contents
from core.store.tree_rules import misplaced


@dataclass(frozen=True, slots=True)
class Recovery:
    """What opening a session that was not closed brought back."""

    steps: int = 0
    """Steps that were only in the journal."""
    cut_bytes: int = 0
    """Bytes of the journal that could not be read: a torn tail that was never reported as recorded, or damage."""
    damaged: tuple[Path, ...] = ()
    """Journal files with damage, or with what went on from something that damage took."""
    root: str = ""
    """What is wrong with the root's zarr.json, where its copy served; "" for nothing."""

    def words(self) -> str:
        """For the user; "" where there is nothing to say."""
        root = f"The session's zarr.json {self.root}; its copy was read instead." if self.root else ""
        if self.steps == 0 and self.cut_bytes == 0:
            return root
        text = root + " " * bool(root)
        text += f"This session was not closed; {self.steps} steps were brought back from its journal."
        if self.damaged:
            names = ", ".join(kept_name(path) for path in self.damaged)
            text += (
                f" Its journal is damaged: {self.cut_bytes} bytes could not be read. Opening it keeps them in {names}."
            )
        elif self.cut_bytes:
            text += f" {self.cut_bytes} bytes of a record that was being written were cut off its end."
        return text


def kept_name(path: Path) -> str:
    """What the copy of a damaged journal file is called, beside it."""
    return f"{path.stem}.damaged"


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A session as it was found."""

    contents: Contents
    committed: Committed
    created: float
    """time.time()."""
    closed: bool
    recovery: Recovery


def attributes(folder: Path) -> dict[str, Any] | None:
    """The root attributes of a session; None where the folder holds nothing yet.

    Raises:
        BadStore: no such folder, not a session, of another version, or torn.
    """
    root = root_of(folder)
    return None if root is None else root.values


def root_of(folder: Path) -> Root | None:
    """The root of a session, of this program and version. Raises as attributes does."""
    root = read_root(folder)
    if root is None:
        return None
    if root.values.get("format") != FORMAT:
        raise BadStore(f"{folder} is a Zarr group, but not a session of this program. Choose a session folder.")
    if root.values.get("version") != VERSION:
        raise BadStore(
            f"The session {folder} has version {root.values.get('version')}; this program reads version {VERSION}. "
            "Open it with the program that recorded it."
        )
    try:
        require_values(root.values)
    except ValueError as error:
        raise BadStore(
            f"The session {folder} is damaged: of its {ROOT}, {error}. Restore that file from a copy."
        ) from error
    return root


def journal_files(folder: Path) -> list[tuple[int, Path]]:
    """Number and path of each journal file, in order."""
    found = [p for p in (folder / JOURNAL_FOLDER).glob(f"*{JOURNAL_SUFFIX}") if p.stem.isdigit()]
    return sorted((int(path.stem), path) for path in found)


def journal_path(folder: Path, number: int) -> Path:
    """Where a journal file is."""
    return folder / JOURNAL_FOLDER / f"{number:08d}{JOURNAL_SUFFIX}"


def partial_files(folder: Path) -> list[Path]:
    """Files that a killed program left unfinished."""
    return sorted(Path(entry.path) for entry in entries(folder) if entry.name.endswith(PARTIAL))


def read_session(folder: Path) -> Opened:
    """Everything that is recorded in a folder; changes nothing on disk.

    Raises:
        BadStore: see attributes; or arrays or journal do not fit together.
    """
    require_regular(folder)
    root = root_of(folder)
    if root is None:
        return Opened(Contents(), Committed(), 0.0, False, Recovery())
    values = root.values
    try:
        committed = committed_of(values)
        require_room(folder, committed)
        contents = _committed(folder, values, committed)
    except DAMAGE as error:
        raise BadStore(
            f"The session {folder} is damaged: {_why(error)}. `main.py verify` says what, `main.py repair` mends what "
            "can be mended."
        ) from error
    steps, cut = contents.steps, 0
    damaged: list[Path] = []
    torn: list[Path] = []
    left = [path for number, path in journal_files(folder) if number >= committed.journal]  # the rest is carried over
    for place, path in enumerate(left):
        found = _replayed(path)
        if found.damaged:
            damaged.append(path)
        if found.torn:
            torn.append(path)
        try:
            for record in found.records:
                contents.apply(record)
        except BadStore:
            if not torn:
                raise
            damaged = sorted({*torn, *left[place:]})  # it goes on from what is lost
            cut += sum(later.stat().st_size for later in left[place:])
            break
        except DAMAGE as error:
            raise BadStore(f"The journal {path} is damaged: {reason(error)}. Restore it from a copy.") from error
        cut += found.torn
    _require_labels(folder, contents, committed)
    contents.head = _reachable(contents)
    recovery = Recovery(contents.steps - steps, cut, tuple(damaged), root.trouble)
    return Opened(contents, committed, float(values["created"]), bool(values["closed"]), recovery)


def _replayed(path: Path) -> Replay:
    """Read a journal.

    Raises:
        BadStore: it is not a regular file, not a journal, or cannot be read.
    """
    try:
        return replay(path)
    except OSError as error:
        raise BadStore(f"The journal {path} cannot be read: {reason(error)}. Restore it from a copy.") from error


def _committed(folder: Path, values: dict[str, Any], committed: Committed) -> Contents:
    contents = Contents(openings=values["openings"], settings=values["settings"], episodes=committed.episodes)
    contents.tables_checked = committed.tables_checked
    contents.checked = list(values.get("checks", {}).get("columns", ()))
    if values["task"] is not None:
        contents.info = {"task": values["task"], "world": values["world"], "policy": values["policy"]}
        contents.info["operator"] = values.get("operator", "")
    contents.tables = tables_of(values)
    contents.nodes = committed.nodes
    contents.verbs_from = committed.verbs - committed.verbs % table.ROWS
    contents.verbs = table.read_verbs(folder / "verbs", committed.verbs, contents.verbs_from)
    contents.edits = table.read_edits(folder / "edits", committed.edits)
    _place(contents, folder, committed)
    contents.head = None if values["head"] is None else Head(*values["head"])
    return contents


def tables_of(values: dict[str, Any]) -> Tables:
    """What nodes refer to by number, from the root's attributes.

    Raises:
        KeyError, TypeError: they are torn.
    """
    cameras = [] if values["task"] is None else workcell_values(values["world"])["cameras"]
    states = values["states"]
    return Tables(
        [(camera["name"], camera["height"], camera["width"]) for camera in cameras],
        list(states["devices"]),
        [Layout.from_dict(layout) for layout in states["layouts"]],
        list(states["shared_sets"]),
    )


def committed_of(values: dict[str, Any]) -> Committed:
    """What the arrays hold, from the root's attributes. Raises as tables_of does."""
    checks = values.get("checks") or {"rows": 0, "crc32": 0}
    sums = Sums(checks["rows"], checks["crc32"])
    return Committed(**values["committed"], checks=sums, tables_checked=checks.get("tables") is True)


def _require_labels(folder: Path, contents: Contents, committed: Committed) -> None:
    """Check the table of branches against its checksums; rows that the journal rewrites are accepted in any case.

    Raises:
        BadStore: a branch is not what was recorded.
    """
    if not committed.tables_checked or not committed.branches:
        return
    try:
        listed = table.read_branches(folder / "branches", committed.branches)
        wrong = set(table.wrong_checks(folder, "branches", listed)) - contents.changed
    except DAMAGE as error:
        raise BadStore(
            f"The session {folder} is damaged: of the checksums of its branches, {reason(error)}. "
            "`main.py repair` makes them again."
        ) from error
    if wrong:
        raise BadStore(
            f"The session {folder} is damaged: branch {min(wrong)} of its table of branches is not what was recorded. "
            "`main.py verify` says more; `main.py repair` takes it as it is."
        )


def _reachable(contents: Contents) -> Head | None:
    """The head, or the last node before it that is there where the journal has lost what came behind."""
    head, branches = contents.head, contents.tree.branches
    if head is None or not branches:
        return None
    at = branches.get(head.branch, branches[len(branches) - 1])
    return Head(at.id, min(head.index, at.length))


def require_room(folder: Path, committed: Committed) -> None:
    """Refuse counts of rows that no files of the session could hold, before anything is made for them.

    Raises:
        ValueError: there are not that many.
    """
    blocks = max((_blocks(folder / column.path) for column in NODE_COLUMNS.values()), default=0)
    if committed.nodes > blocks * FLAT_ROWS:
        raise ValueError(f"it says {committed.nodes} nodes, its files hold at most {blocks * FLAT_ROWS}")
    for name, columns in table.TABLES.items():
        blocks = max(_blocks(folder / name / column.name) for column in columns)
        count = getattr(committed, name)
        if count > blocks * table.ROWS:
            raise ValueError(f"it says {count} {name}, its files hold at most {blocks * table.ROWS}")


def _blocks(folder: Path) -> int:
    """How many chunk files an array has, live or packed."""
    return sum(path.name.removeprefix("c.").split(".")[0].isdecimal() for path in folder.glob("*[0-9]*"))


def _place(contents: Contents, folder: Path, committed: Committed) -> None:
    """The tree, and which rows belong to which branch."""
    if committed.branches == 0:
        return
    files = ColumnFiles(folder)
    listed = table.read_branches(folder / "branches", committed.branches)
    owner = files.read_flat(NODE_COLUMNS["branch"], committed.nodes)
    index = files.read_flat(NODE_COLUMNS["index"], committed.nodes)
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(committed.branches + 1))
    branches: list[Branch] = []
    for branch in listed:
        words = misplaced(branch, branches)
        if words:
            raise ValueError(words)
        rows = order[bounds[branch.id] : bounds[branch.id + 1]]
        first = 0 if branch.parent is None else branch.fork_step + 1
        if not np.array_equal(index[rows], np.arange(first, first + len(rows))):
            raise ValueError(f"the nodes of branch {branch.id} are not in order")
        contents.rows.append(array("q", rows.tolist()))
        branches.append(replace(branch, length=first + len(rows) - 1))
    if bounds[0] != 0 or bounds[-1] != committed.nodes:
        raise ValueError("some nodes are of no branch")
    contents.tree = BranchTree(Branches(branches))


def _why(error: Exception) -> str:
    """The cause in words, for one line."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return reason(error)
