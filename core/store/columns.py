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
ABSENT: Final = np.uint64(2**64 - 1)
"""In the index of a shard: this chunk was never written."""
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
    """One row of a big column as it stands in journal and shard: a zstd frame with its checksum."""
    return bytes(_zstd.encode(data))


def decompressed(data: bytes) -> bytes:
    """The inverse of compressed; RuntimeError where the checksum does not fit."""
    return bytes(_zstd.decode(data))


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


def shard_rows(path: Path) -> list[bytes | None]:
    """The compressed rows of a shard that is not full."""
    data = path.read_bytes()
    index = np.frombuffer(data[-16 * SHARD_ROWS :], "<u8").reshape(SHARD_ROWS, 2)
    return [None if offset == ABSENT else data[int(offset) : int(offset + length)] for offset, length in index]


def little(dtype: str) -> "np.dtype[Any]":
    """The type as it stands on disk."""
    return np.dtype(dtype).newbyteorder("<")
