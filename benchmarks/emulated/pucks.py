"""Pucks without hardware: what stands below easyhid (libhidapi) and beside it (sysfs), driven by raw reports.

pyspacemouse and easyhid above it are the real ones.
"""

import struct
import threading
from collections import deque
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from unittest import mock

import easyhid
import easyhid.easyhid

from devices.spacemouse.driver import SpaceMouseDriver

ffi = easyhid.easyhid.ffi
COMPACT, NAVIGATOR = (0x256F, 0xC635), (0x046D, 0xC626)
WIRELESS, PRO_WIRELESS, RECEIVER = (0x256F, 0xC62E), (0x256F, 0xC632), (0x256F, 0xC652)
REST_T, REST_R = bytes([1, 0, 0, 0, 0, 0, 0]), bytes([2, 0, 0, 0, 0, 0, 0])


def moved(x: int = 0, y: int = 0, z: int = 0) -> bytes:
    """A raw translation report (HID axes: right, towards the operator, down) of a two-report model."""
    return struct.pack("<Bhhh", 1, x, y, z)


def turned(x: int = 0, y: int = 0, z: int = 0) -> bytes:
    """A raw rotation report of a two-report model."""
    return struct.pack("<Bhhh", 2, x, y, z)


def six(x: int = 0, y: int = 0, z: int = 0, rx: int = 0, ry: int = 0, rz: int = 0) -> bytes:
    """A raw report of a model that says translation and rotation in one."""
    return struct.pack("<Bhhhhhh", 1, x, y, z, rx, ry, rz)


class Plugged:
    """One HID interface that is plugged in: a queue of raw reports and what was written to it."""

    def __init__(self, path: str, ids: tuple[int, int], usage: tuple[int, int] = (1, 8), interface: int = 0) -> None:
        self.path, self.ids, self.usage, self.interface = path, ids, usage, interface
        self.reports: deque[bytes] = deque()
        self.written: list[bytes] = []
        self.gone = self.locked = False
        self.opened = 0
        self.writes_fail = False
        self.says = threading.Condition()

    def say(self, *reports: bytes) -> None:
        with self.says:
            self.reports.extend(reports)
            self.says.notify_all()

    def vanish(self) -> None:
        with self.says:
            self.gone = True
            self.says.notify_all()


class Hidapi:
    """The functions of libhidapi that easyhid calls, with its habits: -1 after an unplug, the oldest report first."""

    def __init__(self) -> None:
        self.plugged: list[Plugged] = []
        self._open: dict[int, Plugged] = {}
        self._kept: list[Any] = []

    def plug(self, *args: Any, **named: Any) -> Plugged:
        self.plugged.append(Plugged(*args, **named))
        return self.plugged[-1]

    def unplug(self, one: Plugged) -> None:
        self.plugged.remove(one)
        one.vanish()

    @property
    def handles(self) -> int:
        return len(self._open)

    def hid_enumerate(self, vendor: int, product: int) -> Any:
        head = ffi.NULL
        for one in reversed(self.plugged):
            if (vendor and one.ids[0] != vendor) or (product and one.ids[1] != product):
                continue
            path = ffi.new("char[]", one.path.encode())
            node = ffi.new("struct hid_device_info *")
            node.path, (node.vendor_id, node.product_id) = path, one.ids
            node.usage_page, node.usage = one.usage
            node.interface_number, node.next = one.interface, head
            self._kept += [path, node]
            head = node
        return head

    def hid_free_enumeration(self, _: Any) -> None:
        self._kept.clear()

    def hid_open_path(self, path: bytes) -> Any:
        one = next((one for one in self.plugged if one.path.encode() == path and not one.locked), None)
        if one is None:
            return ffi.NULL
        one.opened += 1
        handle = max(self._open, default=0) + 1
        self._open[handle] = one
        return handle

    def hid_close(self, handle: int) -> None:
        del self._open[handle]

    def hid_set_nonblocking(self, handle: int, _: bool) -> int:
        return 0

    def hid_read(self, handle: int, into: Any, size: int) -> int:
        return self.hid_read_timeout(handle, into, size, 0)

    def hid_read_timeout(self, handle: int, into: Any, size: int, milliseconds: int) -> int:
        one = self._open[handle]
        with one.says:
            one.says.wait_for(lambda: one.gone or one.reports, milliseconds / 1000)
            if one.gone:
                return -1
            report = one.reports.popleft()[:size] if one.reports else b""
        ffi.memmove(into, report, len(report))
        return len(report)

    def hid_write(self, handle: int, data: Any, size: int) -> int:
        one = self._open[handle]
        if one.gone or one.writes_fail:
            return -1
        one.written.append(bytes(ffi.buffer(data, size)))
        return size


class Rig:
    """A computer with sockets for pucks."""

    def __init__(self, folder: Path) -> None:
        self.hidapi = Hidapi()
        self.sysfs = folder / "sys"
        self.driver = SpaceMouseDriver(self.sysfs)

    def below_easyhid(self) -> AbstractContextManager[object]:
        """While it is entered, easyhid finds these pucks instead of the computer's own."""
        return mock.patch.object(easyhid.easyhid, "hidapi", self.hidapi)

    def plug(
        self, number: int, socket: str, ids: tuple[int, int] = COMPACT, interface: int = 0, **named: Any
    ) -> Plugged:
        """Plug a puck in: `number` is the one of /dev/hidrawN, `socket` the bus and ports, for example "1-2"."""
        bus = socket.partition("-")[0]
        usb = self.sysfs / "devices" / "pci0000:00" / "0000:00:14.0" / f"usb{bus}" / socket / f"{socket}:1.{interface}"
        hid = usb / f"0003:{ids[0]:04X}:{ids[1]:04X}.{number:04X}"
        self.link(number, hid)
        return self.hidapi.plug(f"/dev/hidraw{number}", ids, interface=interface, **named)

    def link(self, number: int, hid: Path) -> None:
        """Make the links of sysfs from a hidraw number to the folder of a HID device."""
        raw = hid / "hidraw" / f"hidraw{number}"
        raw.mkdir(parents=True, exist_ok=True)
        (raw / "device").unlink(missing_ok=True)
        (raw / "device").symlink_to(hid)
        link = self.sysfs / "class" / "hidraw" / f"hidraw{number}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(raw)
