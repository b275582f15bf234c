"""`main.py devices`: what is plugged in; with --watch its readings, live."""

import argparse
import json
import sys
import time

from devices.combine import device_key
from devices.command.table import lines, opened
from devices.watcher import DeviceWatcher

EVERY = 0.1
"""Seconds between two pictures of the table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much to say."""
    parser.add_argument("--watch", action="store_true", help="open every device and show its axes until Ctrl+C")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end --watch after so many seconds")
    parser.add_argument("--json", action="store_true", help="one JSON object: devices and problems")


def run(args: argparse.Namespace) -> int:
    """Say it; the exit code."""
    return watch(args.seconds) if args.watch else listing(as_json=args.json)


def listing(*, as_json: bool) -> int:
    """One look; opens nothing that moves."""
    watcher = DeviceWatcher(lambda change: None)
    try:
        change = watcher.look()
    finally:
        watcher.close()
    if as_json:
        devices = [
            {"key": device_key(one), "driver": one.driver, "words": one.words, "hands": one.hands}
            for one in change.present
        ]
        print(json.dumps({"devices": devices, "problems": dict(change.problems)}))
        return 0
    print("keyboard  Keyboard, both arms")
    for one in change.present:
        print(f"{device_key(one)}  {one.words}, {'both hands' if one.hands == 2 else 'one hand'}")
    if not change.present:
        print("Nothing else is plugged in that could move an arm.")
    for driver, words in change.problems.items():
        print(f"{driver}: {words}", file=sys.stderr)
    return 0


def watch(seconds: float) -> int:
    """Show the axes until the time is up or Ctrl+C."""
    end, before = time.monotonic() + seconds, 0
    with opened() as devices:
        try:
            while time.monotonic() < end:
                table = lines(devices)
                back = f"\x1b[{before}F\x1b[J" if before and sys.stdout.isatty() else ""
                sys.stdout.write(back + "\n".join(table) + "\n")
                sys.stdout.flush()
                before = len(table)
                time.sleep(EVERY if sys.stdout.isatty() else 1.0)
        except KeyboardInterrupt:
            pass
    return 0
