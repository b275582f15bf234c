"""The folder of an export: built beside its place as NAME.partial, put in place by one rename when it is whole.

lineage.jsonl in it is both the sidecar and the record of progress: a line says that its episode is on disk. What a
killed program left is gone on from there if it was to hold the same, and else begun anew.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

from core.errors import BadStore, StoreBusy
from core.store.columns import PARTIAL, replace_file
from core.store.lock import NAME as LOCK_NAME
from core.store.lock import WriterLock

SUFFIX: Final = ".partial"
OLD: Final = ".old"
MANIFEST: Final = "export.json"
"""In every export: what it holds, and how it was asked for. Nothing without it is ever removed."""
LINEAGE: Final = "lineage.jsonl"
PARTS: Final = "parts"
"""Folder of what a writer needs only until the whole is put together."""


class Target:
    """Where one export goes; use it in a with statement."""

    def __init__(self, out: Path, manifest: dict[str, Any], overwrite: bool) -> None:
        """Say where.

        Args:
            out: The folder that the export becomes.
            manifest: What it holds, plain values; "fingerprint" says whether an unfinished one is the same.
            overwrite: Whether a finished export that is there may be replaced, once the new one is whole.

        Raises:
            BadStore: something else is there.
        """
        self.out, self.folder = out, out.with_name(out.name + SUFFIX)
        self._manifest, self._overwrite = manifest, overwrite
        self._old = out.with_name(out.name + OLD)
        self._lock: WriterLock | None = None
        self._refuse_others()

    def __enter__(self) -> "Target":
        """Make the folder, or go on with what is in it.

        Raises:
            BadStore: it cannot be written, or another export writes it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = WriterLock(self.folder)
        except StoreBusy as error:
            raise StoreBusy(
                f"Another program is exporting into {self.out}. Wait for it, or name another folder."
            ) from error
        except BadStore as error:
            raise BadStore(f"{self.folder} cannot be written. Name a folder that you may write to.") from error
        if not self._same():
            self._write_manifest({"fingerprint": ""})  # ours, and the same as nothing, should this be cut short
            for entry in list(self.folder.iterdir()):
                if entry.name not in (LOCK_NAME, MANIFEST):
                    _remove(entry)
            self._write_manifest(self._manifest)
        return self

    def __exit__(self, *_: object) -> None:
        """Let go; what is unfinished stays, to be gone on with."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def done(self) -> int:
        """Episodes that are on disk; a line that was being written is cut off."""
        path = self.folder / LINEAGE
        if not path.exists():
            return 0
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            os.truncate(path, len(whole))
        return whole.count(b"\n")

    def tell(self, line: dict[str, Any]) -> None:
        """One more episode is on disk."""
        with open(self.folder / LINEAGE, "ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @property
    def finished(self) -> bool:
        """Whether the whole was put together; only its parts may still lie about."""
        return bool(self._found().get("finished"))

    def publish(self) -> None:
        """All of it is there: put it in its place."""
        self._write_manifest(self._manifest | {"finished": True})
        _remove(self.folder / PARTS)
        self.__exit__()
        if self.out.exists():
            _remove(self._old)
            os.replace(self.out, self._old)
        os.replace(self.folder, self.out)
        _remove(self._old)

    def _write_manifest(self, values: dict[str, Any]) -> None:
        replace_file(self.folder / MANIFEST, json.dumps(values, indent=1).encode())

    def _same(self) -> bool:
        return bool(self._found().get("fingerprint") == self._manifest["fingerprint"])

    def _found(self) -> dict[str, Any]:
        """The manifest that is there; empty where none is."""
        try:
            return dict(json.loads((self.folder / MANIFEST).read_bytes()))
        except (OSError, ValueError):
            return {}

    def _refuse_others(self) -> None:
        for place in (self.out, self.folder, self._old):
            if place.exists() and not is_export(place) and not _blank(place):
                raise BadStore(
                    f"{place} is there, and it is not an export of this program. Name another folder, or move it away."
                )
        if self.out.exists() and is_export(self.out) and not self._overwrite:
            raise BadStore(
                f"{self.out} holds an export already. Say --overwrite to replace it, or name another folder."
            )


def is_export(folder: Path) -> bool:
    """Whether a folder holds an export of this program, finished or not."""
    return (folder / MANIFEST).is_file()


def _blank(folder: Path) -> bool:
    """Whether nothing is in a folder but what an export that was stopped in its first moment leaves."""
    first = (LOCK_NAME, MANIFEST + PARTIAL)
    return folder.is_dir() and all(entry.name in first for entry in folder.iterdir())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
