"""Reads of files that others may have written: regular files only, no larger than expected, never through a link.

A session may come from another machine. A link in it could lead a reader or a repair to files outside, a pipe or
`/dev/zero` would keep a reader for ever, and a sparse file of 40 GB would fill the memory.
"""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from core.errors import BadStore

JSON_BYTES: Final = 16 << 20
"""The largest JSON file that is parsed; a root of 100,000 episodes is smaller."""
_DEPTH: Final = 12
"""Folders below a session that are looked into; its own files lie at most five deep."""
_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def regular(path: str, flags: int) -> int:
    """An opener for ``open()``: a regular file that is no link.

    Raises:
        OSError: it is a link, a folder, a pipe or a device (EINVAL), or it cannot be opened.
    """
    if not _FLAGS and os.path.islink(path):  # Windows
        raise OSError(errno.EINVAL, "it is a link", path)
    try:
        handle = os.open(path, flags | _FLAGS, 0o666)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise OSError(errno.EINVAL, "it is a link", path) from error
        raise
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise OSError(errno.EINVAL, f"it is {kind_of(mode)}, not a regular file", path)
    return handle


def read_bytes(path: Path, limit: int) -> bytes:
    """All bytes of a regular file.

    Raises:
        OSError: see regular.
        ValueError: the file is larger than ``limit`` bytes.
    """
    with open(path, "rb", buffering=0, opener=regular) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise ValueError(f"it has {size} bytes, at most {limit} are possible")
        return file.read(limit + 1) if size else b""


def read_json(path: Path, limit: int = JSON_BYTES) -> Any:
    """The value in a JSON file.

    Raises:
        OSError: see regular.
        ValueError: it is too large, no JSON, or nested too deeply.
    """
    return parse_json(read_bytes(path, limit))


def parse_json(data: bytes | str) -> Any:
    """The value of a JSON text. Raises ValueError where it is no JSON, holds NaN, or is nested too deeply."""
    try:
        return json.loads(data, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error


def _refuse(number: str) -> float:
    raise ValueError(f"it holds {number}, which is no number of JSON")


def kind_of(mode: int) -> str:
    """What a file is, in words, by its mode."""
    names = {
        stat.S_IFLNK: "a link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return names.get(stat.S_IFMT(mode), "no regular file")


def entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """Everything below a folder that is not a folder; links are not followed.

    Entries that vanish meanwhile and folders that may not be read are passed over.
    """
    waiting = [(str(folder), 0)]
    while waiting:
        place, depth = waiting.pop()
        try:
            with os.scandir(place) as found:
                for entry in found:
                    if not entry.is_dir(follow_symlinks=False):
                        yield entry
                    elif depth < _DEPTH:
                        waiting.append((entry.path, depth + 1))
        except OSError:
            continue


def irregular(folder: Path) -> list[tuple[Path, str]]:
    """What lies below a folder and is neither a regular file nor a folder: path and kind, in order of the paths."""
    odd = (entry for entry in entries(folder) if not entry.is_file(follow_symlinks=False))
    return sorted((Path(entry.path), kind_of(entry.stat(follow_symlinks=False).st_mode)) for entry in odd)


def require_regular(folder: Path) -> None:
    """Refuse a session in which a link, a pipe or a device lies: what it leads to is not the session's.

    Raises:
        BadStore: there is one; the text names it.
    """
    found = irregular(folder)
    if found:
        path, kind = found[0]
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise BadStore(
            f"The session {folder} holds {path.relative_to(folder)}{more}: {kind}, not a regular file. Nothing is read "
            "or written through it. Put the file itself in its place, or remove it."
        )


def size_of(folder: Path) -> tuple[int, int]:
    """Bytes and number of the files below a folder; links count with their own few bytes."""
    count = total = 0
    for entry in entries(folder):
        with suppress(OSError):  # it vanished meanwhile
            count, total = count + 1, total + entry.stat(follow_symlinks=False).st_size
    return total, count
