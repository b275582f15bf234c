"""Mends the arrays of a session where what is lost can be made again from what is there."""

import os
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import numpy as np

from core.regular_files import read_bytes
from core.store import small_tables as table
from core.store.check_arrays import checks_of, expected_metadata, wrong_metadata, wrong_rows
from core.store.checks import CHECKS, NO_SUMS, Check, write_checks
from core.store.column_files import METADATA, ColumnFiles
from core.store.columns import (
    FLAT_ROWS,
    SHARD_ROWS,
    Column,
    decompressed,
    frame_length,
    frame_limit,
    replace_file,
    shard_of,
)
from core.store.copies import Copies, Mend
from core.store.damage import DAMAGE
from core.store.fold import Committed
from core.store.layout import NODE_COLUMNS, ROOT, Tables
from core.store.root import COPY, write_root
from core.store.verdict import Verdict


def mend_metadata(
    files: ColumnFiles, tables: Tables, committed: Committed, copies: Copies, *, closed: bool
) -> Iterator[Mend]:
    """Rewrite the zarr.json of groups and arrays from the root."""
    if committed.nodes == 0:
        return
    for name, expected in expected_metadata(files, tables, committed).items():
        path = files.folder / name / METADATA
        words = wrong_metadata(path, expected, closed=closed)
        if words:
            copies.keep_replaced(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, expected)
            yield Mend(f"{name}/{METADATA}", f"Written again. {words}")


def mend_checksums(
    files: ColumnFiles, tables: Tables, values: dict[str, Any], committed: Committed, copies: Copies
) -> Iterator[Mend]:
    """Where the checksums themselves are torn, they are made again from what is there."""
    verdict = Verdict(files.folder)
    checks_of(verdict, files, values, committed)
    if verdict.ok:
        return
    folder = files.folder / CHECKS.path
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        copies.keep_replaced(path)
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
    copies.keep_replaced(files.folder / ROOT)
    copies.keep_replaced(files.folder / COPY)
    write_root(files.folder, again | {"checks": checks})
    values["checks"] = checks
    yield Mend(CHECKS.path, "Made again from the rows that are there; what happened to those before is not known.")


def mend_lengths(files: ColumnFiles, column: Column, nodes: int, copies: Copies) -> Iterator[Mend]:
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


def mend_shards(files: ColumnFiles, column: Column, nodes: int, copies: Copies) -> Iterator[Mend]:
    """A shard whose index is torn gets a new one: its pictures lie one after the other and say where they end."""
    if not column.big or files.packing(column) is not None:
        return
    for block in range(-(-nodes // SHARD_ROWS)):
        path, start = files.block_path(column, block), block * SHARD_ROWS
        stop = min(start + SHARD_ROWS, nodes)
        if not path.is_file() or not wrong_rows(files, column, start, stop, None):
            continue
        try:
            rows = frames_of(read_bytes(path, SHARD_ROWS * (frame_limit(column.row_bytes) + 16)), column.row_bytes)
        except DAMAGE:
            continue
        if len(rows) != stop - start:  # torn rows cannot be distinguished from rows that were never there
            continue
        copies.keep_replaced(path)
        replace_file(path, shard_of([*rows, *[None] * (SHARD_ROWS - len(rows))]))
        yield Mend(str(path.relative_to(files.folder)), f"Its index was torn; {len(rows)} rows were found without it.")


def frames_of(data: bytes, size: int) -> list[bytes]:
    """The zstd frames of ``size`` bytes each that lie one after the other at the beginning of a shard."""
    found: list[bytes] = []
    at = 0
    while len(found) < SHARD_ROWS:
        frame = data[at : at + frame_length(data, at)]
        try:
            decompressed(frame, size)
        except (RuntimeError, ValueError):
            break
        found.append(frame)
        at += len(frame)
    return found


def mend_order(
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
