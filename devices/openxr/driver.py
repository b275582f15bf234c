"""The VR controllers in the table of drivers: both hands of whatever headset the runtime has."""

from typing import Final

from core.errors import DeviceLost
from core.reading import DeviceReading
from devices.discovery import Discovered
from devices.openxr.kind import OPENXR
from devices.openxr.profiles import InUse
from devices.openxr.runtime_file import runtime_file
from devices.openxr.thread import XrThread
from devices.reader import Reader

KEY: Final = "controllers"
FIRST_LOOK: Final = 1.5
"""Seconds that the first look waits for a runtime to answer, where one is set up."""


class VrControllers(Reader):
    """A position device with two hands; its loss and its return are those of the headset's session."""

    def __init__(self, thread: XrThread) -> None:
        self._xr = thread
        super().__init__(f"{OPENXR.name}:{KEY}", "position", lambda: _Source(thread))

    @property
    def used(self) -> InUse:
        """The interaction profiles in use."""
        return self._xr.state.used

    @property
    def kind_words(self) -> str:
        """What is held, in words; "" while that is not known."""
        return self.used.words if self.used.path else ""

    def rumble(self, strength: float, seconds: float) -> None:
        """Rumble both hands at 0..1; nothing where it is not connected."""
        if self.connected:
            self._xr.rumble(strength, seconds)


class _Source:
    """A session that has the focus."""

    def __init__(self, thread: XrThread) -> None:
        if thread.state.why:
            raise DeviceLost(thread.state.why)
        self._thread, self._last = thread, float("-inf")

    def poll(self, timeout: float) -> DeviceReading | None:
        """See devices.reader.Source."""
        reading = self._thread.newest(self._last, timeout)
        if reading is not None:
            self._last = reading.time
        return reading

    def close(self) -> None:
        """The session goes on: it also shows the picture."""


class OpenXrDriver:
    """Finds the controllers once they could be read; from then on they are lost and come back."""

    def __init__(self, thread: XrThread | None = None) -> None:
        """Use a thread that the caller ends, or start one at the first look.

        Args:
            thread: that talks to the runtime; None: one that reads only the controllers.
        """
        self._own = thread is None
        self._thread = thread
        self._looked = False

    def find(self) -> list[Discovered]:
        """The controllers of the headset."""
        if self._thread is None:
            self._thread = XrThread()
        if not self._looked:
            self._looked = True
            self._thread.start()
            if runtime_file() is not None:
                self._thread.told.wait(FIRST_LOOK)
        return [Discovered(OPENXR.name, KEY, OPENXR.words, OPENXR.hands)] if self._thread.state.found else []

    def device(self, found: Discovered) -> VrControllers:
        """Both hands; not yet connected."""
        if self._thread is None:
            raise DeviceLost("The headset was not looked for yet.")
        return VrControllers(self._thread)

    def close(self) -> None:
        """End the thread where it is our own; a later look begins again. Idempotent."""
        self._looked = False
        if self._own and self._thread is not None:
            self._thread.stop()
            self._thread = None
