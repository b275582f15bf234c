"""The columns of a session folder, live or packed: rows in, rows out. See core.store.columns and core.store.packed."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.regular_files import read_bytes, read_json, regular
from core.store.columns import (
    ABSENT,
    FLAT_ROWS,
    SHARD_ROWS,
    Column,
    decompressed,
    frame_limit,
    group_metadata,
    inside,
    little,
    replace_file,
    shard_of,
    shard_rows,
)
from core.store.packed import (
    Packing,
    packed_metadata,
    packed_name,
    packing_for,
    packing_of,
    possible,
    read_packed_row,
    read_shard,
    shard_chunks,
    write_shard,
)

METADATA = "zarr.json"
T = TypeVar("T")


class _Unknown:
    """Nobody has looked yet."""


_UNKNOWN = _Unknown()


class ColumnFiles:
    """The columns of one session folder. One thread writes; any thread reads rows that were written before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows: dict[str, int] = {}
        self._groups: set[str] = set()
        self._packings: dict[str, Packing | None] = {}
        """By path, as far as it was asked for."""

    def group(self, path: str) -> None:
        """Make a group; once per opened session."""
        if path not in self._groups:
            (self.folder / path).mkdir(exist_ok=True)  # no parents: a deleted session does not come back in parts
            replace_file(self.folder / path / METADATA, group_metadata({}))
            self._groups.add(path)

    def grow(self, column: Column, rows: int) -> None:
        """Say in zarr.json how many rows there are; creates the array."""
        if self._rows.get(column.path) != rows:
            path, packing = self.folder / column.path, self.packing(column)
            path.mkdir(exist_ok=True)
            metadata = column.metadata(rows) if packing is None else packed_metadata(column, rows, packing)
            replace_file(path / METADATA, metadata)
            self._rows[column.path] = rows

    def packing(self, column: Column) -> Packing | None:
        """How a column is packed; None where it is live, or nothing is there yet."""
        known = self._packings.get(column.path, _UNKNOWN)
        if not isinstance(known, _Unknown):
            return known
        try:
            packing = packing_of(read_json(self.folder / column.path / METADATA))
            if packing is not None and not possible(packing, column):
                raise ValueError("no compaction packs an array so")
        except (OSError, ValueError, LookupError, TypeError):  # torn: the file names tell
            there = (self.folder / column.path).glob("[0-9]*")
            packing = packing_for(column) if any(there) else None
        self._packings[column.path] = packing
        return packing

    def forget(self) -> None:
        """Read again how the columns are packed: another program may have compacted them."""
        self._packings.clear()

    def block_path(self, column: Column, block: int) -> Path:
        """The file of a block of rows."""
        return self._path(column, self.packing(column), block)

    def block_rows(self, column: Column) -> int:
        """Rows of one file."""
        return SHARD_ROWS if column.big else FLAT_ROWS

    def _path(self, column: Column, packing: Packing | None, block: int) -> Path:
        return self.folder / column.path / (packed_name if packing else Column.chunk_name)(column, block)

    # Writing.

    def write_flat(self, column: Column, start: int, rows: NDArray[Any]) -> list[Path]:
        """Write rows of a flat column, in place where it is live, from row ``start``. Returns the touched files."""
        folder = self.folder / column.path
        folder.mkdir(exist_ok=True)
        data = np.ascontiguousarray(rows, little(column.dtype))
        packing = self.packing(column)
        if packing is not None:
            return self._write_packed(column, packing, start, data)
        touched, at = [], 0
        while at < len(data):
            block, place = divmod(start + at, FLAT_ROWS)
            count = min(len(data) - at, FLAT_ROWS - place)
            path = folder / column.chunk_name(block)
            with open(path, "r+b" if path.exists() else "w+b", buffering=0) as file:
                full = FLAT_ROWS * column.row_bytes
                if file.seek(0, os.SEEK_END) < full:  # new, or its creation was cut short
                    file.truncate(full)
                file.seek(place * column.row_bytes)
                view = memoryview(data[at : at + count].tobytes())
                while view:  # a disk that is nearly full takes a part, and only then refuses
                    view = view[file.write(view) :]
            touched.append(path)
            at += count
        return touched

    def write_big(self, column: Column, start: int, rows: Sequence[bytes | None]) -> list[Path]:
        """Write compressed rows of a big column from row ``start``; None leaves a row absent."""
        folder = self.folder / column.path
        folder.mkdir(exist_ok=True)
        packing = self.packing(column)
        if packing is not None:
            size = column.row_bytes
            data = b"".join(bytes(size) if row is None else decompressed(row, size) for row in rows)
            values = np.frombuffer(data, little(column.dtype)).reshape(len(rows), *column.shape)
            return self._write_packed(column, packing, start, values)
        touched, at = [], 0
        while at < len(rows):
            block, place = divmod(start + at, SHARD_ROWS)
            count = min(len(rows) - at, SHARD_ROWS - place)
            path = folder / column.chunk_name(block)
            slots: list[bytes | None] = [None] * SHARD_ROWS
            if place and path.exists():
                slots = _slots(path, column)
            slots[place : place + count] = rows[at : at + count]
            if any(slot is not None for slot in slots):
                replace_file(path, shard_of(slots))
                touched.append(path)
            at += count
        return touched

    def _write_packed(self, column: Column, packing: Packing, start: int, rows: NDArray[Any]) -> list[Path]:
        touched, at = [], 0
        while at < len(rows):
            block, place = divmod(start + at, packing.shard)
            count = min(len(rows) - at, packing.shard - place)
            path, part = self.folder / column.path / packed_name(column, block), rows[at : at + count]
            if place:
                before = np.zeros((place, *column.shape), rows.dtype)
                if path.exists():
                    before = read_shard(path, column, packing)[:place]
                part = np.concatenate([before, part])
            write_shard(path, packing, part)
            touched.append(path)
            at += count
        return touched

    # Reading. A column that was compacted meanwhile is found again.

    def read(self, column: Column, row: int) -> NDArray[Any]:
        """One row.

        Raises:
            OSError, ValueError, RuntimeError: it is missing or torn.
        """
        return self._again(lambda: self._read(column, row))

    def read_rows(self, column: Column, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Some rows of a flat column, (len(rows), ...); each file is opened once. Raises as read does."""
        return self._again(lambda: self._read_rows(column, rows))

    def read_flat(self, column: Column, rows: int) -> NDArray[Any]:
        """The first ``rows`` rows of a flat column. Raises as read does."""
        return self.read_range(column, 0, rows)

    def read_range(self, column: Column, start: int, stop: int) -> NDArray[Any]:
        """Rows start .. stop - 1 of any column; rows that belong to no node are zeros. Raises as read does."""
        nothing = np.empty((0, *column.shape), little(column.dtype))
        return self._again(lambda: np.concatenate([nothing, *self.pieces(column, start, stop)]))

    def _again(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except FileNotFoundError:
            self.forget()
            return read()

    def _read(self, column: Column, row: int) -> NDArray[Any]:
        packing = self.packing(column)
        block, place = divmod(row, self.block_rows(column))
        path = self._path(column, packing, block)
        if packing is not None:
            return column.array(read_packed_row(path, column, packing, place))
        if column.big:
            return column.array(decompressed(_big_row(path, column, row, place), column.row_bytes))
        with open(path, "rb", buffering=0, opener=regular) as file:
            file.seek(place * column.row_bytes)
            return column.array(file.read(column.row_bytes))

    def _read_rows(self, column: Column, rows: NDArray[np.int64]) -> NDArray[Any]:
        values = np.empty((len(rows), *column.shape), little(column.dtype))
        blocks = rows // FLAT_ROWS
        for block in np.unique(blocks):
            here = blocks == block
            values[here] = self.read_block(column, int(block))[rows[here] % FLAT_ROWS]
        return values

    def pieces(self, column: Column, start: int, stop: int) -> Iterator[NDArray[Any]]:
        """Rows start .. stop - 1 of any column, some at a time, so that pictures do not fill the memory.

        Raises as read does.
        """
        size = self.block_rows(column)
        for block in range(start // size, -(-stop // size)):
            at = block * size
            for part in self._parts(column, block):
                if at < stop and at + len(part) > start:
                    yield part[max(0, start - at) : stop - at]
                at += len(part)

    def _parts(self, column: Column, block: int) -> Iterator[NDArray[Any]]:
        """All rows of one file, one after the other."""
        packing = self.packing(column)
        path = self._path(column, packing, block)
        if packing is not None:
            yield from shard_chunks(path, column, packing)
        elif column.big:
            absent = column.path.startswith("states/") and not path.exists()
            for data in [None] * SHARD_ROWS if absent else shard_rows(path, column.row_bytes):
                row = bytes(column.row_bytes) if data is None else decompressed(data, column.row_bytes)
                yield column.array(row)[None]
        else:
            yield self.read_block(column, block)

    def read_block(self, column: Column, block: int) -> NDArray[Any]:
        """All rows of one file; those that were never written are zeros. Raises as read does."""
        packing = self.packing(column)
        path = self._path(column, packing, block)
        if packing is not None:
            return read_shard(path, column, packing)
        rows = np.zeros((self.block_rows(column), *column.shape), little(column.dtype))
        if column.path.startswith("states/") and not path.exists():
            return rows  # not one of its states has this layout
        if not column.big:
            return np.frombuffer(read_bytes(path, rows.nbytes), rows.dtype).reshape(rows.shape)
        for place, data in enumerate(shard_rows(path, column.row_bytes)):
            if data is not None:
                rows[place] = column.array(decompressed(data, column.row_bytes))
        return rows


def _big_row(path: Path, column: Column, row: int, place: int) -> bytes:
    with open(path, "rb", buffering=0, opener=regular) as file:
        size = file.seek(0, os.SEEK_END)
        if size < 16 * SHARD_ROWS:
            raise ValueError(f"it has {size} bytes, fewer than its index")
        file.seek(size - 16 * (SHARD_ROWS - place))
        offset, length = np.frombuffer(file.read(16), "<u8").tolist()
        if offset == ABSENT:
            raise ValueError(f"row {row} of {column.path} was never written")
        inside(offset, length, size, frame_limit(column.row_bytes))
        file.seek(offset)
        return file.read(length)


def _slots(path: Path, column: Column) -> list[bytes | None]:
    """The compressed rows of a shard that is added to.

    Raises:
        OSError: it is torn; a repair may mend it.
    """
    try:
        return shard_rows(path, column.row_bytes)
    except ValueError as error:
        raise OSError(errno.EIO, f"{error}; close the session and run `main.py repair`", str(path)) from error
