"""Which gamepads SDL sees, under keys that do not depend on the order of their arrival."""

from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from core.errors import DeviceLost

VARIABLE: Final = "SDL_GAMECONTROLLERCONFIG"
"""Environment variable with the layouts of further pads, as SDL reads them."""


@dataclass(frozen=True, slots=True)
class Pad:
    """One gamepad that is plugged in."""

    key: str
    """SDL's identifier of the model, and where it is plugged in."""
    name: str
    """What its maker calls it."""
    place: str
    """Port or address; "" where that is not known."""
    instance: int
    """SDL's number of this plugging in; never the same twice."""

    @property
    def words(self) -> str:
        """What a person calls it."""
        return f"gamepad {self.name} ({self.place})" if self.place else f"gamepad {self.name}"


@dataclass(frozen=True, slots=True)
class UnknownPad:
    """A joystick that is plugged in and whose layout SDL does not know."""

    guid: str
    """SDL's identifier of the model."""
    name: str
    """What its maker calls it."""
    instance: int
    """SDL's number of this plugging in."""

    @property
    def words(self) -> str:
        """What it is, why it cannot be read, and what the user can do."""
        return (
            f"{self.name} is plugged in, but SDL knows no layout for it (GUID {self.guid}), so it cannot be read. Put "
            "the line for this GUID of github.com/mdqinc/SDL_GameControllerDB, or one that you make with SDL2 Gamepad "
            f"Tool, into the variable {VARIABLE}, and start the application again."
        )


class Present:
    """Kept by the SDL thread; `pads` and `unknown` are frozen values that any thread may read."""

    def __init__(self) -> None:
        self.pads: tuple[Pad, ...] = ()
        self.unknown: tuple[UnknownPad, ...] = ()

    def find(self, key: str) -> Pad | None:
        """The pad of a key."""
        return next((pad for pad in self.pads if pad.key == key), None)

    def remove(self, instance: int) -> None:
        """It was unplugged; its key is free for the one that comes back."""
        self.pads = tuple(pad for pad in self.pads if pad.instance != instance)
        self.unknown = tuple(pad for pad in self.unknown if pad.instance != instance)

    def look(self, pygame: ModuleType) -> None:
        """Take in what is new. Every index is looked at: the one of an event may have moved on since."""
        import pygame._sdl2.controller as controllers

        from devices.gamepad.place import NOT_PADS, joystick_type, place_of

        for index in range(pygame.joystick.get_count()):
            known = controllers.is_controller(index)
            if not known and joystick_type(index) in NOT_PADS:
                continue
            try:
                joystick = pygame.joystick.Joystick(index)
            except pygame.error:
                continue  # gone again; the event comes
            instance, guid, name = joystick.get_instance_id(), joystick.get_guid(), joystick.get_name()
            place = place_of(instance)
            joystick.quit()
            if instance in {pad.instance for pad in self.pads} | {pad.instance for pad in self.unknown}:
                continue
            if not known:
                self.unknown = (*self.unknown, UnknownPad(guid, name, instance))
            else:
                new = Pad(self._key(guid, place), name, place, instance)
                self.pads = tuple(sorted((*self.pads, new), key=lambda pad: pad.key))

    def index_of(self, pad: Pad) -> int:
        """Where SDL counts a pad now.

        Raises:
            DeviceLost: nowhere.
        """
        import pygame

        with suppress(pygame.error):
            for index in range(pygame.joystick.get_count()):
                joystick = pygame.joystick.Joystick(index)
                instance = joystick.get_instance_id()
                joystick.quit()
                if instance == pad.instance:
                    return index
        raise DeviceLost(f"The {pad.words} was just unplugged. Plug it in again.")

    def _key(self, guid: str, place: str) -> str:
        """Two of a kind at the same or at an unknown place get numbers; the lowest free one comes back."""
        base = f"{guid}@{place}" if place else guid
        taken = {pad.key for pad in self.pads}
        number = 1
        while (key := base if number == 1 else f"{base}#{number}") in taken:
            number += 1
        return key
