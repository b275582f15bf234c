"""Columns as compaction leaves them: chunks of several rows, compressed harder, in shards. Slower to append to.

A packed column has other file names than a live one (``0.0.0`` instead of ``c.0.0.0``), so that its files can be
written beside the live ones and one rename of zarr.json decides which of them are read.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numcodecs.zstd import Zstd
from numpy.typing import NDArray

from core.regular_files import read_bytes, regular
from core.store.columns import (
    ABSENT,
    FLAT_ROWS,
    SHARD_ROWS,
    Column,
    array_metadata,
    decompressed,
    frame_limit,
    inside,
    little,
    replace_file,
)

LEVEL: Final = 9
"""Of zstd; see docs/decisions/2026-11-25-compaction.md."""
BIG_CHUNK_BYTES: Final = 512 << 10
"""Pictures that are compressed together may weigh so much: going to one of them costs what they all cost."""
BIG_CHUNK_ROWS: Final = 2
FLAT_CHUNK_BYTES: Final = 32 << 10
_zstd = Zstd(level=LEVEL, checksum=True)


@dataclass(frozen=True, slots=True)
class Packing:
    """How the rows of one column are put together."""

    chunk: int
    """Rows that are compressed together."""
    shard: int
    """Rows of a file."""


def packing_for(column: Column) -> Packing:
    """How a column is packed: pictures few together, numbers many, since one row is what is read."""
    if column.big:
        return Packing(_power_of_two(BIG_CHUNK_BYTES // column.row_bytes, BIG_CHUNK_ROWS), SHARD_ROWS)
    return Packing(max(64, _power_of_two(FLAT_CHUNK_BYTES // column.row_bytes, FLAT_ROWS)), FLAT_ROWS)


def _power_of_two(count: int, limit: int) -> int:
    """The largest power of two that is at most both; at least 1."""
    return 1 << (max(1, min(count, limit)).bit_length() - 1)


def packing_of(metadata: Mapping[str, Any]) -> Packing | None:
    """How an array is packed by its zarr.json; None where it is live.

    Raises:
        KeyError, TypeError: it is not one of ours.
    """
    if metadata["chunk_key_encoding"]["name"] != "v2":
        return None
    chunk = metadata["codecs"][0]["configuration"]["chunk_shape"][0]
    return Packing(chunk, metadata["chunk_grid"]["configuration"]["chunk_shape"][0])


def possible(packing: Packing, column: Column) -> bool:
    """Whether a compaction, this one or an earlier one, may have packed a column so."""
    chunk, shard = packing.chunk, packing.shard
    return shard == packing_for(column).shard and type(chunk) is int and 1 <= chunk <= shard and shard % chunk == 0


def packed_metadata(column: Column, rows: int, packing: Packing) -> bytes:
    """The zarr.json of a packed column with so many rows."""
    plain = {"name": "bytes", "configuration": {"endian": "little"}}
    zstd = {"name": "zstd", "configuration": {"level": LEVEL, "checksum": True}}
    shard = {
        "chunk_shape": [packing.chunk, *column.shape],
        "codecs": [plain, zstd],
        "index_codecs": [plain],
        "index_location": "end",
    }
    codecs = [{"name": "sharding_indexed", "configuration": shard}]
    return array_metadata([rows, *column.shape], [packing.shard, *column.shape], column.dtype, codecs, keys="v2")


def packed_name(column: Column, block: int) -> str:
    """File name of a shard."""
    return ".".join([str(block), *("0" for _ in column.shape)])


def write_shard(path: Path, packing: Packing, rows: NDArray[Any]) -> None:
    """Put a shard in place that holds these rows, (up to packing.shard, ...), little-endian."""
    index = np.full((packing.shard // packing.chunk, 2), ABSENT, "<u8")
    chunks, at = [], 0
    for number, first in enumerate(range(0, len(rows), packing.chunk)):
        part = rows[first : first + packing.chunk]
        if len(part) < packing.chunk:
            part = np.concatenate([part, np.zeros((packing.chunk - len(part), *rows.shape[1:]), rows.dtype)])
        data = bytes(_zstd.encode(np.ascontiguousarray(part).tobytes()))
        chunks.append(data)
        index[number] = at, len(data)
        at += len(data)
    replace_file(path, b"".join((*chunks, index.tobytes())))


def read_shard(path: Path, column: Column, packing: Packing) -> NDArray[Any]:
    """All rows of a shard, (packing.shard, ...); rows that were never written are zeros.

    Raises:
        OSError, ValueError, RuntimeError: it is missing or torn.
    """
    return np.concatenate(list(shard_chunks(path, column, packing)))


def shard_chunks(path: Path, column: Column, packing: Packing) -> Iterator[NDArray[Any]]:
    """The rows of a shard, (packing.chunk, ...) at a time. Raises as read_shard does."""
    count, size = packing.shard // packing.chunk, packing.chunk * column.row_bytes
    data = read_bytes(path, count * (frame_limit(size) + 16))
    if len(data) < 16 * count:
        raise ValueError(f"it has {len(data)} bytes, fewer than its index")
    for offset, length in np.frombuffer(data[-16 * count :], "<u8").reshape(count, 2).tolist():
        chunk = bytes(size)
        if offset != ABSENT:
            chunk = decompressed(data[offset : offset + inside(offset, length, len(data), frame_limit(size))], size)
        yield np.frombuffer(chunk, little(column.dtype)).reshape(-1, *column.shape)


def read_packed_row(path: Path, column: Column, packing: Packing, place: int) -> bytes:
    """One row of a shard. Raises as read_shard does."""
    number, within = divmod(place, packing.chunk)
    count, held = packing.shard // packing.chunk, packing.chunk * column.row_bytes
    with open(path, "rb", buffering=0, opener=regular) as file:
        size = file.seek(0, os.SEEK_END)
        if size < 16 * count:
            raise ValueError(f"it has {size} bytes, fewer than its index")
        file.seek(size - 16 * (count - number))
        offset, length = np.frombuffer(file.read(16), "<u8").tolist()
        if offset == ABSENT:
            raise ValueError(f"row {place} of {path} was never written")
        inside(offset, length, size, frame_limit(held))
        file.seek(offset)
        chunk = decompressed(file.read(length), held)
    return chunk[within * column.row_bytes : (within + 1) * column.row_bytes]
