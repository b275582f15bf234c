"""What is plugged in: hardware by driver and place, so that it is known again after it was unplugged."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.reading import Device


@dataclass(frozen=True, slots=True)
class Discovered:
    """One piece of hardware that could be opened now."""

    driver: str
    """Name of its kind in devices.KINDS, for example "spacemouse"."""
    key: str
    """Where it is plugged in; the same after a replug into the same place. Never an index."""
    words: str
    """What a person calls it, for example "SpaceMouse Compact (USB 1-2)"."""
    hands: int
    """1: one hand, given as the left one; 2: both."""


class Driver(Protocol):
    """A kind of hardware."""

    def find(self) -> list[Discovered]:
        """What is plugged in now, in the order of the keys. Quick; opens nothing.

        Raises:
            MissingPackage: the library of this hardware is not installed, or its system library is not.
        """

    def device(self, found: Discovered) -> Device:
        """The device of a piece of hardware; not yet connected, and usable again after a replug."""


@runtime_checkable
class Reporting(Protocol):
    """A driver that also knows of hardware that is plugged in and cannot be read."""

    @property
    def unusable(self) -> tuple[str, ...]:
        """Of the last find(): which hardware, why, and what the user can do, a sentence or two each."""


@runtime_checkable
class Named(Protocol):
    """A device that knows more of itself once it is open."""

    @property
    def kind_words(self) -> str:
        """What it is, "Index controllers"; "" while that is not known."""
