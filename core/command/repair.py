"""`main.py repair`: mend a session folder; every file is copied beside it before it is touched."""

import argparse
import json
from pathlib import Path

from core.command.folders import add_json
from core.command.verify import lines_of
from core.errors import BadStore
from core.store.repair import repair


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which session."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a session")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Mend one session; 1 where damage remains."""
    done = repair(args.folder)
    if args.json:
        mends = [{"path": mend.path, "words": mend.words} for mend in done.mends]
        copies = None if done.copies is None else str(done.copies)
        print(json.dumps({"ok": done.verdict.ok, "mends": mends, "copies": copies, "session": done.verdict.to_dict()}))
    else:
        for mend in done.mends:
            print(f"  + {mend.path + ': ' if mend.path else ''}{mend.words}")
        if done.copies is not None:
            print(f"The files as they were lie in {done.copies}.")
        if not done.mends:
            print("There was nothing to mend.")
        print("\n".join(lines_of(done.verdict)))
    if not done.verdict.ok:
        raise BadStore(
            f"{args.folder} is still damaged; what is listed with '!' cannot be made again from what is there."
        )
    return 0
