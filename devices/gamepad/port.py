"""The mailbox between the SDL thread and one connected gamepad: the newest state, or why there is none."""

import threading
import time
from typing import Final

from core.errors import DeviceLost
from devices.gamepad.state import PadState

SILENCE: Final = 1.0
"""Seconds without a sample after which a pad counts as lost; at rest the SDL thread repeats itself."""


class Port:
    """Filled by the SDL thread, emptied by the pad's own thread."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._changed = threading.Condition()
        self._newest: PadState | None = None
        self._fresh = False
        self._why = ""
        self._time = time.monotonic()

    def put(self, state: PadState) -> None:
        """A new sample; an earlier one that was not read is dropped."""
        with self._changed:
            self._newest, self._fresh, self._time = state, True, time.monotonic()
            self._changed.notify_all()

    def lose(self, why: str) -> None:
        """The pad was lost: a waiting reader is woken at once, an unread sample is dropped."""
        with self._changed:
            self._why = self._why or why
            self._changed.notify_all()

    def take(self, timeout: float) -> PadState | None:
        """The newest sample, None where there is no new one within `timeout` seconds.

        Raises:
            DeviceLost: it went away, or has been silent for SILENCE seconds.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._fresh or bool(self._why), timeout)
            if not self._why and not self._fresh and time.monotonic() - self._time > SILENCE:
                self._why = f"The {self._words} is silent. Unplug it, plug it in again."
            if self._why:
                raise DeviceLost(self._why)
            newest, self._fresh = self._newest if self._fresh else None, False
            return newest
