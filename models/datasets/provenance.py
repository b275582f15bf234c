"""Where weights come from, for their cards: the command and the commit."""

import shlex
import subprocess
import sys
from pathlib import Path


def command() -> str:
    """The command line of this process, as it would be typed."""
    return shlex.join(["main.py", *sys.argv[1:]])


def commit() -> str:
    """The git commit of the working tree, "unknown" outside a repository."""
    folder = Path(__file__).resolve().parent
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
