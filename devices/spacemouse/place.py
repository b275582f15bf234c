"""Where a puck is plugged in: pucks and receivers have no serial number, so the socket distinguishes them."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SYSFS: Final = Path("/sys")
MULTI_AXIS: Final = (0x01, 0x08)
"""HID usage page "generic desktop", usage "multi-axis controller": the interface that moves, among up to five."""
_MULTI_AXIS_BYTES: Final = bytes([0x05, 0x01, 0x09, 0x08])
"""How a report descriptor of such an interface begins."""
_USB_INTERFACE: Final = re.compile(r"(?P<bus>\d+)-(?P<ports>[\d.]+):(?P<interface>\d+\.\d+)")
_BLUETOOTH: Final = re.compile(r"0005:")


@dataclass(frozen=True, slots=True)
class Place:
    """A place that stays the same over a replug."""

    key: str
    """USB controller, chain of ports and interface; or Bluetooth address; or the HID path where neither is known."""
    words: str
    """For people, for example "USB 1-2"."""
    part: str = ""
    """Tells two interfaces in one socket apart, for example "interface 1"; "" where there is only one."""


def place_of(path: str, sysfs: Path = SYSFS) -> Place:
    """The place of a HID path. On Linux the number in /dev/hidraw3 is only the order of plugging in.

    Args:
        path: as libhidapi gives it.
        sysfs: where the kernel describes its devices; another folder in tests.
    """
    node = _node(path, sysfs)
    if node is None:
        return Place(path, path)
    for folder in (node, *node.parents):
        usb = _USB_INTERFACE.fullmatch(folder.name)
        if usb:
            number = usb["interface"].rpartition(".")[2]
            key = f"usb-{_controller(folder)}-{usb['ports']}:{usb['interface']}"
            return Place(key, f"USB {usb['bus']}-{usb['ports']}", f"interface {number}")
    if _BLUETOOTH.match(node.name):
        address = _uevent(node).get("HID_UNIQ", "")
        if address:
            return Place(f"bluetooth-{address}", f"Bluetooth {address}")
    return Place(path, path)


def is_multi_axis(path: str, usage: tuple[int, int], sysfs: Path = SYSFS) -> bool:
    """Whether an interface carries the motion of a puck, by its usage, or by its descriptor where that is unknown."""
    if usage != (0, 0):
        return usage == MULTI_AXIS
    node = _node(path, sysfs)
    try:
        return node is not None and (node / "report_descriptor").read_bytes().startswith(_MULTI_AXIS_BYTES)
    except OSError:
        return False


def _node(path: str, sysfs: Path) -> Path | None:
    """The folder of the HID device in sysfs; None elsewhere than on Linux, or when it has just gone."""
    link = sysfs / "class" / "hidraw" / Path(path).name / "device"
    return link.resolve() if path.startswith("/dev/") and link.exists() else None


def _controller(interface: Path) -> str:
    """The USB controller above an interface. Bus numbers follow the order of starting, its address does not."""
    for folder in interface.parents:
        if re.fullmatch(r"usb\d+", folder.name):
            return folder.parent.name
    return "usb"


def _uevent(node: Path) -> dict[str, str]:
    try:
        lines = (node / "uevent").read_text().splitlines()
    except OSError:
        return {}
    return {name: value for name, _, value in (line.partition("=") for line in lines)}
