"""`main.py doctor`: is everything here that the studio needs? Each line is ok, or names the command that repairs it."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict

from app.command import doctor_checks
from core.check import Check

SIGNS = {"ok": "ok  ", "optional": "–   ", "broken": "FIX "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How to say it."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Check everything; 1 where something that is needed is broken."""
    checks = examine(
        doctor_checks.checks(), (lambda check: None) if args.json else (lambda check: print(line(check), flush=True))
    )
    if args.json:
        print(json.dumps({"checks": [asdict(check) for check in checks]}))
    broken = [check for check in checks if check.state == "broken"]
    if broken:
        print(f"main.py doctor: to be fixed: {', '.join(check.name for check in broken)}.", file=sys.stderr)
    return 1 if broken else 0


def examine(checks: Iterable[Callable[[], Check]], tell: Callable[[Check], None]) -> list[Check]:
    """Carry the checks out, one after the other; one that fails itself is broken."""
    results = []
    for check in checks:
        try:
            result = check()
        except Exception as error:  # a doctor goes on
            result = Check(check.__name__.replace("_", " "), "broken", f"{type(error).__name__}: {error}", "make env")
        tell(result)
        results.append(result)
    return results


def line(check: Check) -> str:
    """One check on the terminal, its cure below it."""
    cure = f"\n        {check.cure}" if check.cure else ""
    return f"{SIGNS[check.state]}  {check.name}: {check.words}{cure}"
