"""`main.py verify`: check session folders from end to end; reads only."""

import argparse
import json
from pathlib import Path

from core.command.folders import Line, add_json, sessions_in
from core.errors import BadStore, StudioError
from core.store.damage import trouble_words
from core.store.verdict import Verdict
from core.store.verify import verifying


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which sessions."""
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="a session, or a folder of sessions")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Check every session; 1 where one is damaged."""
    folders = sessions_in(args.folders)
    verdicts = [checked(folder, alone=len(folders) == 1) for folder in folders]
    if args.json:
        print(json.dumps({"ok": all(v.ok for v in verdicts), "sessions": [v.to_dict() for v in verdicts]}))
    else:
        for verdict in verdicts:
            print("\n".join(lines_of(verdict)))
    damaged = [verdict for verdict in verdicts if not verdict.ok]
    if damaged:
        first = damaged[0].folder
        raise BadStore(
            f"{len(damaged)} of {len(verdicts)} sessions {'is' if len(damaged) == 1 else 'are'} damaged. "
            f"`main.py repair {first}` mends what can be mended and keeps a copy of all that it touches."
        )
    return 0


def checked(folder: Path, *, alone: bool) -> Verdict:
    """One session, with a line that says how far it is; one that cannot be checked hides no other one.

    Raises:
        StudioError: it cannot be checked, and it is the only one.
    """
    line, work = Line(f"Checking {folder}"), verifying(folder)
    try:
        while True:
            line.say(next(work))
    except StopIteration as end:
        verdict: Verdict = end.value
        return verdict
    except Exception as error:
        if alone and isinstance(error, StudioError):
            raise
        refused = Verdict(folder)
        refused.damage("", trouble_words(folder, error))
        return refused
    finally:
        line.end()


def lines_of(verdict: Verdict) -> list[str]:
    """A verdict for people."""
    checked = verdict.rows - verdict.unchecked
    words = "whole" if verdict.ok else "DAMAGED"
    lines = [f"{verdict.folder}: {words}, {verdict.steps} steps, {verdict.rows} rows read, {checked} by checksum"]
    for finding in verdict.findings:
        mark = "  ! " if finding.level == "damage" else "  - "
        lines.append(f"{mark}{finding.path + ': ' if finding.path else ''}{finding.words}")
    return lines
