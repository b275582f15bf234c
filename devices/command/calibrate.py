"""`main.py devices calibrate`: sweep, then centre, on a terminal."""

import argparse
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from core.errors import BadConfig, DeviceLost
from core.folders import config_folder
from devices.leader.ports import SerialPort, serial_ports
from devices.leader.run import CalibrationRun
from devices.leader.table import arm_tables

LOOK = 0.05
"""Seconds between two frames of the motors."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which arm."""
    parser.add_argument(
        "port", nargs="?", help="place of the port (default: the only one); without one they are listed"
    )
    parser.add_argument(
        "--arm", default="so101", help=f"joint table: {', '.join(sorted(arm_tables()))} (default: so101)"
    )


def run(args: argparse.Namespace) -> int:
    """Calibrate; the exit code."""
    key = args.port or only_port(serial_ports())
    with CalibrationRun(key, args.arm, config_folder()) as one:
        path = carry_out(one, entered(sys.stdin.readline))
    print(f"Saved {path}")
    return 0


def only_port(ports: list[SerialPort]) -> str:
    """The key of the only port.

    Raises:
        DeviceLost: there is none.
        BadConfig: there are several; their keys.
    """
    if not ports:
        raise DeviceLost("No serial board is plugged in. Plug the leader arm in, and its power supply.")
    if len(ports) > 1:
        raise BadConfig("Several ports are here; name one: " + ", ".join(f"{one.key} ({one.words})" for one in ports))
    return ports[0].key


def entered(readline: Callable[[], str]) -> "queue.SimpleQueue[str]":
    """Lines of the operator as they come, "" at the end of the input."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def listen() -> None:
        line = "first"
        while line:
            line = readline()
            lines.put(line)

    threading.Thread(target=listen, name="input", daemon=True).start()
    return lines


def carry_out(one: CalibrationRun, lines: "queue.SimpleQueue[str]") -> Path:
    """Every step, each ended by Enter; the file that was written.

    Raises:
        BadConfig: the input ended before the calibration did.
    """
    said = ""
    while not one.done:
        if one.instruction != said:
            said = one.instruction
            print(f"\n{said}\nPress Enter when that is done.")
        one.look()
        show(one)
        try:
            line = lines.get(timeout=LOOK)
        except queue.Empty:
            continue
        if not line:
            raise BadConfig("The calibration was left before it was done. Nothing was written.")
        try:
            one.next()
        except BadConfig as error:
            print(f"\n{error}")
    return one.save()


def show(one: CalibrationRun) -> None:
    """How far each joint was swept, in one line that is written over."""
    if sys.stdout.isatty():
        sys.stdout.write(
            "\r" + "  ".join(f"{name} {degrees:.0f}°" for name, degrees in one.progress.items()) + "\x1b[K"
        )
        sys.stdout.flush()
