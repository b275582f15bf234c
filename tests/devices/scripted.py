"""A hand that plays a given sequence of readings: tests, recordings and replayed devices use it."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.reading import ArmReading, DeviceReading, ReadingKind

_REST_POSITION = ArmReading(position=np.zeros(3), orientation=np.array([0.0, 0.0, 0.0, 1.0]))
_REST_RATE = ArmReading(linear=np.zeros(3), angular=np.zeros(3))


class Scripted:
    """Stands on one reading of its script; only ``advance`` moves on, so that reading drains nothing."""

    def __init__(
        self, readings: Iterable[DeviceReading] = (), name: str = "scripted", kind: ReadingKind = "position"
    ) -> None:
        self.name = name
        self.kind: ReadingKind = kind
        self._script: Sequence[DeviceReading] = tuple(readings) or (at_rest(name, kind),)
        self._at = 0
        self._epoch = 0
        self._connected = False

    @property
    def connected(self) -> bool:
        """Whether connect() was called last."""
        return self._connected

    @property
    def finished(self) -> bool:
        """Whether it stands on the last reading, where it stays."""
        return self._at == len(self._script) - 1

    def connect(self) -> None:
        """Start to give readings, in a new epoch."""
        if not self._connected:
            self._connected, self._epoch = True, self._epoch + 1

    def disconnect(self) -> None:
        """Stop; the place in the script is kept."""
        self._connected = False

    def advance(self) -> None:
        """Move on to the next reading; the last one stays."""
        self._at = min(self._at + 1, len(self._script) - 1)

    def put(self, reading: DeviceReading) -> None:
        """Add a reading to the end of the script and stand on it."""
        self._script = (*self._script, reading)
        self._at = len(self._script) - 1

    def read(self) -> DeviceReading | None:
        """The reading of the script where it stands, under this device's name, kind and epoch."""
        if not self._connected:
            return None
        reading = self._script[self._at]
        return replace(
            reading, device=self.name, kind=self.kind, epoch=reading.epoch + self._epoch, time=time.monotonic()
        )


def at_rest(name: str = "scripted", kind: ReadingKind = "position") -> DeviceReading:
    """Two hands that have not moved since connect."""
    hand = _REST_POSITION if kind == "position" else _REST_RATE
    return DeviceReading(name, kind, 0.0, left=hand, right=hand)
