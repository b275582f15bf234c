"""Finds gamepads."""

from devices.discovery import Discovered
from devices.gamepad.kind import GAMEPAD
from devices.gamepad.pad import Gamepad
from devices.gamepad.sdl import SdlThread, borrow, give_back


class GamepadDriver:
    """Borrows the SDL thread from its first look until it is closed.

    A new pad is opened for the moment that its name and place take, and stays closed until it is connected.
    """

    def __init__(self) -> None:
        self._sdl: SdlThread | None = None

    def find(self) -> list[Discovered]:
        """The pads whose layout SDL knows; each may give two hands, or one: replace(found, hands=1).

        Raises:
            MissingPackage: pygame is not there, or its SDL does not start.
        """
        if self._sdl is not None and not self._sdl.alive:
            self.close()
        if self._sdl is None:
            self._sdl = borrow()
        return [
            Discovered(GAMEPAD.name, pad.key, pad.words[0].upper() + pad.words[1:], GAMEPAD.hands)
            for pad in self._sdl.pads
        ]

    @property
    def unusable(self) -> tuple[str, ...]:
        """See devices.discovery.Reporting: pads whose layout SDL does not know."""
        return tuple(pad.words for pad in self._sdl.unknown) if self._sdl is not None else ()

    def device(self, found: Discovered) -> Gamepad:
        """The device of a pad, with as many hands as `found` says; not yet connected."""
        words = found.words[0].lower() + found.words[1:]
        return Gamepad(f"{found.driver}:{found.key}", found.key, words, found.hands)

    def close(self) -> None:
        """Give the SDL thread back; the next look borrows it again. Idempotent."""
        sdl, self._sdl = self._sdl, None
        if sdl is not None:
            give_back(sdl)
