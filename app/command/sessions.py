"""`main.py sessions`: the sessions of a folder as a table; the numbers are counted on the disk."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from app.sessions.rows import SessionRow, read_row
from app.sessions.words import COLUMNS, as_json, cells, state_words
from core.store.folders import looks_like_session, session_folders

RIGHT = ("Branches", "Steps", "Size")
"""Columns of numbers."""
PATIENCE_S = 2.0
"""Seconds after which progress is shown, if stderr is a terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which folder, and in which form it is listed."""
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path("sessions"), help="of sessions, or one session (default: sessions)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON array, for programs")


def run(args: argparse.Namespace) -> int:
    """Print the table; the exit code is 0 also where a session is broken: that is part of the answer."""
    folders = [args.folder] if looks_like_session(args.folder) else session_folders(args.folder)
    rows: list[SessionRow] = []
    began = time.monotonic()
    for place, folder in enumerate(folders):
        if sys.stderr.isatty() and time.monotonic() - began > PATIENCE_S:
            print(f"\rreading {place + 1} of {len(folders)}", end="", file=sys.stderr, flush=True)
        rows.append(read_row(folder))
    if sys.stderr.isatty() and time.monotonic() - began > PATIENCE_S:
        print("\r\033[K", end="", file=sys.stderr)
    if args.json:
        print(json.dumps([as_json(row) for row in rows], indent=1))
    elif rows:
        print("\n".join(table(rows)))
    else:
        print(f"There is no session in {args.folder}.")
    return 0


def table(rows: Sequence[SessionRow]) -> list[str]:
    """The lines of the table; under a row what is special about it."""
    lines = [COLUMNS, *map(cells, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]

    def laid_out(line: Sequence[str]) -> str:
        parts = zip(COLUMNS, line, widths, strict=True)
        return "  ".join(t.rjust(w) if name in RIGHT else t.ljust(w) for name, t, w in parts).rstrip()

    printed = [laid_out(COLUMNS)]
    for row, line in zip(rows, lines[1:], strict=True):
        printed.append(laid_out(line))
        words = " ".join(state_words(row).split())
        if words:
            printed.append(f"  {'broken: ' if row.broken else ''}{words}")
    return printed
