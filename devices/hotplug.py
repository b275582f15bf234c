"""Everything that is plugged in, found, opened and kept open on separate threads."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from core.errors import StudioError
from core.reading import Device
from devices.combine import Readings, device_key
from devices.discovery import Discovered, Driver
from devices.reader import Reader
from devices.watcher import EVERY, Change, DeviceWatcher

log = logging.getLogger(__name__)

RETRY: Final = 1.0
"""Seconds after which a device that could not be opened is tried again."""
LOOK: Final = 0.25
"""Seconds after which it is seen that an open device was lost."""


@dataclass(frozen=True, slots=True)
class Plugged:
    """One device that is here or was here before."""

    key: str
    """See devices.combine.device_key."""
    found: Discovered
    device: Device
    hands: int
    """Hands that it should give, 1 or 2."""
    made_with: int
    """Hands that its device gives now."""
    present: bool = True
    """Whether it is plugged in."""
    ready: bool = False
    """Whether it could be opened since it was plugged in."""
    held: bool = False
    """Something else uses it, for example a calibration."""
    trouble: str = ""
    """Why it could not be opened the last time, in words."""

    @property
    def connected(self) -> bool:
        """Whether its readings are to be trusted."""
        return self.device.connected

    @property
    def why(self) -> str:
        """Why it cannot be read now, in words; "" while it can, or is not tried yet."""
        if self.connected:
            return ""
        if not self.present:
            return f"{self.words} is unplugged. Plug it into the same socket again."
        return self.trouble or (self.device.why if isinstance(self.device, Reader) else "")

    @property
    def words(self) -> str:
        """What a person calls it."""
        return self.found.words


class HotplugDevices:
    """Finds hardware about once a second, opens what appears, and opens it again after a replug.

    Only its own thread opens and closes devices; every caller gets the newest values at once.
    """

    def __init__(
        self,
        drivers: Mapping[str, Driver] | None = None,
        every: float = EVERY,
        ready: Mapping[str, Driver] | None = None,
    ) -> None:
        """Get ready; start() begins.

        Args:
            drivers: by name; None: those of all devices.KINDS.
            every: seconds between two looks at what is plugged in.
            ready: drivers that are made already and take the place of those of their names.
        """
        self._watcher = DeviceWatcher(self._told, drivers, every, ready)
        self._all: Mapping[str, Plugged] = MappingProxyType({})
        self._problems: Mapping[str, str] = MappingProxyType({})
        self._lock = threading.Lock()
        self._wake, self._stopping = threading.Event(), False
        self._tried: dict[str, float] = {}
        self._thread: threading.Thread | None = None

    @property
    def all(self) -> Mapping[str, Plugged]:
        """By key, in the order of their first appearance; what was unplugged stays, so that it is known again."""
        return self._all

    @property
    def problems(self) -> Mapping[str, str]:
        """Driver -> why it cannot look, or what it sees and cannot read, in words."""
        return self._problems

    def readings(self) -> Readings:
        """The newest reading of every device; returns at once, on any thread."""
        return {key: one.device.read() if one.device.connected else None for key, one in self._all.items()}

    def connected(self) -> tuple[Plugged, ...]:
        """What can be read now."""
        return tuple(one for one in self._all.values() if one.connected)

    def give(self, key: str, hands: int) -> None:
        """Let a device that could give one hand or two give so many; it is opened again where that is a change."""
        one = self._all.get(key)
        if one is not None and one.found.hands == 2 and one.hands != hands:
            self._change(key, hands=hands)

    def hold(self, key: str) -> None:
        """Close a device until release(), so that a calibration can open its port; waits for that, up to 5 s."""
        self._change(key, held=True)
        end = time.monotonic() + 5.0
        while (one := self._all.get(key)) is not None and one.connected and time.monotonic() < end:
            time.sleep(0.005)

    def release(self, key: str) -> None:
        """Open it again."""
        self._change(key, held=False)

    def start(self) -> None:
        """Begin to look and to open; idempotent."""
        if self._thread is None:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="device opener", daemon=True)
            self._watcher.start()
            self._thread.start()

    def stop(self) -> None:
        """Close everything and end; returns when the threads have ended. Idempotent."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping = True
        self._wake.set()
        thread.join()  # before the watcher, whose drivers the open devices borrow from
        self._watcher.stop()

    def _told(self, change: Change) -> None:
        """On the watcher's thread."""
        present = {device_key(found): found for found in change.present}
        with self._lock:
            known = {
                key: replace(one, present=key in present, ready=one.ready and key in present)
                for key, one in self._all.items()
            }
            for key, found in present.items():
                if key not in known:
                    known[key] = Plugged(key, found, self._device(found, found.hands), found.hands, found.hands)
            self._all = MappingProxyType(known)
            self._problems = change.problems
            for found in change.appeared:
                self._tried.pop(device_key(found), None)
        self._wake.set()

    def _device(self, found: Discovered, hands: int) -> Device:
        return self._watcher.driver(found.driver).device(replace(found, hands=hands))

    def _run(self) -> None:
        while not self._stopping:
            for key in tuple(self._all):
                self._tend(key)
            self._wake.wait(LOOK)
            self._wake.clear()
        for one in self._all.values():
            try:
                one.device.disconnect()
            except Exception as error:  # the others are closed all the same
                log.warning("%s could not be closed", one.key, exc_info=error)

    def _tend(self, key: str) -> None:
        """Open a device that should be open, close one that should not."""
        one = self._all[key]
        if one.held:
            one.device.disconnect()
            return
        if one.hands != one.made_with:
            one.device.disconnect()
            self._change(key, device=self._device(one.found, one.hands), made_with=one.hands)
            self._tried.pop(key, None)
        one = self._all[key]
        due = time.monotonic() - self._tried.get(key, -RETRY) >= RETRY
        if one.present and not one.connected and due and not self._stopping:
            self._tried[key] = time.monotonic()
            trouble = _opened(one)
            self._change(key, trouble=trouble, ready=not trouble)

    def _change(self, key: str, **values: Any) -> None:
        with self._lock:
            if key in self._all:
                self._all = MappingProxyType({**self._all, key: replace(self._all[key], **values)})
        self._wake.set()


def _opened(one: Plugged) -> str:
    """Open a device; "" or why it could not be, in words."""
    try:
        one.device.connect()
    except (StudioError, OSError) as error:
        return str(error)
    except Exception as error:  # a library's own errors must not end this thread
        log.warning("%s could not be opened", one.key, exc_info=error)
        return f"{one.words} could not be opened: {error}. Unplug it, plug it in again."
    return ""
