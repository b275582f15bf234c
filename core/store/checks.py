"""Checksums of what the arrays hold: one row for each range of rows of one array that was committed.

A checksum is the CRC-32 of the rows as plain zarr-python reads them, ``array[start:stop].tobytes()``: how they are
chunked and compressed does not matter, so that compaction leaves it as it is. Rows of a state array that belong to
no node count as zeros, which is what zarr reads there.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from core.store.column_files import ColumnFiles
from core.store.columns import Column, decompressed

CHECKS: Final = Column("checks/rows", "int64", (4,))
"""Number of the array in the attribute ``checks``, first row, row after the last, CRC-32."""


@dataclass(frozen=True, slots=True)
class Check:
    """What a range of rows of one array must be."""

    path: str
    start: int
    stop: int
    """The row after the last one."""
    crc32: int


def crc_of_rows(column: Column, rows: Sequence[bytes | None]) -> int:
    """The checksum of rows of a column, compressed where it is big; None is a row of zeros.

    Raises:
        RuntimeError: a compressed row is torn.
    """
    crc, blank = 0, bytes(column.row_bytes)
    for row in rows:
        data = blank if row is None else decompressed(row, column.row_bytes) if column.big else row
        crc = zlib.crc32(data, crc)
    return crc


@dataclass(frozen=True, slots=True)
class Sums:
    """How many checksums there are, and one over all of them: the attribute ``checks``."""

    rows: int = 0
    crc32: int = 0


NO_SUMS: Final = Sums()


def write_checks(
    files: ColumnFiles, columns: list[str], before: Sums, checks: Sequence[Check], touched: set[Path]
) -> Sums:
    """Put checks behind those that are there; ``columns`` and ``touched`` grow. Returns what there is now."""
    for check in checks:
        if check.path not in columns:
            columns.append(check.path)
    rows = [[columns.index(c.path), c.start, c.stop, c.crc32] for c in checks]
    table = np.array(rows, "<i8").reshape(-1, 4)
    if rows:
        touched.update(files.write_flat(CHECKS, before.rows, table))
    files.grow(CHECKS, before.rows + len(rows))
    return Sums(before.rows + len(rows), zlib.crc32(table.tobytes(), before.crc32))


def read_checks(files: ColumnFiles, columns: Sequence[str], sums: Sums) -> list[Check]:
    """All checks.

    Raises:
        OSError, ValueError, RuntimeError, IndexError: they are missing or torn.
    """
    table = files.read_flat(CHECKS, sums.rows)
    if zlib.crc32(table.tobytes()) != sums.crc32:
        raise ValueError("their own checksum is another one")
    rows = table.tolist()
    if any(not (0 <= number < len(columns) and 0 <= start < stop) for number, start, stop, _ in rows):
        raise ValueError("they are of rows or arrays that cannot be")
    return [Check(columns[number], start, stop, crc) for number, start, stop, crc in rows]
