"""Which sessions a command line means, and how it says how far it is."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from core.errors import BadStore
from core.store.folders import looks_like_session, session_folders

UNITS = ("bytes", "kB", "MB", "GB", "TB")
SAY_AFTER_S, SAY_EVERY_S = 2.0, 0.5


def sessions_in(folders: Sequence[Path]) -> list[Path]:
    """The session folders that are named, or that lie in a folder that is named.

    Raises:
        BadStore: a folder is missing, or holds no session.
    """
    found: list[Path] = []
    for folder in folders:
        if not folder.is_dir():
            raise BadStore(f"There is no folder {folder}. Check the path.")
        inside = [folder] if looks_like_session(folder) else session_folders(folder)
        if not inside:
            raise BadStore(f"{folder} is no session, and none lies in it. Name a session folder.")
        found += inside
    return found


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option of every command here."""
    parser.add_argument("--json", action="store_true", help="print the answer as one JSON object")


class Line:
    """One line on standard error that says how far something is, once it has taken two seconds."""

    def __init__(self, what: str) -> None:
        self._what, self._began = what, time.monotonic()
        self._said = 0.0

    def say(self, share: float) -> None:
        """It is so far, 0..1."""
        now = time.monotonic()
        if now - self._began > SAY_AFTER_S and now - self._said > SAY_EVERY_S:
            self._said = now
            print(f"\r{self._what}: {share:4.0%}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """It is done."""
        if self._said:
            print("\r" + " " * (len(self._what) + 7) + "\r", end="", file=sys.stderr, flush=True)


def size_words(count: int) -> str:
    """1.4 MB; a thousand bytes are a kB."""
    value, unit = float(count), 0
    while value >= 1000 and unit + 1 < len(UNITS):
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {UNITS[unit]}"
