"""Pucks that are plugged in, and each as a device."""

import re
from collections import Counter
from pathlib import Path

from core.errors import DeviceLost, MissingPackage
from core.reading import Device
from devices.discovery import Discovered
from devices.reader import Reader
from devices.spacemouse import library
from devices.spacemouse.kind import SPACEMOUSE
from devices.spacemouse.place import SYSFS, Place, is_multi_axis, place_of
from devices.spacemouse.puck import Pipe, Puck
from devices.udev import forbidden, refusal


class SpaceMouse(Reader):
    """One puck: a rate device with one hand, given as the left one."""

    def __init__(self, found: Discovered, driver: "SpaceMouseDriver") -> None:
        self._puck: Puck | None = None
        self._light: bool | None = None

        def open_puck() -> Puck:
            self._puck = driver.open(found)
            if self._light is not None:
                self._puck.light(self._light)
            return self._puck

        super().__init__(f"spacemouse {found.key}", "rate", open_puck)

    def light(self, on: bool) -> None:
        """Light its ring or put it out, now and after a replug; models without a light ignore it."""
        self._light = on
        if self._puck is not None:
            self._puck.light(on)


class SpaceMouseDriver:
    """Finds pucks by the socket they are in, never by an index: index 1 of one puck opens that one puck again."""

    def __init__(self, sysfs: Path = SYSFS) -> None:
        self._sysfs = sysfs
        self.unusable: tuple[str, ...] = ()
        """See devices.discovery.Reporting: pucks of models that are not known."""

    def find(self) -> list[Discovered]:
        """The pucks that are plugged in, in the order of their keys.

        Raises:
            MissingPackage: pyspacemouse or libhidapi is not installed, with the line that installs it.
        """
        pucks = self._pucks()
        in_socket = Counter(place.words for _, place in pucks.values())
        return [
            Discovered(
                SPACEMOUSE.name,
                key,
                f"{model_words(one.spec.name)} ({_where(place, in_socket[place.words])})",
                SPACEMOUSE.hands,
            )
            for key, (one, place) in sorted(pucks.items())
        ]

    def device(self, found: Discovered) -> Device:
        """The puck in that socket; each connect looks for it anew, since its path changes with a replug."""
        return SpaceMouse(found, self)

    def open(self, found: Discovered) -> Puck:
        """Open the puck in that socket.

        Raises:
            DeviceLost: nothing is there, or it may not be opened, with the fix.
        """
        try:
            here = self._pucks().get(found.key)
        except MissingPackage as error:
            raise DeviceLost(str(error)) from error
        if here is None:
            raise DeviceLost(f"{found.words} is not plugged in. Plug it into the same socket again.")
        listed = here[0]
        pipe = Pipe(listed.handle)
        mouse = library.pyspacemouse().SpaceMouseDevice(info=listed.spec, device=pipe)
        try:
            with library.HIDAPI:
                mouse.open()
        except RuntimeError as error:
            if forbidden(listed.path):
                raise DeviceLost(refusal(found.words, listed.path)) from error
            raise DeviceLost(
                f"{found.words} could not be opened. Close other programs that use it, for example the driver of "
                "its maker, and plug it in again."
            ) from error
        return Puck(mouse, pipe, found.words)

    def _pucks(self) -> dict[str, tuple[library.Listed, Place]]:
        """By key; an interface that declares several usages is listed once for each, and counts once."""
        pucks: dict[str, tuple[library.Listed, Place]] = {}
        unknown: dict[str, str] = {}
        for one in library.listed():
            if not is_multi_axis(one.path, one.usage, self._sysfs):
                continue
            place = place_of(one.path, self._sysfs)
            if one.spec is None:
                unknown[place.key] = unknown_words(one)
            else:
                pucks.setdefault(place.key, (one, place))
        self.unusable = tuple(unknown.values())
        return pucks


def _where(place: Place, in_socket: int) -> str:
    return f"{place.words}, {place.part}" if in_socket > 1 and place.part else place.words


def unknown_words(one: library.Listed) -> str:
    """What is plugged in, why it cannot be read, and what the user can do."""
    ids = f"{one.handle.vendor_id:04x}:{one.handle.product_id:04x}"
    return (
        f"{one.handle.product_string or 'A SpaceMouse'} ({ids}) is plugged in, but this model is not known, so it "
        "cannot be read. Use a model of the list in docs/devices.md, and report these numbers so that it is added."
    )


def model_words(name: str) -> str:
    """The name of a model for people: "SpaceMouse Pro Wireless" for pyspacemouse's "SpaceMouseProWireless"."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"^Space ", "Space", spaced)
