"""Mends a session folder where what is lost can be made again from what is there. Destroys nothing.

Every file is copied into a folder beside the session before it is touched. What cannot be mended stays as it is.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np

from core.branch_tree import Branch
from core.errors import BadStore
from core.store import small_tables as table
from core.store.checks import CHECKS, NO_SUMS, Check, write_checks
from core.store.column_files import METADATA, ColumnFiles
from core.store.columns import FLAT_ROWS, SHARD_ROWS, Column, decompressed, replace_file, shard_of
from core.store.fold import Committed
from core.store.layout import COPIES, NODE_COLUMNS, ROOT, VERSION, Tables
from core.store.lock import WriterLock
from core.store.opening import committed_of, partial_files, read_session, tables_of
from core.store.root import COPY, intact, read_copy, read_root, unsealed, write_copy, write_root
from core.store.serialization import branch_to_dict
from core.store.verify import (
    DAMAGE,
    Verdict,
    checks_of,
    expected_metadata,
    table_chunks,
    verify,
    wrong_metadata,
    wrong_rows,
)
from core.store.writer import StoreWriter

ZSTD_MAGIC: Final = bytes.fromhex("28b52ffd")


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing that was mended."""

    path: str
    """Inside the session; "" for the session itself."""
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class Repaired:
    """What a repair did."""

    mends: tuple[Mend, ...]
    copies: Path | None
    """Where the files lie as they were; None where none was touched."""
    verdict: Verdict
    """Of the session afterwards."""


class Copies:
    """Keeps files as they were, in a folder beside the session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        taken = [folder.with_name(f"{folder.name}{COPIES}{suffix}") for suffix in ("", *map(_numbered, range(2, 1000)))]
        self.place = next(path for path in taken if not path.exists())

    def keep(self, path: Path) -> None:
        """Copy a file of the session, once; one that is missing needs no copy."""
        copy = self.place / path.relative_to(self._folder)
        if path.is_file() and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)

    @property
    def any(self) -> Path | None:
        """Where they are; None where there is none."""
        return self.place if self.place.exists() else None


def _numbered(number: int) -> str:
    return f"-{number}"


def repair(folder: Path) -> Repaired:
    """Mend what can be mended, close what was not closed, and check the result.

    Raises:
        StoreBusy: another program has the session open.
        BadStore: it is no session, or nothing of it tells what it was.
        OSError: the folder cannot be written.
    """
    if not folder.is_dir():
        raise BadStore(f"There is no session at {folder}. Check the path.")
    if not any(folder.iterdir()):
        raise BadStore(f"{folder} is empty: there is no session to repair. Check the path.")
    if unsealed(folder) is None and read_copy(folder) is None:
        if read_root(folder) is None:
            return Repaired((), None, verify(folder))
        raise BadStore(f"{folder} cannot be repaired: nothing of it tells what it was. Restore it from a copy.")
    copies = Copies(folder)
    lock = WriterLock(folder, "checking")
    try:
        mends = list(_mends(folder, copies))
    finally:
        lock.release()
    mends += _closed(folder, copies)
    return Repaired(tuple(mends), copies.any, verify(folder))


def _mends(folder: Path, copies: Copies) -> Iterator[Mend]:
    """Everything but the journal, in the order in which one thing needs the other."""
    yield from _root(folder, copies)
    found = read_root(folder)
    assert found is not None, "it was mended above"
    values = found.values
    try:
        tables, committed = tables_of(values), committed_of(values)
    except DAMAGE as error:
        raise BadStore(f"{folder} cannot be repaired: its root lacks what it needs ({error!r}).") from error
    for path in partial_files(folder):
        copies.keep(path)
        path.unlink()
        yield Mend(str(path.relative_to(folder)), "Removed: a killed program had left it unfinished.")
    files = ColumnFiles(folder)
    yield from _metadata(files, tables, committed, copies, closed=bool(values["closed"]))
    yield from _checksums(files, tables, values, committed, copies)
    for column in tables.columns():
        yield from _lengths(files, column, committed.nodes, copies)
        yield from _shards(files, column, committed.nodes, copies)
    yield from _order(files, committed.nodes, values, committed, copies)
    yield from _labels(folder, values, committed, copies)


def _root(folder: Path, copies: Copies) -> Iterator[Mend]:
    """The root from its copy, the copy from the root; a root that fits nothing is taken as it is."""
    copy, here = read_copy(folder), unsealed(folder)
    whole = here is not None and _intact(here)
    if whole and here is not None:
        if here.get("version") == VERSION and "seal" in here and copy is None:
            copies.keep(folder / COPY)
            write_copy(folder, here)
            yield Mend(COPY, "Written again from the root.")
        return
    copies.keep(folder / ROOT)
    if copy is not None:
        copy.pop("seal")
        write_root(folder, copy)
        yield Mend(ROOT, "Put back from its copy.")
    elif here is not None:
        here.pop("seal", None)
        write_root(folder, here)
        yield Mend(ROOT, "It did not fit its checksum and has no copy; it was taken as it is, and sealed anew.")


def _intact(values: dict[str, Any]) -> bool:
    try:
        return intact(values)
    except (KeyError, TypeError):
        return False


def _metadata(
    files: ColumnFiles, tables: Tables, committed: Committed, copies: Copies, *, closed: bool
) -> Iterator[Mend]:
    if committed.nodes == 0:
        return
    for name, expected in expected_metadata(files, tables, committed).items():
        path = files.folder / name / METADATA
        words = wrong_metadata(path, expected, closed=closed)
        if words:
            copies.keep(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, expected)
            yield Mend(f"{name}/{METADATA}", f"Written again. {words}")


def _checksums(
    files: ColumnFiles, tables: Tables, values: dict[str, Any], committed: Committed, copies: Copies
) -> Iterator[Mend]:
    """Where the checksums themselves are torn, they are made again from what is there."""
    verdict = Verdict(files.folder)
    checks_of(verdict, files, values, committed)
    if verdict.ok:
        return
    for path in sorted((files.folder / CHECKS.path).iterdir()):
        copies.keep(path)
        if path.name != METADATA:
            path.unlink()
    made = []
    for column in tables.columns():
        if (files.folder / column.path).is_dir():
            try:
                rows = files.read_range(column, 0, committed.nodes)
            except DAMAGE:
                continue
            made.append(Check(column.path, 0, committed.nodes, crc32(np.ascontiguousarray(rows).tobytes())))
    names: list[str] = list(values["checks"]["columns"])
    sums = write_checks(files, names, NO_SUMS, made, set())
    checks = {"rows": sums.rows, "crc32": sums.crc32, "columns": names}
    again = {key: value for key, value in values.items() if key != "seal"}
    copies.keep(files.folder / ROOT)
    copies.keep(files.folder / COPY)
    write_root(files.folder, again | {"checks": checks})
    values["checks"] = checks
    yield Mend(CHECKS.path, "Made again from the rows that are there; what happened to those before is not known.")


def _lengths(files: ColumnFiles, column: Column, nodes: int, copies: Copies) -> Iterator[Mend]:
    """A flat file that lost only what lies behind its rows gets its length back."""
    if column.big or files.packing(column) is not None:
        return
    full = FLAT_ROWS * column.row_bytes
    for block in range(-(-nodes // FLAT_ROWS)):
        path = files.block_path(column, block)
        needed = min(FLAT_ROWS, nodes - block * FLAT_ROWS) * column.row_bytes
        if path.is_file() and needed <= path.stat().st_size < full:
            copies.keep(path)
            os.truncate(path, full)
            yield Mend(str(path.relative_to(files.folder)), "It was cut behind its last row; its length was put back.")


def _shards(files: ColumnFiles, column: Column, nodes: int, copies: Copies) -> Iterator[Mend]:
    """A shard whose index is torn gets a new one: its pictures lie one after the other and say where they end."""
    if not column.big or files.packing(column) is not None:
        return
    for block in range(-(-nodes // SHARD_ROWS)):
        path, start = files.block_path(column, block), block * SHARD_ROWS
        stop = min(start + SHARD_ROWS, nodes)
        if not path.is_file() or not wrong_rows(files, column, start, stop, None):
            continue
        rows = frames_of(path.read_bytes(), column.row_bytes)
        if len(rows) != stop - start:  # some are torn, or some were never there: which is which cannot be told
            continue
        copies.keep(path)
        replace_file(path, shard_of([*rows, *[None] * (SHARD_ROWS - len(rows))]))
        yield Mend(str(path.relative_to(files.folder)), f"Its index was torn; {len(rows)} rows were found without it.")


def frames_of(data: bytes, size: int) -> list[bytes]:
    """The zstd frames of ``size`` bytes each that lie one after the other at the beginning of a shard."""
    found, at = [], 0
    while data.startswith(ZSTD_MAGIC, at):
        end = data.find(ZSTD_MAGIC, at + 4)
        while True:
            frame = data[at : end if end >= 0 else len(data)]
            length = _frame(frame, size)
            if length or end < 0:
                break
            end = data.find(ZSTD_MAGIC, end + 1)  # the four bytes were part of a picture
        if not length:
            break
        found.append(frame[:length])
        at += length
    return found


def _frame(data: bytes, size: int) -> int:
    """How long the frame at the beginning is, with or without an index behind it; 0 where it is torn."""
    for length in (len(data), len(data) - 16 * SHARD_ROWS):
        try:
            if length > 0 and len(decompressed(data[:length])) == size:
                return length
        except (RuntimeError, ValueError):
            continue
    return 0


def _order(
    files: ColumnFiles, nodes: int, values: dict[str, Any], committed: Committed, copies: Copies
) -> Iterator[Mend]:
    """nodes/index again from nodes/branch and the forks, where it is torn and those are whole."""
    index, branch = NODE_COLUMNS["index"], NODE_COLUMNS["branch"]
    checks = checks_of(Verdict(files.folder), files, values, committed)

    def torn(column: Column) -> bool:
        mine = [check for check in checks if check.path == column.path and check.stop <= nodes]
        return any(wrong_rows(files, column, c.start, c.stop, c.crc32) for c in mine)

    if not torn(index) or torn(branch) or files.packing(index) is not None:
        return
    try:
        owners = files.read_flat(branch, nodes)
        forks = [(b.parent, b.fork_step) for b in table.read_branches(files.folder / "branches", committed.branches)]
    except DAMAGE:
        return
    rows = np.zeros(nodes, np.int32)
    for number, (parent, fork) in enumerate(forks):
        mine = np.flatnonzero(owners == number)
        rows[mine] = np.arange(len(mine)) + (0 if parent is None else fork + 1)
    for block in range(-(-nodes // FLAT_ROWS)):
        copies.keep(files.block_path(index, block))
    files.write_flat(index, 0, rows)
    yield Mend(index.path, "Counted again from nodes/branch and where each branch forks.")


def _labels(folder: Path, values: dict[str, Any], committed: Committed, copies: Copies) -> Iterator[Mend]:
    """Chunks of labels that are torn are put back as if nobody had said anything, so that the session opens."""
    blanks: dict[str, dict[str, Any]] = {
        "branches": _blanks(values),
        "verbs": {"wall_time": 0.0, "nodes": 0, "verb": ""},
        "edits": {"edit": '{"move": "do"}'},  # which does nothing
    }
    for name, column, block in list(table_chunks(folder, committed)):
        try:
            table.read_chunk(folder / name, column, block)
            continue
        except DAMAGE:
            blank = blanks.get(name, {}).get(column.name)
        if blank is None:
            continue
        path = folder / name / column.name / f"c.{block}"
        copies.keep(path)
        count = min(table.ROWS, getattr(committed, name) - block * table.ROWS)
        table.write_chunk(folder / name, column, block, [blank] * count)
        yield Mend(str(path.relative_to(folder)), f"It was torn: {count} {name} have lost their {column.name!r}.")


_KEPT: Final = frozenset({"id", "parent", "fork_step", "length", "episode", "seed", "scene_seed"})
"""What makes a branch: nothing may be put in its place."""


def _blanks(values: dict[str, Any]) -> dict[str, Any]:
    """What a column of the table of branches holds where nobody said anything."""
    plain = Branch(0, None, 0, 0, 0, "rollout", 0, 0)
    blanks = {
        f.name: getattr(plain, f.name)
        for f in fields(Branch)
        if f.name not in _KEPT and (f.default is not MISSING or f.name == "kind")
    }
    as_json = branch_to_dict(plain)
    json_columns = {"markers", "world", "policy"}
    for name in json_columns:
        blanks[name] = json.dumps(as_json[name])
    makers = values.get("openings") or []
    if len(makers) == 1:  # nobody else can have made them
        blanks["world"], blanks["policy"] = (json.dumps(makers[0][maker]) for maker in ("world", "policy"))
    return blanks


def _closed(folder: Path, copies: Copies) -> list[Mend]:
    """Carry over what a killed program left in the journal."""
    try:
        opened = read_session(folder)
    except BadStore:
        return []
    if opened.closed and not opened.recovery.words():
        return []
    for path in (folder / "journal").glob("*"):
        copies.keep(path)
    writer = StoreWriter(folder)
    writer.close()
    return [Mend("", writer.recovery.words() or "It was not closed; it is now.")]
