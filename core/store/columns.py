"""Arrays that grow by rows, written and read as Zarr v3 files without zarr-python in the way.

A *flat* column is uncompressed with chunks of FLAT_ROWS rows; a chunk file is created at full size and rows are
written in place, so that an append or a read of one row is one system call. A *big* column has rows of more than
BIG_BYTES (pictures): each row is one zstd chunk, and SHARD_ROWS of them form a shard that is written whole. A zarr
append costs one to two milliseconds per array (see docs/decisions); these cost about 0.05.
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

from core.regular_files import read_bytes

FLAT_ROWS: Final = 1024
SHARD_ROWS: Final = 64
BIG_BYTES: Final = 2048
LEVEL: Final = 1
"""Of zstd; 3 makes toy and rendered frames 1 % smaller and takes half as long again."""
PARTIAL: Final = ".partial"
"""Suffix of files that are not finished; removed when a session is opened."""
ABSENT: Final = 2**64 - 1
"""In the index of a shard: this chunk was never written."""
ZSTD_MAGIC: Final = bytes.fromhex("28b52ffd")
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
        return np.frombuffer(data, little(self.dtype)).reshape(self.shape)

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


def array_metadata(
    shape: Sequence[int], chunk: Sequence[int], dtype: str, codecs: Sequence[dict[str, Any]], keys: str = "default"
) -> bytes:
    """A zarr.json of an array, chunk files in one folder, named c.0.0 ("default") or 0.0 ("v2")."""
    fill: Any = "" if dtype == "string" else np.zeros((), dtype).item()
    return json.dumps(
        {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(shape),
            "data_type": dtype,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(chunk)}},
            "chunk_key_encoding": {"name": keys, "configuration": {"separator": "."}},
            "fill_value": fill,
            "codecs": list(codecs),
            "attributes": {},
        }
    ).encode()


def group_metadata(attributes: dict[str, Any]) -> bytes:
    """A zarr.json of a group."""
    return json.dumps({"zarr_format": 3, "node_type": "group", "attributes": attributes}, allow_nan=False).encode()


def compressed(data: bytes) -> bytes:
    """One row of a big column as stored in journal and shard: a zstd frame with its checksum."""
    return bytes(_zstd.encode(data))


def decompressed(data: bytes, size: int) -> bytes:
    """The inverse of compressed, for data of ``size`` bytes.

    Raises:
        ValueError: the frame is torn, or holds another number of bytes; nothing was allocated for them.
        RuntimeError: its checksum does not fit.
    """
    held = content_size(data)
    if held != size:
        raise ValueError(f"{held} bytes are compressed in it where {size} were written")
    return bytes(_zstd.decode(data))


def content_size(data: bytes) -> int:
    """How many bytes a zstd frame says it holds.

    Raises:
        ValueError: it is no zstd frame, or does not say.
    """
    start, stop = _content_field(data, 0)
    if start == stop:
        raise ValueError("its zstd frame does not say how much it holds")
    return int.from_bytes(data[start:stop], "little") + (256 if stop - start == 2 else 0)


def frame_length(data: bytes, at: int) -> int:
    """Bytes of the zstd frame that begins at a place, by the headers of its blocks; 0 where it is torn."""
    try:
        _, end = _content_field(data, at)
    except ValueError:
        return 0
    last = False
    while not last and end + 3 <= len(data):
        block = int.from_bytes(data[end : end + 3], "little")
        last, repeated = bool(block & 1), block >> 1 & 3 == 1
        end += 3 + (1 if repeated else block >> 3)
    end += 4 if data[at + 4] & 4 else 0  # its checksum
    return end - at if last and end <= len(data) else 0


def _content_field(data: bytes, at: int) -> tuple[int, int]:
    """Where a zstd frame says how much it holds, the end of its header: start and stop; see RFC 8878, 3.1.1.1.

    Raises:
        ValueError: there is no zstd frame.
    """
    if len(data) < at + 6 or data[at : at + 4] != ZSTD_MAGIC:
        raise ValueError("it is not a zstd frame")
    descriptor = data[at + 4]
    single, flag, dictionary = descriptor >> 5 & 1, descriptor >> 6, descriptor & 3
    start = at + 5 + (1 - single) + (0, 1, 2, 4)[dictionary]
    stop = start + (single, 2, 4, 8)[flag]
    if stop > len(data):
        raise ValueError("its zstd frame is cut")
    return start, stop


def replace_file(path: Path, data: bytes, *, sync: bool = False) -> None:
    """Put a whole file in place, or leave the old one; ``sync`` waits until the disk has it."""
    partial = path.with_name(path.name + PARTIAL)
    partial.write_bytes(data)
    if sync:
        sync_file(partial)
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


def shard_of(slots: Sequence[bytes | None]) -> bytes:
    """A sharding_indexed shard: chunks, then (offset, length) of each."""
    index = np.full((SHARD_ROWS, 2), ABSENT, "<u8")
    at = 0
    for place, slot in enumerate(slots):
        if slot is not None:
            index[place] = at, len(slot)
            at += len(slot)
    return b"".join((*(slot for slot in slots if slot is not None), index.tobytes()))


def frame_limit(size: int) -> int:
    """The most bytes that a zstd frame of ``size`` bytes of content takes."""
    return size + (size >> 7) + 128


def shard_rows(path: Path, row_bytes: int) -> list[bytes | None]:
    """The compressed rows of a shard whose rows have ``row_bytes`` bytes.

    Raises:
        OSError, ValueError: it is missing, torn or no regular file.
    """
    limit = frame_limit(row_bytes)
    data = read_bytes(path, SHARD_ROWS * (limit + 16))
    if len(data) < 16 * SHARD_ROWS:
        raise ValueError(f"it has {len(data)} bytes, fewer than its index")
    index = np.frombuffer(data[-16 * SHARD_ROWS :], "<u8").reshape(SHARD_ROWS, 2).tolist()
    return [None if at == ABSENT else data[at : at + inside(at, length, len(data), limit)] for at, length in index]


def inside(offset: int, length: int, size: int, limit: int) -> int:
    """The length of a chunk of a shard of ``size`` bytes, by its index.

    Raises:
        ValueError: the chunk does not lie between the beginning and the index, or has more than ``limit`` bytes.
    """
    if offset + length > size or length > limit:
        raise ValueError(f"its index names bytes {offset} to {offset + length} of {size}")
    return length


def little(dtype: str) -> "np.dtype[Any]":
    """The type on disk."""
    return np.dtype(dtype).newbyteorder("<")
