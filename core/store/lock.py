"""One writer per session: an operating-system lock on a small file, freed by the system when a program dies.

The lock file names what its holder is doing. A program that wants to record waits briefly for a holder that is closing
or compacting, and asks it to stop by creating a second file, ``writer.wanted``.
"""

import io
import json
import os
import platform
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from core.errors import BadStore, StoreBusy
from core.regular_files import read_json, regular

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = "writer.lock"
WANTED = "writer.wanted"
PATIENCE_S = 10.0
"""How long to wait for a holder that is closing, compacting or checking."""
GLANCE_S = 0.1
"""How long to wait for any holder: another program may be testing whether the lock is held."""
Doing = Literal["recording", "closing", "compacting", "checking"]
_TEXT_BYTES = 1 << 16
_FAR = 1 << 30
"""The locked byte on Windows, far behind the text, so that others may read who holds it."""


class WriterLock:
    """The right to write a session folder; held until release() or the end of the process."""

    def __init__(self, folder: Path, doing: Doing = "recording") -> None:
        """Take the lock.

        Raises:
            StoreBusy: another program, or this one, holds it.
            BadStore: the lock file cannot be created.
        """
        self._path = folder / NAME
        self._file = _locked(self._path, patient=doing == "recording")
        self._since = time.strftime("%Y-%m-%d %H:%M:%S")
        self.say(doing)

    def say(self, doing: Doing) -> None:
        """Write what the holder is doing into the lock file, for programs that wait."""
        who = {"pid": os.getpid(), "host": platform.node(), "since": self._since, "doing": doing}
        with suppress(OSError):  # a full disk: the lock itself holds all the same
            self._file.seek(0)
            self._file.truncate()
            self._file.write(json.dumps(who).encode())

    @property
    def wanted(self) -> bool:
        """Whether another program is waiting to record."""
        return (self._path.parent / WANTED).exists()

    def release(self) -> None:
        """Give the lock back and remove its file; idempotent."""
        if self._file.closed:
            return
        if sys.platform == "win32":  # an open file cannot be removed there
            self._file.close()
            self._path.unlink(missing_ok=True)
        else:  # removed while still held, so that no other program locks a file that is about to vanish
            self._path.unlink(missing_ok=True)
            self._file.close()


def _locked(path: Path, *, patient: bool) -> io.FileIO:
    """The lock file, open and locked."""
    began, asked, wanted = time.monotonic(), False, path.with_name(WANTED)
    try:
        while True:
            file = _tried(path)
            if file is not None:
                return file
            who = holder(path)
            doing = str(who.get("doing", "recording"))
            staying = not patient or doing == "recording"
            if time.monotonic() - began > (GLANCE_S if staying else PATIENCE_S):
                raise StoreBusy(
                    f"The session {path.parent} is being {_DONE.get(doing, 'recorded')} by another "
                    f"program{_words(who)}. Close it there first, or record into another folder."
                )
            if not staying:
                wanted.touch()
                asked = True
            time.sleep(0.02)
    finally:
        if asked:
            wanted.unlink(missing_ok=True)


_DONE = {"closing": "closed", "compacting": "compacted", "checking": "checked"}


def _tried(path: Path) -> io.FileIO | None:
    """The lock file, open and locked; None if another program holds it."""
    while True:
        try:
            file: io.FileIO = open(path, "a+b", buffering=0, opener=regular)  # noqa: SIM115 (kept open while the lock is held)
        except OSError as error:
            raise BadStore(
                f"The session {path.parent} cannot be written: {error.strerror or error}. "
                "Choose a folder that you may write to."
            ) from error
        if not _try_lock(file):
            file.close()
            return None
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


def holder(path: Path) -> dict[str, Any]:
    """What the holder wrote into a lock file; empty where that cannot be read."""
    try:
        who = read_json(path, _TEXT_BYTES)
    except (OSError, ValueError):
        return {}
    return who if isinstance(who, dict) else {}


def _words(who: dict[str, Any]) -> str:
    """Who holds the lock, for the message."""
    try:
        return f" (process {who['pid']} on {who['host']}, since {who['since']})"
    except KeyError:
        return ""


def held(folder: Path) -> dict[str, Any] | None:
    """What the holder of a session's lock wrote into it; None if the session is not locked. Changes nothing."""
    path = folder / NAME
    try:
        with open(path, "rb", buffering=0, opener=regular) as file:
            return None if _try_lock(file) else holder(path)
    except OSError:  # there is no lock file, or it is a copy on read-only storage
        return None


def held_by(folder: Path) -> str | None:
    """Description of the process that records into a folder, possibly empty; None if there is none."""
    who = held(folder)
    return None if who is None else _words(who).strip(" ()")
