"""Makes a session smaller after it was closed, in a separate process of the lowest priority."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

WORTH: Final = 2000
"""Steps below which a session is left as it is."""
_MAIN: Final = Path(__file__).resolve().parents[2] / "main.py"
_running: Final[list["subprocess.Popen[bytes]"]] = []
"""Running compactions, kept so that finished processes are reaped."""


def compact_later(folder: Path, steps: int) -> "subprocess.Popen[bytes] | None":
    """Begin to compact a closed session at the lowest priority; opening the session stops it. None: not worth it.

    The program outlives this one.
    """
    _running[:] = [program for program in _running if program.poll() is None]
    if steps < WORTH:
        return None
    words = [sys.executable, str(_MAIN), "compact", "--background", str(folder.resolve())]
    nothing = subprocess.DEVNULL
    try:
        program = subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    except OSError as error:
        log.warning("the session %s is not compacted: %s", folder, error)
        return None
    _running.append(program)
    return program
