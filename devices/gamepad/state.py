"""A gamepad in SDL's standard layout: on every make the south button is "a" and the left stick is first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from core.reading import NO_PRESSES

LEFT_X, LEFT_Y, RIGHT_X, RIGHT_Y, LEFT_TRIGGER, RIGHT_TRIGGER = range(6)
"""Axes in the order of SDL_GameControllerAxis."""
FULL: Final = 32767.0
"""Full deflection as SDL counts it."""


@dataclass(frozen=True, slots=True)
class PadState:
    """One sample of a gamepad."""

    time: float
    """time.monotonic() of the sample, seconds."""
    axes: tuple[float, float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    """Sticks -1..1, to the right and *down* positive; triggers 0 released .. 1 squeezed."""
    triggers_known: tuple[bool, bool] = (False, False)
    """Whether a trigger has spoken yet: before, SDL may call a released one half squeezed."""
    held: frozenset[str] = frozenset()
    """Names of the buttons that are down."""
    presses: Mapping[str, int] = field(default_factory=lambda: NO_PRESSES)
    """Presses since connect, by button name."""


def as_fraction(axis: int, raw: int) -> float:
    """SDL's -32768..32767 as -1..1, a trigger's 0..32767 as 0..1."""
    low = 0.0 if axis in (LEFT_TRIGGER, RIGHT_TRIGGER) else -1.0
    return min(max(raw / FULL, low), 1.0)
