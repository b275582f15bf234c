"""`main.py compact`: make closed sessions smaller; they stay what they are, for us and for plain zarr-python."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from core.command.folders import Line, add_json, sessions_in, size_words
from core.store.compaction import compacting, size_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which sessions."""
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="a session, or a folder of sessions")
    parser.add_argument("--background", action="store_true", help="at the lowest priority")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Pack every session, and say what it weighed before and after."""
    if args.background and hasattr(os, "nice"):
        os.nice(19)
    done = [compacted(folder) for folder in sessions_in(args.folders)]
    if args.json:
        print(json.dumps({"sessions": done}))
        return 0
    for one in done:
        share = 1 - one["after_bytes"] / max(1, one["before_bytes"])
        sizes = f"{size_words(one['before_bytes'])} -> {size_words(one['after_bytes'])} ({share:.0%} less)"
        print(
            f"{one['folder']}: {sizes}, {one['before_files']} -> {one['after_files']} files"
            + ("" if one["finished"] else "; stopped early, another program wants to record into it")
        )
    return 0


def compacted(folder: Path) -> dict[str, Any]:
    """Pack one session, with a line that says how far it is."""
    before, line, finished = size_of(folder), Line(f"Compacting {folder}"), True
    try:
        for progress in compacting(folder):
            line.say(progress.done / max(1, progress.total))
            finished = progress.done == progress.total
    finally:
        line.end()
    after = size_of(folder)
    return {
        "folder": str(folder), "before_bytes": before.bytes, "after_bytes": after.bytes,
        "before_files": before.files, "after_files": after.files, "finished": finished,
    }  # fmt: skip
