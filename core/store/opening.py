"""Reads a session folder into Contents: what is committed, then the journal up to its last whole record."""

import json
from array import array
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.branch_tree import Branches, BranchTree, Head
from core.errors import BadStore
from core.journal import replay
from core.store import table
from core.store.columns import PARTIAL, ColumnFiles
from core.store.contents import Contents
from core.store.fold import Committed
from core.store.layout import FORMAT, JOURNAL_FOLDER, JOURNAL_SUFFIX, NODE_COLUMNS, ROOT, VERSION, Layout
from core.store.lock import NAME as LOCK_NAME


@dataclass(frozen=True, slots=True)
class Recovery:
    """What opening a session that was not closed brought back."""

    steps: int = 0
    """Steps that were only in the journal."""
    cut_bytes: int = 0
    """Of the journal that could not be read: a torn tail, which nobody was told was recorded, or damage."""
    damaged: tuple[Path, ...] = ()
    """Journal files with damage, or with what went on from something that damage took."""

    def words(self) -> str:
        """For the user; "" where there is nothing to say."""
        if self.steps == 0 and self.cut_bytes == 0:
            return ""
        text = f"This session was not closed; {self.steps} steps were brought back from its journal."
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
    if not folder.is_dir():
        raise BadStore(f"There is no session at {folder}. Check the path, or start a new session there.")
    try:
        values = json.loads((folder / ROOT).read_bytes())["attributes"]
    except FileNotFoundError:
        if all(entry.name in (LOCK_NAME, JOURNAL_FOLDER) or _partial(entry) for entry in folder.iterdir()):
            return None
        raise BadStore(f"{folder} is not a session, and it is not empty. Choose another folder.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadStore(f"{folder / ROOT} is damaged ({error!r}). Restore it from a copy of the session.") from error
    except OSError as error:
        raise BadStore(f"The session {folder} cannot be read: {error.strerror or error}.") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise BadStore(f"{folder} is a Zarr group, but not a session of this program. Choose a session folder.")
    if values.get("version") != VERSION:
        raise BadStore(
            f"The session {folder} has version {values.get('version')}; this program reads version {VERSION}. "
            "Open it with the program that recorded it."
        )
    return values


def journal_files(folder: Path) -> list[tuple[int, Path]]:
    """Number and path of each journal file, in order."""
    found = [p for p in (folder / JOURNAL_FOLDER).glob(f"*{JOURNAL_SUFFIX}") if p.stem.isdigit()]
    return sorted((int(path.stem), path) for path in found)


def journal_path(folder: Path, number: int) -> Path:
    """Where a journal file is."""
    return folder / JOURNAL_FOLDER / f"{number:08d}{JOURNAL_SUFFIX}"


def partial_files(folder: Path) -> list[Path]:
    """Files that a killed program left unfinished."""
    return sorted(folder.rglob(f"*{PARTIAL}"))


def read_session(folder: Path) -> Opened:
    """Everything that is recorded in a folder; changes nothing on disk.

    Raises:
        BadStore: see attributes; or arrays or journal do not fit together.
    """
    values = attributes(folder)
    if values is None:
        return Opened(Contents(), Committed(), 0.0, False, Recovery())
    try:
        committed = Committed(**values["committed"])
        contents = _committed(folder, values, committed)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise BadStore(f"The session {folder} is damaged: {error!r}. Restore it from a copy.") from error
    steps, cut = contents.steps, 0
    damaged: list[Path] = []
    torn: list[Path] = []
    left = [path for number, path in journal_files(folder) if number >= committed.journal]  # the rest is carried over
    for place, path in enumerate(left):
        found = replay(path)
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
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise BadStore(f"The journal {path} is damaged: {error!r}. Restore it from a copy.") from error
        cut += found.torn
    recovery = Recovery(contents.steps - steps, cut, tuple(damaged))
    return Opened(contents, committed, float(values["created"]), bool(values["closed"]), recovery)


def _committed(folder: Path, values: dict[str, Any], committed: Committed) -> Contents:
    contents = Contents(openings=values["openings"], settings=values["settings"], episodes=committed.episodes)
    if values["task"] is not None:
        contents.info = {"task": values["task"], "world": values["world"], "policy": values["policy"]}
        contents.info["operator"] = values.get("operator", "")
        cameras = values["world"]["cameras"]
        contents.tables.cameras = [(camera["name"], camera["height"], camera["width"]) for camera in cameras]
    states = values["states"]
    contents.tables.devices = states["devices"]
    contents.tables.layouts = [Layout.from_dict(layout) for layout in states["layouts"]]
    contents.tables.shared_sets = states["shared_sets"]
    contents.nodes = committed.nodes
    contents.verbs_from = committed.verbs - committed.verbs % table.ROWS
    contents.verbs = table.read_verbs(folder / "verbs", committed.verbs, contents.verbs_from)
    contents.edits = table.read_edits(folder / "edits", committed.edits)
    _place(contents, folder, committed)
    contents.head = None if values["head"] is None else Head(*values["head"])
    return contents


def _place(contents: Contents, folder: Path, committed: Committed) -> None:
    """The tree, and which rows belong to which branch."""
    if committed.branches == 0:
        return
    files = ColumnFiles(folder)
    owner = files.read_flat(NODE_COLUMNS["branch"], committed.nodes)
    index = files.read_flat(NODE_COLUMNS["index"], committed.nodes)
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(committed.branches + 1))
    branches = []
    for branch in table.read_branches(folder / "branches", committed.branches):
        rows = order[bounds[branch.id] : bounds[branch.id + 1]]
        first = 0 if branch.parent is None else branch.fork_step + 1
        if not np.array_equal(index[rows], np.arange(first, first + len(rows))):
            raise ValueError(f"the nodes of branch {branch.id} are not in order")
        contents.rows.append(array("q", rows.tolist()))
        branches.append(replace(branch, length=first + len(rows) - 1))
    contents.tree = BranchTree(Branches(branches))


def _partial(path: Path) -> bool:
    return path.name.endswith(PARTIAL)
