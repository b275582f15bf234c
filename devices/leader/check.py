"""The check of `main.py doctor` for leader arms."""

import re

from core.check import Check
from devices.leader.ports import open_trouble, serial_ports
from devices.udev import INSTALL, forbidden

NAME = "Serial ports (leader arms)"


def check() -> Check:
    """Whether the serial boards of leader arms may be opened."""
    ports = serial_ports()
    if not ports:
        return Check(NAME, "ok", "no board plugged in")
    closed = [port for port in ports if forbidden(port.path)]
    if closed:
        cure = re.search(r"`([^`]+)`", open_trouble(closed[0].path, PermissionError()))
        words = f"no permission to open {closed[0].path}"
        return Check(NAME, "broken", words, cure.group(1) if cure else INSTALL)
    return Check(NAME, "ok", ", ".join(port.words for port in ports))
