"""What a repair keeps of a session: the files as they were, in a folder beside it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.store.layout import COPIES


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing that was mended."""

    path: str
    """Inside the session; "" for the session itself."""
    words: str


class Copies:
    """Keeps files as they were, in a folder beside the session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        taken = [folder.with_name(f"{folder.name}{COPIES}{suffix}") for suffix in ("", *map(_numbered, range(2, 1000)))]
        self.place = next(path for path in taken if not path.exists())

    def keep(self, path: Path) -> None:
        """Copy a file of the session that is about to be changed in place, once; a missing one needs no copy."""
        copy = self.place / path.relative_to(self._folder)
        if path.is_file() and not copy.exists():
            self.place.mkdir(mode=0o700, exist_ok=True)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)

    def keep_replaced(self, path: Path) -> None:
        """Keep a file that is about to be removed or replaced, without copying its bytes where the disk allows it."""
        copy = self.place / path.relative_to(self._folder)
        if path.is_file() and not copy.exists():
            self.place.mkdir(mode=0o700, exist_ok=True)
            copy.parent.mkdir(parents=True, exist_ok=True)
            keep_second_name(path, copy)

    @property
    def any(self) -> Path | None:
        """Where they are; None where there is none."""
        return self.place if self.place.exists() else None


def keep_second_name(path: Path, copy: Path) -> None:
    """Keep a file that is about to be removed or replaced; a sparse one of 40 GB stays sparse."""
    copy.unlink(missing_ok=True)
    try:
        os.link(path, copy)
    except OSError:  # a disk without hard links
        shutil.copy2(path, copy)


def _numbered(number: int) -> str:
    return f"-{number}"
