"""Checksums of what the arrays hold: one row for each range of rows of one array that was committed.

A checksum is the CRC-32 of the rows as plain zarr-python reads them, ``array[start:stop].tobytes()``: how they are
chunked and compressed does not matter, so that compaction leaves it as it is. Rows of a state array that belong to
no node count as zeros, which is what zarr reads there.
"""

import bisect
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


def crc_in_files(files: ColumnFiles, column: Column, start: int, stop: int) -> int:
    """The checksum of rows as they are on the disk. Raises as ColumnFiles.read does."""
    crc = 0
    for values in files.pieces(column, start, stop):
        crc = zlib.crc32(np.ascontiguousarray(values).tobytes(), crc)
    return crc


class CheckedRows:
    """Holds rows against their checksums when they are first asked for; for one thread that reads much of them."""

    def __init__(self, files: ColumnFiles, checks: Sequence[Check]) -> None:
        self._files = files
        self._checks: dict[str, list[Check]] = {}
        for check in sorted(checks, key=lambda check: check.start):
            self._checks.setdefault(check.path, []).append(check)
        self._verdicts: dict[tuple[str, int], bool] = {}

    def require(self, column: Column, row: int) -> None:
        """Check the rows with which a row was committed; rows from before there were checksums pass.

        Raises:
            ValueError: they are not what was recorded.
        """
        checks = self._checks.get(column.path, [])
        place = bisect.bisect_right(checks, row, key=lambda check: check.start) - 1
        if place < 0 or row >= checks[place].stop:
            return
        check = checks[place]
        key = (check.path, check.start)
        if key not in self._verdicts:
            self._verdicts[key] = self._fits(column, check)
        if not self._verdicts[key]:
            raise ValueError(f"rows {check.start} to {check.stop - 1} of {check.path} are not what was recorded")

    def _fits(self, column: Column, check: Check) -> bool:
        try:
            return crc_in_files(self._files, column, check.start, check.stop) == check.crc32
        except (OSError, ValueError, RuntimeError):
            return column.big  # another row of them is torn; each compressed row has its own checksum


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
