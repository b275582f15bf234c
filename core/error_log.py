"""Where the traceback of an error goes that the program has no words for: one folder of the user, a few files."""

import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Final

KEPT: Final = 8
"""Files that stay; the oldest of more are removed."""


def folder() -> Path:
    """The folder for logs of this user, by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "hi-wm-studio/logs"
    if sys.platform == "darwin":
        return Path.home() / "Library/Logs/hi-wm-studio"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "hi-wm-studio/logs"


def write(error: Exception) -> Path | None:
    """Write a traceback, readable by its user alone; the file, None where no disk takes it."""
    for place in (folder, lambda: Path(tempfile.gettempdir())):
        try:
            return _written(place(), error)
        except (OSError, RuntimeError):  # no room, no permission, no home
            continue
    return None


def _written(where: Path, error: Exception) -> Path:
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    prefix = f"hi-wm-studio-{time.strftime('%Y%m%d-%H%M%S')}-"
    with tempfile.NamedTemporaryFile("w", dir=where, prefix=prefix, suffix=".log", delete=False) as log:
        traceback.print_exception(error, file=log)
    for old in sorted(where.glob("hi-wm-studio-*.log"), key=_age)[:-KEPT]:
        old.unlink(missing_ok=True)
    return Path(log.name)


def _age(log: Path) -> float:
    try:
        return log.stat().st_mtime_ns
    except OSError:
        return 0.0
