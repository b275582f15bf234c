"""Arrays of a Zarr v2 group, in a folder or in a zip file, with bounds on everything that a file may claim.

zarr-python would read them too, but builds whatever codec a file names (one of them is pickle) and unpacks whatever
size a chunk claims. Here the codecs are those that replay buffers use, and no chunk grows beyond its own shape.
"""

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import numcodecs
import numpy as np
from numpy.typing import NDArray

from core.errors import BadStore
from models.datasets.source import MOST_BYTES

CODECS: Final = ("blosc", "zstd", "lz4")
_KEPT: Final = 64 << 20
"""Bytes of decoded chunks that an array remembers."""


class Files:
    """The files of a group by name."""

    def __init__(self, path: Path) -> None:
        """Open a folder or a .zip.

        Raises:
            BadStore: neither, or torn.
        """
        self.path, self._zip, self._lock = path, None, threading.Lock()
        if path.is_dir():
            return
        try:
            self._zip = ZipFile(path)
        except (OSError, BadZipFile) as error:
            raise BadStore(f"{path} is neither a folder nor a zip file that can be read: {error}.") from error

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none.

        Raises:
            BadStore: torn, or larger than anything in a replay buffer.
        """
        try:
            if self._zip is None:
                path = self.path / name
                if not path.is_file():
                    return None
                if path.stat().st_size > MOST_BYTES:
                    raise BadStore(f"{path} has {path.stat().st_size >> 20} MB; no part of a replay buffer has.")
                return path.read_bytes()
            with self._lock:
                if name not in self._zip.NameToInfo:
                    return None
                size = self._zip.getinfo(name).file_size
                if size > MOST_BYTES:
                    raise BadStore(
                        f"{name} in {self.path} unpacks to {size >> 20} MB; no part of a replay buffer does."
                    )
                return self._zip.read(name)
        except (OSError, BadZipFile, RuntimeError, ValueError, EOFError) as error:
            raise BadStore(f"{name} in {self.path} is torn: {error}. Copy the buffer once more.") from error

    def json(self, name: str) -> dict[str, Any] | None:
        """A table; None where there is none."""
        data = self.read(name)
        if data is None:
            return None
        try:
            values = json.loads(data)
        except ValueError as error:
            raise BadStore(f"{name} in {self.path} is torn: {error}. Copy the buffer once more.") from error
        return values if isinstance(values, dict) else {}

    def arrays(self, group: str) -> list[str]:
        """Names of the arrays of a group."""
        if self._zip is None:
            return sorted(p.parent.name for p in (self.path / group).glob("*/.zarray"))
        parts = [name.split("/") for name in self._zip.NameToInfo]
        return sorted({p[-2] for p in parts if p[-1] == ".zarray" and "/".join(p[:-2]) == group})


class Array:
    """One array; rows are along its first axis."""

    def __init__(self, files: Files, name: str) -> None:
        """Read what it is.

        Raises:
            BadStore: missing, torn, or of a kind that is not read.
        """
        self._files, self.name, self._lock = files, name, threading.Lock()
        about = files.json(f"{name}/.zarray")
        if about is None:
            raise BadStore(f"{files.path} has no array {name!r}. Copy the buffer once more.")
        try:
            self.shape = tuple(int(size) for size in about["shape"])
            self._chunk = tuple(int(size) for size in about["chunks"])
            self.dtype = np.dtype(str(about["dtype"]))
            compressor, filters, order = about["compressor"], about.get("filters"), about.get("order", "C")
            self._between = str(about.get("dimension_separator", "."))
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise BadStore(f"{name}/.zarray in {files.path} is torn: {error!r}. Copy the buffer once more.") from error
        self._bytes = math.prod(self._chunk) * self.dtype.itemsize
        plain = self.dtype.kind in "biuf" and not filters and order == "C" and len(self._chunk) == len(self.shape)
        if not plain or min((*self._chunk, 1)) < 1 or min((*self.shape, 0)) < 0 or self._bytes > MOST_BYTES:
            raise BadStore(
                f"{name} in {files.path} ({self.dtype}, {self.shape} in pieces of {self._chunk}) is not a plain array "
                "of numbers. Write it with zarr as numbers, without filters, in C order, in pieces of a few MB."
            )
        self._codec = None if compressor is None else _codec(compressor, f"{name} in {files.path}")
        self._kept: OrderedDict[tuple[int, ...], NDArray[Any]] = OrderedDict()

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Rows start .. stop - 1.

        Raises:
            BadStore: a chunk is torn.
        """
        size = self._chunk[0]
        found = np.empty((stop - start, *self.shape[1:]), self.dtype)
        blocks = range(start // size, -(-stop // size))
        counts = [range(-(-length // part)) for length, part in zip(self.shape[1:], self._chunk[1:], strict=True)]
        for at in product(blocks, *counts):
            low, high = max(start, at[0] * size), min(stop, (at[0] + 1) * size)
            places = [slice(low - at[0] * size, high - at[0] * size)]
            target = [slice(low - start, high - start)]
            for index, length, part in zip(at[1:], self.shape[1:], self._chunk[1:], strict=True):
                target.append(slice(index * part, min(length, (index + 1) * part)))
                places.append(slice(0, min(length - index * part, part)))
            found[tuple(target)] = self._decoded(at)[tuple(places)]
        return found

    def each(self, rows: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
        """Some rows, one by one, each chunk decoded once where they ascend."""
        for row in rows:
            yield self.rows(int(row), int(row) + 1)[0]

    def _decoded(self, at: tuple[int, ...]) -> NDArray[Any]:
        with self._lock:
            chunk = self._kept.get(at)
            if chunk is None:
                chunk = self._kept[at] = self._read(at)
                while len(self._kept) > 1 and len(self._kept) * self._bytes > _KEPT:
                    self._kept.popitem(last=False)
            return chunk

    def _read(self, at: tuple[int, ...]) -> NDArray[Any]:
        name = f"{self.name}/{self._between.join(map(str, at))}"
        data = self._files.read(name)
        if data is None:  # some writers leave out what holds zeros only, and so does a copy that was cut off
            raise BadStore(
                f"{name} in {self._files.path} is missing. Copy the buffer once more; where it was written without "
                "chunks of zeros, write it with write_empty_chunks."
            )
        try:
            if self._codec is not None:
                claimed = _claimed(self._codec, data)
                if claimed != self._bytes:
                    raise ValueError(f"it claims {claimed} bytes, a chunk has {self._bytes}")
                data = self._codec.decode(data)
            return np.frombuffer(data, self.dtype).reshape(self._chunk)
        except (ValueError, RuntimeError, TypeError, MemoryError) as error:
            raise BadStore(f"{name} in {self._files.path} is torn: {error}. Copy the buffer once more.") from error


def _codec(about: Any, what: str) -> Any:
    name = about.get("id") if isinstance(about, dict) else None
    if name not in CODECS:
        more = " Decode the pictures first: open the buffer with imagecodecs and save it with Blosc." * (
            "jpeg" in str(name)
        )
        raise BadStore(f"{what} is compressed by {name!r}; {', '.join(CODECS)} can be read.{more}")
    try:
        return numcodecs.get_codec(dict(about))
    except (TypeError, ValueError) as error:
        raise BadStore(f"{what} is compressed in a way that does not exist: {error}.") from error


def _claimed(codec: Any, data: bytes) -> int:
    """Bytes that compressed data say they unpack to, before anything is unpacked."""
    if codec.codec_id == "blosc":
        if int.from_bytes(data[12:16], "little") != len(data):  # its decoder would read on behind the end
            raise ValueError(
                f"{len(data)} bytes are there, its header speaks of {int.from_bytes(data[12:16], 'little')}"
            )
        return int.from_bytes(data[4:8], "little")
    if codec.codec_id == "lz4":
        return int.from_bytes(data[:4], "little")
    return _zstd_claim(data)


def _zstd_claim(data: bytes) -> int:
    """The content size in the header of a zstd frame (RFC 8878, 3.1.1.1); -1 where it does not say."""
    if data[:4] != b"\x28\xb5\x2f\xfd":
        return -1
    flags = data[4]
    single, size_flag = bool(flags & 0x20), flags >> 6
    at = 5 + (0 if single else 1) + (0, 1, 2, 4)[flags & 3]
    width = (1 if single else 0, 2, 4, 8)[size_flag]
    if width == 0:
        return -1
    return int.from_bytes(data[at : at + width], "little") + (256 if width == 2 else 0)
