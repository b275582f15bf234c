"""An append-only file of CRC-framed records: what was appended is there after a kill, a torn tail is cut.

Layout, little-endian: 8 bytes magic, u16 version, 6 bytes zero; then per record u32 length of the payload,
u8 kind, 3 bytes zero, u32 CRC-32 of the eight bytes before it and of the payload, payload. Whoever reads it
stops at the first record whose length or CRC does not fit.
"""

import errno
import io
import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadStore
from core.regular_files import regular

MAGIC = b"HIWMJRNL"
VERSION = 1
_HEADER = struct.Struct("<8sH6x")
_FRAME = struct.Struct("<IB3x")
_CRC = struct.Struct("<I")
OVERHEAD = _FRAME.size + _CRC.size
"""Bytes of framing per record."""
LARGEST = 256 << 20
"""Bytes of a payload: more than any step has. A longer one is damage."""


@dataclass(frozen=True, slots=True)
class Record:
    """One framed payload."""

    kind: int
    """0 .. 255; their meaning belongs to the writer."""
    payload: bytes


@dataclass(frozen=True, slots=True)
class Replay:
    """What a journal file holds."""

    records: tuple[Record, ...]
    good: int
    """Bytes up to the end of the last whole record."""
    total: int
    """Bytes of the file."""
    damaged: bool = False
    """The record after the last whole one is complete, but not what was written: no kill does that."""

    @property
    def torn(self) -> int:
        """Bytes after the last whole record."""
        return self.total - self.good


def framed(record: Record) -> bytes:
    """A record as it is in the file."""
    head = _FRAME.pack(len(record.payload), record.kind)
    return b"".join((head, _CRC.pack(zlib.crc32(record.payload, zlib.crc32(head))), record.payload))


def replay(path: Path) -> Replay:
    """Read a journal up to its first torn record.

    Raises:
        BadStore: the file is not a journal, or of another version.
    """
    with open(path, "rb", opener=regular) as file:
        total = os.fstat(file.fileno()).st_size
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:  # killed while it was being created: nothing was ever appended
            return Replay((), 0, total)
        _require_version(path, header)
        records, at, damaged = [], _HEADER.size, False
        while at + OVERHEAD <= total:
            head = file.read(_FRAME.size)
            (crc,) = _CRC.unpack(file.read(_CRC.size))
            length, kind = _FRAME.unpack(head)
            if at + OVERHEAD + length > total:
                break
            payload = file.read(length) if length <= LARGEST else b""
            if zlib.crc32(payload, zlib.crc32(head)) != crc:
                damaged = True
                break
            records.append(Record(kind, payload))
            at += OVERHEAD + length
    return Replay(tuple(records), at, total, damaged)


def _require_version(path: Path, header: bytes) -> None:
    magic, version = _HEADER.unpack(header)
    if magic != MAGIC:
        raise BadStore(f"{path} is not a journal of a session: it begins with {magic!r}. Restore it from a copy.")
    if version != VERSION:
        raise BadStore(
            f"The journal {path} has version {version}; this program reads version {VERSION}. "
            "Open the session once with the program that recorded it; closing it there empties the journal."
        )


class Journal:
    """A journal open for appending. One thread."""

    def __init__(self, path: Path) -> None:
        """Create a journal.

        Raises:
            FileExistsError: there is one of this name.
            OSError: the file cannot be created.
        """
        self.path = path
        self._file: io.FileIO = open(path, "xb", buffering=0)  # noqa: SIM115 (closed by close)
        self._good = 0
        try:
            self._write(_HEADER.pack(MAGIC, VERSION))
        except OSError:
            self.close()
            path.unlink(missing_ok=True)
            raise

    @property
    def size(self) -> int:
        """Bytes up to the end of the last record."""
        return self._good

    def append(self, records: Sequence[Record]) -> None:
        """Hand records to the operating system, all or none: they outlive this process from here on.

        Raises:
            OSError: nothing was appended; the same call may be made again.
        """
        self.require()
        self._write(b"".join(framed(record) for record in records))

    def sync(self) -> None:
        """Wait until the disk has it: from here on it outlives a power cut."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file; idempotent."""
        self._file.close()

    def _write(self, data: bytes) -> None:
        """Write at the end of the last good record; what a failed call left there is overwritten or cut."""
        self._file.seek(self._good)
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError:
            self._file.truncate(self._good)
            raise
        self._good += len(data)

    def require(self) -> None:
        """A deleted or moved folder would swallow every write in silence.

        Raises:
            FileNotFoundError: the file is not where it was made.
        """
        try:
            there = os.path.samestat(os.stat(self.path), os.fstat(self._file.fileno()))
        except (FileNotFoundError, NotADirectoryError):
            there = False
        if not there:
            raise FileNotFoundError(errno.ENOENT, "the file was moved or deleted while it was written", str(self.path))
