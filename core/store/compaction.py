"""Makes a closed session smaller: its arrays are packed one after the other. A kill at any moment loses nothing.

Of each array the packed files are written beside the live ones, read back and compared; then zarr.json is replaced by
one rename, which decides which files count; then the live ones are removed. What a killed program left over is removed
by the next opening or compaction.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import regular_files
from core.errors import BadStore
from core.store.checks import CHECKS
from core.store.column_files import METADATA, ColumnFiles
from core.store.columns import Column, replace_file, sync_file
from core.store.lock import WANTED, WriterLock
from core.store.opening import Opened, read_session
from core.store.packed import packed_metadata, packed_name, packing_for, read_shard, write_shard


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a compaction is."""

    done: int
    """Rows of arrays that are packed, of all arrays together."""
    total: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a session weighs on disk."""

    bytes: int
    files: int


def size_of(folder: Path) -> Sizes:
    """What a folder weighs; files that vanish meanwhile do not count."""
    return Sizes(*regular_files.size_of(folder))


def compacting(folder: Path, *, sync: bool = True) -> Iterator[Progress]:
    """Pack every array of a closed session, in pieces of some tens of milliseconds; may be stopped between any two.

    Ends early, leaving a consistent session, if another program wants to record into it.

    Raises:
        StoreBusy: another program has it open.
        BadStore: it is not a session, it was not closed, or it is damaged; nothing was changed.
    """
    read_session(folder)  # or the lock file would be made in any folder
    lock = WriterLock(folder, "compacting")
    try:
        (folder / WANTED).unlink(missing_ok=True)
        opened = read_session(folder)
        if not opened.closed or opened.recovery.words():
            raise BadStore(
                f"The session {folder} was not closed. `main.py repair {folder}` closes it; then compact it."
            )
        yield from _all(folder, opened, lock, sync=sync)
    finally:
        lock.release()


def _all(folder: Path, opened: Opened, lock: WriterLock, *, sync: bool) -> Iterator[Progress]:
    files, columns = ColumnFiles(folder), [*opened.contents.tables.columns(), CHECKS]
    sweep(files, columns)
    rows = {column.path: opened.committed.nodes for column in columns} | {CHECKS.path: opened.committed.checks.rows}
    live = [c for c in columns if files.packing(c) is None and (folder / c.path / METADATA).exists()]
    live = [column for column in live if rows[column.path]]
    done, total = 0, sum(rows[column.path] for column in live)
    for column in live:
        for here in _pack(files, column, rows[column.path], sync=sync):
            yield Progress(done + here, total)
            if lock.wanted:
                return
        done += rows[column.path]


def _pack(files: ColumnFiles, column: Column, rows: int, *, sync: bool) -> Iterator[int]:
    """Write one array anew and put it in place; yields how many rows are done."""
    packing, folder = packing_for(column), files.folder / column.path
    for block in range(-(-rows // packing.shard)):
        here = min(packing.shard, rows - block * packing.shard)
        try:
            values = files.read_block(column, block)[:here]
        except (OSError, ValueError, RuntimeError) as error:
            raise BadStore(
                f"The session {files.folder} cannot be compacted, {column.path} is damaged: {error}. "
                f"`main.py verify {files.folder}` says more. Nothing was lost."
            ) from error
        path = folder / packed_name(column, block)
        write_shard(path, packing, values)
        if sync:
            sync_file(path)
        if not np.array_equal(read_shard(path, column, packing)[:here].view(np.uint8), values.view(np.uint8)):
            path.unlink()
            raise BadStore(f"{path} does not read as it was written. Check the disk; the session is as it was.")
        yield block * packing.shard + here
    replace_file(folder / METADATA, packed_metadata(column, rows, packing), sync=sync)
    files.forget()
    sweep(files, [column])
    yield rows


def sweep(files: ColumnFiles, columns: Iterable[Column]) -> None:
    """Remove what a compaction that was killed left over: packed files that do not count, or live ones any more."""
    for column in columns:
        folder = files.folder / column.path
        if (folder / METADATA).exists():
            for path in folder.glob("[0-9]*" if files.packing(column) is None else "c.*"):
                path.unlink()
