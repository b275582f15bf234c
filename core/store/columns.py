"""Arrays that grow by rows, written and read as Zarr v3 files without zarr-python in the way.

A *flat* column is uncompressed with chunks of FLAT_ROWS rows; a chunk file is created at full size and rows are
written in place, so that an append or a read of one row is one system call. A *big* column has rows of more than
BIG_BYTES (pictures): each row is a zstd chunk of its own, SHARD_ROWS of them in a shard that is written whole. A
zarr append costs one to two milliseconds per array (see docs/decisions); these cost about 0.05.
"""

import json
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numcodecs.zstd import Zstd
from numpy.typing import NDArray

FLAT_ROWS: Final = 1024
SHARD_ROWS: Final = 64
BIG_BYTES: Final = 2048
LEVEL: Final = 1
"""Of zstd; 3 makes toy and rendered frames 1 % smaller and takes half as long again."""
PARTIAL: Final = ".partial"
"""Suffix of files that are not finished; removed when a session is opened."""
_ABSENT: Final = np.uint64(2**64 - 1)
_zstd = Zstd(level=LEVEL, checksum=True)


@dataclass(frozen=True)
class Column:
    """One array of the store: row i belongs to node i."""

    path: str
    """Inside the store, for example "nodes/action"."""
    dtype: str
    """NumPy's name, for example "float32"; little-endian on disk."""
    shape: tuple[int, ...]
    """Of one row."""

    @cached_property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    @cached_property
    def big(self) -> bool:
        """Whether each row is compressed on its own."""
        return self.row_bytes > BIG_BYTES

    def array(self, data: bytes) -> NDArray[Any]:
        """One row from its bytes."""
        return np.frombuffer(data, _little(self.dtype)).reshape(self.shape)

    def chunk_name(self, block: int) -> str:
        """File name of a chunk or shard."""
        return ".".join(["c", str(block), *("0" for _ in self.shape)])

    def metadata(self, rows: int) -> bytes:
        """The zarr.json of this column with so many rows."""
        plain = {"name": "bytes", "configuration": {"endian": "little"}}
        codecs: list[dict[str, Any]] = [plain]
        if self.big:
            inner = [plain, {"name": "zstd", "configuration": {"level": LEVEL, "checksum": True}}]
            shard = {"chunk_shape": [1, *self.shape], "codecs": inner, "index_codecs": [plain], "index_location": "end"}
            codecs = [{"name": "sharding_indexed", "configuration": shard}]
        chunk = [SHARD_ROWS if self.big else FLAT_ROWS, *self.shape]
        return array_metadata([rows, *self.shape], chunk, self.dtype, codecs)


def array_metadata(shape: Sequence[int], chunk: Sequence[int], dtype: str, codecs: Sequence[dict[str, Any]]) -> bytes:
    """A zarr.json of an array, chunk files named c.0.0 in one folder."""
    fill: Any = "" if dtype == "string" else np.zeros((), dtype).item()
    return json.dumps(
        {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(shape),
            "data_type": dtype,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(chunk)}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "."}},
            "fill_value": fill,
            "codecs": list(codecs),
            "attributes": {},
        }
    ).encode()


def group_metadata(attributes: dict[str, Any]) -> bytes:
    """A zarr.json of a group."""
    return json.dumps({"zarr_format": 3, "node_type": "group", "attributes": attributes}, allow_nan=False).encode()


def compressed(data: bytes) -> bytes:
    """One row of a big column as it stands in journal and shard: a zstd frame with its checksum."""
    return bytes(_zstd.encode(data))


def decompressed(data: bytes) -> bytes:
    """The inverse of compressed; RuntimeError where the checksum does not fit."""
    return bytes(_zstd.decode(data))


def replace_file(path: Path, data: bytes) -> None:
    """Put a whole file in place, or leave the old one."""
    partial = path.with_name(path.name + PARTIAL)
    partial.write_bytes(data)
    for pause in (0.0, 0.02, 0.1, 0.5):
        time.sleep(pause)
        try:
            os.replace(partial, path)
            return
        except PermissionError:  # a virus scanner or indexer on Windows has the file open for a moment
            continue
    os.replace(partial, path)


def sync_file(path: Path) -> None:
    """Wait until the disk has a file."""
    with open(path, "r+b", buffering=0) as file:
        os.fsync(file.fileno())


class ColumnFiles:
    """The columns of one session folder. One thread writes; any thread reads rows that were written before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows: dict[str, int] = {}
        self._groups: set[str] = set()

    def group(self, path: str) -> None:
        """Make a group; once per opened session."""
        if path not in self._groups:
            (self.folder / path).mkdir(parents=True, exist_ok=True)
            replace_file(self.folder / path / "zarr.json", group_metadata({}))
            self._groups.add(path)

    def grow(self, column: Column, rows: int) -> None:
        """Say in zarr.json how many rows there are; creates the array."""
        if self._rows.get(column.path) != rows:
            path = self.folder / column.path
            path.mkdir(parents=True, exist_ok=True)
            replace_file(path / "zarr.json", column.metadata(rows))
            self._rows[column.path] = rows

    def write_flat(self, column: Column, start: int, rows: NDArray[Any]) -> list[Path]:
        """Write rows of a flat column in place, from row ``start``. Returns the files that were touched."""
        folder = self.folder / column.path
        folder.mkdir(parents=True, exist_ok=True)
        data = np.ascontiguousarray(rows, _little(column.dtype))
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
        folder.mkdir(parents=True, exist_ok=True)
        touched, at = [], 0
        while at < len(rows):
            block, place = divmod(start + at, SHARD_ROWS)
            count = min(len(rows) - at, SHARD_ROWS - place)
            path = folder / column.chunk_name(block)
            slots: list[bytes | None] = [None] * SHARD_ROWS
            if place and path.exists():
                slots = _shard_rows(path)
            slots[place : place + count] = rows[at : at + count]
            if any(slot is not None for slot in slots):
                replace_file(path, _shard(slots))
                touched.append(path)
            at += count
        return touched

    def read(self, column: Column, row: int) -> NDArray[Any]:
        """One row.

        Raises:
            OSError, ValueError, RuntimeError: it is missing or torn.
        """
        if column.big:
            return column.array(decompressed(self._read_big(column, row)))
        block, place = divmod(row, FLAT_ROWS)
        with open(self.folder / column.path / column.chunk_name(block), "rb", buffering=0) as file:
            file.seek(place * column.row_bytes)
            return column.array(file.read(column.row_bytes))

    def read_rows(self, column: Column, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Some rows of a flat column, (len(rows), ...); each chunk is opened once. Raises as read does."""
        values = np.empty((len(rows), *column.shape), _little(column.dtype))
        blocks = rows // FLAT_ROWS
        for block in np.unique(blocks):
            data = (self.folder / column.path / column.chunk_name(int(block))).read_bytes()
            here = blocks == block
            chunk = np.frombuffer(data, _little(column.dtype)).reshape(FLAT_ROWS, *column.shape)
            values[here] = chunk[rows[here] % FLAT_ROWS]
        return values

    def read_flat(self, column: Column, rows: int) -> NDArray[Any]:
        """The first ``rows`` rows of a flat column."""
        parts = []
        for block in range(-(-rows // FLAT_ROWS)):
            data = (self.folder / column.path / column.chunk_name(block)).read_bytes()
            parts.append(np.frombuffer(data, _little(column.dtype)).reshape(FLAT_ROWS, *column.shape))
        if not parts:
            return np.empty((0, *column.shape), _little(column.dtype))
        return np.concatenate(parts)[:rows]

    def _read_big(self, column: Column, row: int) -> bytes:
        block, place = divmod(row, SHARD_ROWS)
        with open(self.folder / column.path / column.chunk_name(block), "rb", buffering=0) as file:
            file.seek(-16 * (SHARD_ROWS - place), os.SEEK_END)
            offset, length = np.frombuffer(file.read(16), "<u8")
            if offset == _ABSENT:
                raise ValueError(f"row {row} of {column.path} was never written")
            file.seek(int(offset))
            return file.read(int(length))


def _shard(slots: Sequence[bytes | None]) -> bytes:
    """A sharding_indexed shard: chunks, then (offset, length) of each."""
    index = np.full((SHARD_ROWS, 2), _ABSENT, "<u8")
    at = 0
    for place, slot in enumerate(slots):
        if slot is not None:
            index[place] = at, len(slot)
            at += len(slot)
    return b"".join((*(slot for slot in slots if slot is not None), index.tobytes()))


def _shard_rows(path: Path) -> list[bytes | None]:
    """The compressed rows of a shard that is not full."""
    data = path.read_bytes()
    index = np.frombuffer(data[-16 * SHARD_ROWS :], "<u8").reshape(SHARD_ROWS, 2)
    return [None if offset == _ABSENT else data[int(offset) : int(offset + length)] for offset, length in index]


def _little(dtype: str) -> "np.dtype[Any]":
    return np.dtype(dtype).newbyteorder("<")
