"""Who may open a device on Linux: the rules that ship, and the one command that installs them."""

import os
import shlex
from pathlib import Path
from typing import Final

RULES: Final = Path(__file__).resolve().parents[1] / "assets" / "udev" / "70-hi-wm-studio.rules"
INSTALL: Final = (
    f"sudo cp {shlex.quote(str(RULES))} /etc/udev/rules.d/ "
    "&& sudo udevadm control --reload-rules && sudo udevadm trigger"
)


def forbidden(path: str) -> bool:
    """Whether a device file is there, but this user may not read and write it."""
    return os.path.exists(path) and not os.access(path, os.R_OK | os.W_OK)


def refusal(words: str, path: str) -> str:
    """What to tell a person who may not open a device: the thing, the cause and the fix."""
    return f"{words} may not be opened: {path} belongs to another user. Run `{INSTALL}`, then plug it in again."
