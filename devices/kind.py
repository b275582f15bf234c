"""What one kind of device is to the rest of the program: a frozen value that imports no hardware library.

A new kind is a folder devices/NAME with its driver and kind.py, and one row of devices.KINDS. Names in menus, the
usual settings and buttons, who drives first and the check of `main.py doctor` all follow from that row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from core.reading import ReadingKind

LAST = 1000
"""Rank of a kind without one."""


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """One row of devices.KINDS."""

    name: str
    """Stable identifier; device keys, profiles and recordings begin with it, for example "gamepad"."""
    words: str
    """One device of this kind, for users, for example "Gamepad"."""
    plural: str
    """All devices of this kind, inside a sentence, for example "gamepads"."""
    reading: ReadingKind | None
    """What its readings hold, poses or rates; None: that differs between devices of this kind."""
    hands: int
    """Hands that one device gives; 2 where it gives one or two."""
    driver: str = ""
    """"module:Class" of its devices.discovery.Driver; "" for a device that needs no search."""
    rank: int = LAST
    """Of several kinds that are plugged in, the one with the lowest rank drives."""
    feel: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Usual values of core.control.ControlConfig that differ from its defaults."""
    bindings: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Name of a command of core.commands.DEVICE_COMMANDS -> the buttons that usually carry it out, without prefix."""
    prefix: str = ""
    """What the names of its buttons begin with, before the slash; "": the name of the kind."""
    buttons: tuple[str, ...] = ()
    """Names of all its buttons, to refuse a misspelt one; (): they differ between devices, every name is accepted."""
    modifiers: frozenset[str] = frozenset()
    """Buttons that change what a stick moves, and so cannot carry out a command."""
    switch: str = ""
    """Button that changes the arm where one hand drives both; "" where devices of this kind have none."""
    switch_words: str = ""
    """The switch in words, for example "up on the cross of a gamepad"."""
    servos: Literal["", "feetech", "dynamixel"] = ""
    """Protocol of a servo bus: a leader arm on a serial port that is calibrated in the application; "" for others."""
    check: str = ""
    """"module:function" that gives a core.check.Check for `main.py doctor`; "" for none."""

    @property
    def usual_switch(self) -> str:
        """The switch as bindings name it, for example "gamepad/dpad_up"; "" where there is none."""
        return f"{self.name}/{self.switch}" if self.switch else ""

    def usual_buttons(self, command: str) -> tuple[str, ...]:
        """The buttons that usually carry out a command, for example ("gamepad/start",)."""
        return tuple(f"{self.prefix or self.name}/{button}" for button in self.bindings.get(command, ()))
