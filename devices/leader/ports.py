"""Serial ports by a place that stays: /dev/serial/by-id or by-path on Linux, the hardware id elsewhere."""

import importlib
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import DeviceLost, MissingPackage
from devices.udev import INSTALL

LINKS: Final = Path("/dev/serial")


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A USB serial port that is plugged in now."""

    key: str
    """Where it is plugged in, or which adaptor it is; the same after a replug."""
    path: str
    """To open now."""
    words: str
    """What the adaptor calls itself."""
    vendor: int
    """USB vendor id."""


def serial_ports(comports: Callable[[], Iterable[Any]] | None = None, links: Path = LINKS) -> list[SerialPort]:
    """Every USB serial port, in the order of the keys; opens nothing.

    Args:
        comports: what pyserial's list_ports.comports gives; that function itself by default.
        links: the folder with by-id and by-path.

    Raises:
        MissingPackage: pyserial is not installed.
    """
    if comports is None:
        try:
            comports = importlib.import_module("serial.tools.list_ports").comports
        except ModuleNotFoundError as error:
            raise MissingPackage(
                "Leader arms need the package 'pyserial', which is not installed. Run `make env`."
            ) from error
    found = []
    for port in comports():
        if port.vid is None:
            continue  # a port of the mainboard, or Bluetooth
        key = _link(port.device, links, bool(port.serial_number)) or str(port.hwid)
        words = str(port.product or port.description or "serial port")
        found.append(SerialPort(key, str(port.device), f"{words}, {port.device}", int(port.vid)))
    return sorted(found, key=lambda one: one.key)


def _link(device: str, links: Path, has_serial_number: bool) -> str:
    """The stable link to a device file; by-id only where the adaptor has a serial number, since others collide."""
    folders = ("by-id", "by-path") if has_serial_number else ("by-path",)
    for folder in folders:
        for link in sorted((links / folder).glob("*")):
            if os.path.realpath(link) == os.path.realpath(device):
                return str(link)
    return ""


def path_of(key: str, ports: Callable[[], list[SerialPort]] = serial_ports) -> str:
    """The path to open for a key now.

    Raises:
        DeviceLost: nothing is plugged in there.
    """
    if os.path.exists(key):
        return key
    for port in ports():
        if port.key == key:
            return port.path
    raise DeviceLost(f"No serial port at {key}. Plug the leader arm's USB cable in; it connects by itself.")


def open_trouble(path: str, error: BaseException) -> str:
    """Why a port did not open, and the fix, in words."""
    if not os.path.exists(path) and os.name == "posix":
        return f"There is no serial port {path} any more. Plug the leader arm's USB cable in again."
    if os.name == "posix" and not os.access(path, os.R_OK | os.W_OK):
        return f"No permission to open {path}. {_group_words(path)}or run `{INSTALL}` and plug the arm in again."
    if "lock" in str(error).lower():
        return f"Another program uses {path}. Close it (LeRobot, a serial monitor), then try again."
    return f"The serial port {path} could not be opened: {error}. Plug the leader arm's USB cable in again."


def _group_words(path: str) -> str:
    try:
        status = os.stat(path)
        group = importlib.import_module("grp").getgrgid(status.st_gid).gr_name
    except (OSError, KeyError, ModuleNotFoundError):
        return "Run `sudo usermod -aG dialout $USER` and log in again, "
    if not status.st_mode & stat.S_IRGRP or group == "root":
        return "Its group may not open it either: check the udev rules of this machine, "
    return f"It belongs to the group {group}: run `sudo usermod -aG {group} $USER` and log in again, "
