"""Reads a session back: node by node, frame by frame, column by column. While it is being written, too.

Any thread may ask; a node that is not in the arrays yet is answered from the journal's copy in memory.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.action import CODEC
from core.branch_tree import BranchTree, Head, owner
from core.camera import Camera
from core.errors import BadStore
from core.history import History, changed
from core.regular_files import read_bytes, read_json
from core.step import StoredNode
from core.store.checks import Check, CheckedRows, read_checks
from core.store.column_files import ColumnFiles
from core.store.columns import Column, decompressed, frame_limit, little
from core.store.damage import DAMAGE, reason
from core.store.layout import LARGEST_ROW, NODE, NODE_COLUMNS, ROOT, Layout, checked_size
from core.store.node_row import read_values
from core.store.opening import Recovery, read_session
from core.store.records import NodeRecord, fixed_of, layouts_of, node_record, shared_of
from core.store.serialization import change_from_dict, workcell_values
from core.store.session_index import Contents
from core.workcell import Workcell, stored_workcell
from core.world import PackedState

_SHARED_KEPT = 32


class StoreArchive:
    """A core.recording.Archive over one session folder."""

    def __init__(self, contents: Contents, files: ColumnFiles, recovery: Recovery | None = None) -> None:
        self._contents, self._files = contents, files
        self._checked: CheckedRows | None = None
        self.recovery = recovery or Recovery()
        """What was brought back when it was opened."""
        self._shared: OrderedDict[str, NDArray[Any]] = OrderedDict()

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._files.folder

    @property
    def steps(self) -> int:
        """Steps that are recorded."""
        return self._contents.steps

    @property
    def settings(self) -> dict[str, Any]:
        """What the operator set last: "speed", "freeze_on_idle", "device", where it was set."""
        return dict(self._contents.settings)

    def info(self) -> dict[str, object] | None:
        """See core.recording.Archive."""
        info = self._contents.info
        if info is None:
            return None
        return {
            "task": info["task"],
            "world": info["world"]["identity"],
            "policy": info["policy"]["identity"],
        }

    @property
    def openings(self) -> list[dict[str, Any]]:
        """Each time that it was opened for driving: "wall_time" (time.time()), "world", "policy", "operator"."""
        return list(self._contents.openings)

    @property
    def dt(self) -> float:
        """Seconds of world time per step; 0.1 until the session begins."""
        return float(workcell_values(self._contents.info["world"])["dt"]) if self._contents.info is not None else 0.1

    @property
    def codec(self) -> str:
        """How its actions are laid out; core.action.CODEC until the session begins."""
        return str(workcell_values(self._contents.info["world"])["codec"]) if self._contents.info is not None else CODEC

    def cameras(self) -> tuple[Camera, ...]:
        """The cameras, in the order in which they are shown; none while nothing was begun."""
        info = self._contents.info
        return tuple(Camera.from_dict(c) for c in workcell_values(info["world"])["cameras"]) if info else ()

    def workcell(self) -> Workcell | None:
        """The robot, cameras and rate that it was recorded with; None while nothing was begun."""
        info = self._contents.info
        return None if info is None else stored_workcell(info["world"])

    def tree(self) -> BranchTree:
        """See core.recording.Archive."""
        return self._contents.tree

    def head(self) -> Head | None:
        """See core.recording.Archive."""
        return self._contents.head

    def history(self) -> History:
        """See core.recording.Archive."""
        history, tree = History(), self._contents.tree
        for values in self._contents.edits:
            history = changed(history, change_from_dict(values, tree))
        return history

    def holds(self, branch: int, index: int) -> bool:
        """See core.recording.Archive."""
        return self._contents.row(branch, index) is not None

    def node(self, branch: int, index: int) -> StoredNode:
        """See core.recording.Archive."""
        row = self._row(branch, index)
        try:
            return self._stored(row, self._pending(row))
        except DAMAGE as error:
            raise self._damaged(f"Node {index} of branch {branch}", error) from error

    def frame(self, branch: int, index: int, camera: str) -> NDArray[np.uint8]:
        """One picture, (H, W, 3), of a node of the branch or of the part that it shares with its parents.

        Raises:
            BadStore: no such node or camera, or the picture is torn.
        """
        columns = dict(self._contents.tables.frame_columns())
        if camera not in columns:
            raise BadStore(f"The session {self.folder} has no camera {camera!r}; it has {', '.join(columns)}.")
        at = owner(self._contents.tree, branch, index)
        row = self._row(at.branch, at.index)
        try:
            return self._value(columns[camera], row, self._pending(row))
        except DAMAGE as error:
            raise self._damaged(f"The {camera} picture of node {index} of branch {branch}", error) from error

    def column(self, name: str, branch: int) -> NDArray[Any]:
        """One of layout.NODE_COLUMNS for the nodes that a branch owns, oldest first, (n, ...).

        Raises:
            BadStore: the branch or the column is missing or torn.
        """
        if name not in NODE_COLUMNS or not 0 <= branch < len(self._contents.rows):
            raise BadStore(f"The session {self.folder} has no column {name!r} of branch {branch}.")
        rows = list(self._contents.rows[branch])
        try:
            return self._column(NODE_COLUMNS[name], name, rows)
        except DAMAGE as error:
            raise self._damaged(f"The column {name!r} of branch {branch}", error) from error

    def device(self, code: int) -> str:
        """The name of a number in the column "device"."""
        return self._contents.tables.devices[code]

    def _row(self, branch: int, index: int) -> int:
        row = self._contents.row(branch, index)
        if row is None:
            raise BadStore(f"Node {index} of branch {branch} is not in the session {self.folder}.")
        return row

    def _pending(self, row: int) -> NodeRecord | None:
        """The node where it is not in the arrays yet."""
        payload = self._contents.pending.get(row)
        return None if payload is None else node_record(payload, self._contents.tables)

    def _stored(self, row: int, pending: NodeRecord | None) -> StoredNode:
        fixed = self._fixed(row) if pending is None else pending.fixed
        tables = self._contents.tables
        frames = {camera: self._value(column, row, pending) for camera, column in tables.frame_columns()}
        states = [
            PackedState(self._arrays(layout, row, pending), {n: self._shared_array(h) for n, h in shared.items()})
            for layout, shared in zip(layouts_of(fixed, tables), shared_of(fixed, tables), strict=True)
        ]
        return StoredNode(world=states[0], policy=states[1], control=states[2], **read_values(fixed, frames))

    def _fixed(self, row: int) -> Any:
        fixed = np.empty(1, NODE)
        for name, column in NODE_COLUMNS.items():
            fixed[name][0] = self._files.read(column, row)
        return fixed[0]

    def _arrays(self, layout: Layout, row: int, pending: NodeRecord | None) -> dict[str, NDArray[Any]]:
        columns = {field.name: column for field, column in layout.columns()}
        return {
            field.name: (
                np.empty(field.shape, field.dtype) if field.empty else self._value(columns[field.name], row, pending)
            )
            for field in layout.fields
        }

    def _value(self, column: Column, row: int, pending: NodeRecord | None) -> NDArray[Any]:
        if pending is None:
            if self._checked is not None:
                self._checked.require(column, row)
            return self._files.read(column, row)
        data = pending.values[column.path]
        return column.array(decompressed(data, column.row_bytes) if column.big else data)

    def _column(self, column: Column, name: str, rows: Sequence[int]) -> NDArray[Any]:
        values = np.empty((len(rows), *column.shape), column.dtype)
        folded = []
        for place, row in enumerate(rows):
            payload = self._contents.pending.get(row)
            if payload is None:
                folded.append(place)
                if self._checked is not None:
                    self._checked.require(column, row)
            else:
                values[place] = fixed_of(payload)[name]
        values[folded] = self._files.read_rows(column, np.array(rows, np.int64)[folded])
        return values

    def _shared_array(self, digest: str) -> NDArray[Any]:
        """One shared array; the same object again while it is remembered."""
        known = self._shared.get(digest)
        if known is not None:
            return known
        pending = self._contents.shared.get(digest)
        if pending is None:
            value = read_shared(self.folder, digest)
        else:
            value = _array(pending.dtype, pending.shape, lambda: pending.data)
        self._shared[digest] = value
        if len(self._shared) > _SHARED_KEPT:
            self._shared.popitem(last=False)
        return value

    def check_rows(self, checks: Sequence[Check]) -> None:
        """From here on, hold every row of numbers and pictures that is read against its checksum."""
        self._checked = CheckedRows(self._files, checks)

    def _damaged(self, what: str, error: Exception) -> BadStore:
        return BadStore(
            f"{what} in the session {self.folder} is missing or torn: {error}. `main.py verify` says what else is."
        )


def read_shared(folder: Path, digest: str) -> NDArray[Any]:
    """An array that many states share, from the store.

    Raises:
        OSError, ValueError, RuntimeError, KeyError, TypeError: it is missing or torn.
    """
    metadata = read_json(folder / "shared" / digest / ROOT)
    shape = tuple(metadata["shape"])
    chunk = folder / "shared" / digest / ("c" + "".join(".0" for _ in shape))
    return _array(metadata["data_type"], shape, lambda: read_bytes(chunk, frame_limit(LARGEST_ROW)))


def _array(dtype: str, shape: tuple[int, ...], data: Callable[[], bytes]) -> NDArray[Any]:
    """A shared array from its frame, which is there where the array has numbers."""
    size = checked_size(dtype, shape)
    return np.frombuffer(decompressed(data(), size) if size else b"", little(dtype)).reshape(shape)


class FrameCache:
    """Decoded pictures of an archive, least recently used ones leave first; for one thread that scrubs."""

    def __init__(self, archive: StoreArchive, limit: int = 64 << 20) -> None:
        """Keep up to ``limit`` bytes of pictures."""
        self._archive, self._limit = archive, limit
        self._frames: OrderedDict[tuple[int, int, str], NDArray[np.uint8]] = OrderedDict()
        self._bytes = 0

    def frame(self, branch: int, index: int, camera: str) -> NDArray[np.uint8]:
        """See StoreArchive.frame."""
        at = owner(self._archive.tree(), branch, index)
        key = (at.branch, at.index, camera)
        frame = self._frames.get(key)
        if frame is None:
            frame = self._archive.frame(at.branch, at.index, camera)
            self._frames[key] = frame
            self._bytes += frame.nbytes
            while self._bytes > self._limit and len(self._frames) > 1:
                self._bytes -= self._frames.popitem(last=False)[1].nbytes
        self._frames.move_to_end(key)
        return frame


def open_archive(folder: Path, *, checked: bool = False) -> StoreArchive:
    """A session for reading only; changes nothing on disk, so it may be open elsewhere.

    Args:
        folder: Of the session.
        checked: Whether rows are held against their checksums when they are read.

    Raises:
        BadStore: see core.store.opening; or the checksums cannot be read.
    """
    opened, files = read_session(folder), ColumnFiles(folder)
    archive = StoreArchive(opened.contents, files, opened.recovery)
    if checked and opened.committed.checks.rows:
        try:
            archive.check_rows(read_checks(files, opened.contents.checked, opened.committed.checks))
        except DAMAGE as error:
            raise BadStore(
                f"The checksums of the session {folder} cannot be read: {reason(error)}. `main.py repair {folder}` "
                "makes them again from what is there."
            ) from error
    return archive
