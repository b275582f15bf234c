"""One writer per session: an operating-system lock on a small file, freed by the system when a program dies."""

import io
import json
import os
import platform
import sys
import time
from pathlib import Path

from core.errors import BadStore, StoreBusy

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = "writer.lock"
_FAR = 1 << 30
"""The locked byte on Windows, far behind the text, so that others may read who holds it."""


class WriterLock:
    """The right to write a session folder; held until release() or the end of the process."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            StoreBusy: another program, or this one, holds it.
            BadStore: the lock file cannot be created.
        """
        self._path = folder / NAME
        self._file = _locked(self._path)
        who = {"pid": os.getpid(), "host": platform.node(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(who).encode())

    def release(self) -> None:
        """Give the lock back and remove its file; idempotent."""
        if self._file.closed:
            return
        if sys.platform == "win32":  # an open file cannot be removed there
            self._file.close()
            self._path.unlink(missing_ok=True)
        else:  # removed while still held: nobody can lock a file that is about to vanish
            self._path.unlink(missing_ok=True)
            self._file.close()


def _locked(path: Path) -> io.FileIO:
    """The lock file, open and locked."""
    while True:
        try:
            file: io.FileIO = open(path, "a+b", buffering=0)  # noqa: SIM115 (kept open while the lock is held)
        except OSError as error:
            raise BadStore(
                f"The session {path.parent} cannot be written: {error.strerror or error}. "
                "Choose a folder that you may write to."
            ) from error
        if not _try_lock(file):
            file.close()
            raise StoreBusy(
                f"The session {path.parent} is being recorded by another program{_holder(path)}. "
                "Close it there first, or record into another folder."
            )
        if _still_there(path, file):
            return file
        file.close()  # its holder removed it between open and lock


def _try_lock(file: io.FileIO) -> bool:
    try:
        if sys.platform == "win32":
            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _still_there(path: Path, file: io.FileIO) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _holder(path: Path) -> str:
    """Who wrote the lock, for the message."""
    try:
        who = json.loads(path.read_bytes())
        return f" (process {who['pid']} on {who['host']}, since {who['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def held_by(folder: Path) -> str | None:
    """Who records into a folder now, in words that may be empty; None where nobody does.

    The lock is tried for a moment and given back, so that a program that begins just then may be refused once.
    """
    path = folder / NAME
    try:
        file: io.FileIO = open(path, "r+b", buffering=0)  # noqa: SIM115 (closed below)
    except FileNotFoundError:
        return None
    except OSError:  # a read-only copy: nobody can write it
        return None
    with file:
        return None if _try_lock(file) else _holder(path).strip(" ()")
