"""`main.py devices record FILE`: every raw sample of every device, as lines of JSON."""

import argparse
import sys
import time
from pathlib import Path

from core.errors import BadStore
from devices.command.table import opened
from devices.input_log import InputLogWriter

LOOK = 0.001
"""Seconds between two looks; faster than any device samples."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and how long."""
    parser.add_argument("file", type=Path, help="is written anew")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end after so many seconds (or Ctrl+C)")


def run(args: argparse.Namespace) -> int:
    """Record; the exit code."""
    end = time.monotonic() + args.seconds
    with opened() as devices:
        try:
            out = args.file.open("w", encoding="utf-8")
        except OSError as error:
            raise BadStore(f"The recording {args.file} cannot be written: {error}.") from error
        with out:
            writer = InputLogWriter(out, [one.found for one in devices.connected()])
            print(f"Recording {', '.join(one.words for one in devices.connected())}. Ctrl+C ends.", file=sys.stderr)
            try:
                while time.monotonic() < end:
                    writer.see(devices.readings())
                    time.sleep(LOOK)
            except KeyboardInterrupt:
                pass
    print(f"{writer.count} samples in {args.file}")
    return 0
