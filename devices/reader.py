"""A device that is read on a separate thread: the newest reading replaces the one before, a loss ends it at once."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from core.errors import DeviceLost
from core.reading import DeviceReading, ReadingKind

WAIT: Final = 0.05
"""Seconds that a source may wait for something new before it is asked again."""
FIRST: Final = 2.0
"""Seconds until a first reading must be there."""
RATE_WINDOW: Final = 100
"""Samples over which the achieved rate is measured."""


class Source(Protocol):
    """Hardware that is open. One thread uses it at a time."""

    def poll(self, timeout: float) -> DeviceReading | None:
        """The newest reading, everything older drained; None where nothing came within `timeout` seconds.

        Raises:
            DeviceLost: it went away, with the cause and the fix.
        """

    def close(self) -> None:
        """Close it; called once, also after a loss."""


class Reader:
    """A Device around a Source. Its epoch changes with every connect, so that no tool jumps after a replug."""

    def __init__(self, name: str, kind: ReadingKind, open_source: Callable[[], Source]) -> None:
        """Remember how to open it.

        Args:
            name: under which its readings are known.
            kind: position or rate.
            open_source: opens the hardware; raises DeviceLost where it is not there.
        """
        self.name, self.kind = name, kind
        self._open = open_source
        self._epoch = 0
        self._newest: DeviceReading | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._why = ""
        self._times: deque[float] = deque(maxlen=RATE_WINDOW)

    @property
    def connected(self) -> bool:
        """Whether its thread reads the hardware."""
        return self._thread is not None and self._thread.is_alive() and not self._why

    @property
    def why(self) -> str:
        """Why it went away, in words; "" while it did not."""
        return self._why

    @property
    def rate_hz(self) -> float:
        """Readings per second, over the newest ones; 0 where there are none."""
        times = list(self._times)
        span = times[-1] - times[0] if len(times) > 1 else 0.0
        return (len(times) - 1) / span if span > 0 else 0.0

    def connect(self) -> None:
        """Open the hardware and wait for its first reading.

        Raises:
            DeviceLost: it is not plugged in, or gives no data.
        """
        if self.connected:
            return
        self.disconnect()
        source = self._open()
        self._why, self._newest, self._epoch = "", None, self._epoch + 1
        self._times.clear()
        self._stopping.clear()
        first = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(source, first), name=f"device {self.name}", daemon=True)
        self._thread.start()
        if not first.wait(FIRST) or self._why:
            why = self._why or f"The device {self.name!r} gives no data. Check its cable and its power."
            self.disconnect()
            raise DeviceLost(why)

    def disconnect(self) -> None:
        """Stop reading and close the hardware; idempotent."""
        thread, self._thread = self._thread, None
        self._newest = None
        if thread is not None:
            self._stopping.set()
            thread.join()

    def read(self) -> DeviceReading | None:
        """The newest reading; None before the first one and after a loss. Drains nothing."""
        return self._newest if self.connected else None

    def _run(self, source: Source, first: threading.Event) -> None:
        epoch = self._epoch
        try:
            while not self._stopping.is_set():
                reading = source.poll(WAIT)
                if reading is not None:
                    self._newest = replace(reading, device=self.name, kind=self.kind, epoch=reading.epoch + epoch)
                    self._times.append(time.monotonic())
                    first.set()
        except DeviceLost as loss:
            self._why = str(loss)
        except Exception as error:  # a library's own errors must not leave the arms moving
            self._why = f"The device {self.name!r} failed: {error}. Unplug it, plug it in again."
        finally:
            self._newest = None
            first.set()
            source.close()
