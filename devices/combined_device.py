"""The devices of the operator as the one device that the runtime reads."""

import threading
from collections.abc import Callable
from dataclasses import replace

from core.reading import DeviceReading, ReadingKind
from devices.arm_switching import ClutchMode, SwitchState, changed, held_still, looked, rests, with_clutch
from devices.combine import COMBINED, Assignment, Readings, seated


class CombinedDevice:
    """Any thread may read it and assign; the devices themselves are opened and closed by their owner."""

    name = COMBINED

    def __init__(
        self, devices: Callable[[], Readings], assignment: Assignment, first_arm: int = 1, clutch: ClutchMode = "hold"
    ) -> None:
        """Make the device; connect() begins.

        Args:
            devices: the newest reading of every device by key; returns at once.
            assignment: who drives what.
            first_arm: 0 left, 1 right: the arm with which a hand begins that drives one arm at a time.
            clutch: whether a clutch is held, or toggled by squeezing it once.
        """
        self._devices = devices
        self._assignment, self._clutch = assignment, clutch
        self._turns = SwitchState(first_arm)
        self._why, self._connected = "", False
        self._kind: ReadingKind = "rate"
        self._lock = threading.Lock()

    @property
    def kind(self) -> ReadingKind:
        """Of the devices that drive; of the last ones while there are none."""
        return self._kind

    @property
    def connected(self) -> bool:
        """Whether connect() was called last; whether the devices are there is said by read() and why."""
        return self._connected

    @property
    def why(self) -> str:
        """Why there was no reading at the last look, in words; "" where there was one."""
        return self._why

    @property
    def assignment(self) -> Assignment:
        """Who drives what."""
        return self._assignment

    @property
    def active_arm(self) -> int:
        """0 left, 1 right: whose turn it is where one hand drives one arm at a time."""
        return self._turns.active_arm

    @property
    def waiting(self) -> bool:
        """Whether the hands have to come to rest before they move anything again."""
        return self._turns.waiting

    def connect(self) -> None:
        """Start to give readings, in a new epoch; hands that are pushed have to come to rest first."""
        with self._lock:
            if not self._connected:
                self._connected, self._turns = True, changed(self._turns)

    def disconnect(self) -> None:
        """Stop; the devices stay as they are."""
        self._connected = False

    def assign(self, assignment: Assignment, clutch: ClutchMode | None = None) -> None:
        """Another assignment drives from now on."""
        with self._lock:
            self._assignment, self._clutch = assignment, clutch or self._clutch
            self._turns = changed(self._turns)

    def turn_to(self, arm: int) -> None:
        """Let the hand that drives one arm at a time drive arm 0 (left) or 1 (right)."""
        with self._lock:
            if arm != self._turns.active_arm:
                self._turns = changed(self._turns, arm)

    def read(self) -> DeviceReading | None:
        """Both arms now; None while it is not connected, or while a device that drives is unplugged."""
        if not self._connected:
            return None
        with self._lock:
            readings = self._devices()
            turns = looked(self._turns, readings, self._assignment)
            out = seated(with_clutch(readings, turns, self._clutch), self._assignment, turns.active_arm, turns.count)
            reading, self._why = out.reading, out.why
            if reading is None:
                self._turns = turns
                return None
            if turns.waiting and rests(reading):
                turns = replace(turns, waiting=False)
            self._turns, self._kind = turns, reading.kind
            return held_still(reading) if turns.waiting else reading
