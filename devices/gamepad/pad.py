"""A gamepad as a device: a rate device with one hand or two, press counters and rumble."""

from core.reading import DeviceReading
from devices.gamepad.layout import LAYOUTS, Layout, reading
from devices.gamepad.sdl import Handle, SdlThread, borrow, give_back
from devices.reader import Reader, Source


class Gamepad(Reader):
    """Usable again after a replug: it is opened by where it is plugged in."""

    def __init__(self, name: str, key: str, words: str, hands: int) -> None:
        """Remember which pad it is.

        Args:
            name: under which its readings are known.
            key: of the pad, see devices.gamepad.pads.
            words: what a person calls it.
            hands: 2: each side of the pad is one hand; 1: the whole pad is one.
        """
        super().__init__(name, "rate", self._opened)
        self.key, self.words = key, words
        self._layout = LAYOUTS[hands]
        self._source: PadSource | None = None

    def rumble(self, strength: float, seconds: float) -> None:
        """Rumble at 0..1 for a while, 0 stops it; does not wait. Nothing where it is not connected."""
        source = self._source
        if source is not None and self.connected:
            source.rumble(strength, seconds)

    def _opened(self) -> Source:
        sdl = borrow()
        try:
            handle = sdl.open(self.key, self.words)
        except BaseException:
            give_back(sdl)
            raise
        self._source = PadSource(sdl, handle, self._layout, self.name)
        return self._source


class PadSource:
    """An open pad; the thread of SDL is borrowed as long."""

    def __init__(self, sdl: SdlThread, handle: Handle, layout: Layout, name: str) -> None:
        self._sdl, self._handle = sdl, handle
        self._layout, self._name = layout, name

    def poll(self, timeout: float) -> DeviceReading | None:
        """See devices.reader.Source."""
        state = self._handle.port.take(timeout)
        return None if state is None else reading(state, self._layout, self._name)

    def rumble(self, strength: float, seconds: float) -> None:
        """See Gamepad.rumble."""
        self._sdl.rumble(self._handle, strength, seconds)

    def close(self) -> None:
        """Close the pad and give the thread back."""
        self._sdl.close(self._handle)
        give_back(self._sdl)
