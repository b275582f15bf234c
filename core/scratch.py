"""A session that is not recorded: its states go to a temporary folder, so that memory does not grow with every step."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.errors import BadStore
from core.events import Message
from core.recorder import Recorder
from core.store.lock import held

PREFIX: Final = "hi-wm-scratch-"
SESSION: Final = "session"
_YOUNG_S: Final = 60.0
"""A folder that was made so lately may not be locked yet."""


class Scratch(Recorder):
    """Records into a temporary folder that goes with it. What it holds does not count as recorded."""

    def __init__(self, tell: Callable[[Message], None] = lambda message: None, *, place: Path | None = None) -> None:
        """Begin one; what programs that were killed left behind is removed first.

        Raises:
            BadStore: there is no place for temporary files.
        """
        where = place or temporary_place()
        try:
            sweep(where)
            self._place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
        except OSError as error:
            raise BadStore(
                f"There is no room for temporary files in {where}: {error.strerror or error}. Free some, or name "
                "another folder in TMPDIR."
            ) from error
        super().__init__(self._place / SESSION, tell, sync=False)

    @property
    def recorded(self) -> int:
        """Nothing of it will be there tomorrow."""
        return 0

    def close(self, timeout: float = 60.0) -> None:
        """Stop, and remove the folder. Idempotent."""
        self.abandon()
        shutil.rmtree(self._place, ignore_errors=True)


def temporary_place() -> Path:
    """Where large temporary files go: on a disk where the system has such a place, since /tmp may be memory."""
    disk = Path("/var/tmp")
    return disk if "TMPDIR" not in os.environ and os.access(disk, os.W_OK) else Path(tempfile.gettempdir())


def sweep(place: Path) -> None:
    """Remove what programs that were killed left in a place."""
    for folder in place.glob(f"{PREFIX}*"):
        try:
            young = time.time() - folder.stat().st_mtime < _YOUNG_S
        except OSError:
            continue
        if not young and held(folder / SESSION) is None:
            shutil.rmtree(folder, ignore_errors=True)
