"""One hand: from the state of OpenXR's actions to the hand of a reading, with the press counters of its buttons.

Pure but for what a hand remembers: whether the clutch is held, which buttons are down, how often they were pressed.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.reading import ArmReading
from devices.openxr.frame import orientation_in_base, position_in_base
from devices.openxr.kind import PER_HAND, Side
from devices.openxr.profiles import Profile

TRIGGER_REST: Final = 0.05
"""Squeeze of a trigger that counts as none."""
STICK_ON, STICK_OFF = 0.6, 0.4
"""Deflections at which a stick begins and ceases to count as a button."""
REPEAT_AFTER: Final = 0.35
"""Seconds that a stick is held sideways before it repeats itself."""
REPEAT_LEAST, REPEAT_MOST = 6.0, 40.0
"""Repeats per second at STICK_ON and at full deflection: a jog wheel."""
PAD_MIDDLE: Final = 0.4
"""Distance from the middle of a trackpad within which a click is not one of its edges."""


@dataclass(frozen=True, slots=True, eq=False)
class HandInput:
    """What one hand's actions say at an instant."""

    active: bool = False
    """Whether the runtime gives this hand to us: something is held, charged and switched on."""
    position: NDArray[np.float64] | None = None
    """(3,) of the grip, metres, OpenXR axes; None while it is not tracked."""
    orientation: NDArray[np.float64] | None = None
    """(4,) quaternion xyzw, OpenXR axes."""
    squeeze: float = 0.0
    trigger: float = 0.0
    stick: tuple[float, float] = (0.0, 0.0)
    """+X right, +Y up."""
    pad: tuple[float, float] = (0.0, 0.0)
    pressed: frozenset[str] = frozenset()
    """Of primary, secondary, menu, stick_click and pad_click."""

    @property
    def tracked(self) -> bool:
        """Whether its pose is to be trusted."""
        return self.active and self.position is not None and self.orientation is not None


LOST: Final = HandInput()


STICK_REST: Final = 0.25
"""Deflection below which a stick is let go."""


def without_stick(said: HandInput) -> HandInput:
    """The hand, its stick at rest."""
    return replace(said, stick=(0.0, 0.0), pad=(0.0, 0.0), pressed=said.pressed - {"stick_click", "pad_click"})


def stick_rests(said: HandInput) -> bool:
    """Whether the stick is let go."""
    return math.hypot(*said.stick) < STICK_REST and not said.pressed & {"stick_click", "pad_click"}


class Hand:
    """Remembers one hand between two looks. Used by one thread."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.counts: dict[str, int] = {f"{side}_{name}": 0 for name in PER_HAND}
        self.clutch = False
        """Whether it is squeezed."""
        self._down: frozenset[str] = frozenset()
        self._closed = False
        self._repeat = 0.0

    def look(self, said: HandInput, profile: Profile, now: float, matrix: NDArray[np.float64]) -> ArmReading:
        """The hand at `now` seconds; `matrix` (3, 3) leads from OpenXR to base axes."""
        self.clutch = said.tracked and said.squeeze > (profile.release if self.clutch else profile.engage)
        toggled = self._press(said, profile, now)
        if profile.gripper_button:
            self._closed = self._closed != toggled
            opening = 0.0 if self._closed else 1.0
        else:
            opening = 1.0 - opened(said.trigger)
        if not said.tracked or said.position is None or said.orientation is None:
            return ArmReading(gripper=opening, clutch=False, valid=False)
        return ArmReading(
            position_in_base(said.position, matrix),
            orientation_in_base(said.orientation, matrix),
            gripper=opening,
            clutch=self.clutch,
        )

    def _press(self, said: HandInput, profile: Profile, now: float) -> bool:
        """Count what went down and what repeats; whether `menu` went down."""
        before = self._down
        self._down = down(said, profile, before) if said.active else frozenset()
        for name in self._down - before:
            self.counts[f"{self.side}_{name}"] += 1
            if name in ("stick_left", "stick_right"):
                self._repeat = now + REPEAT_AFTER
        for name in self._down & before & {"stick_left", "stick_right"}:
            push = abs(stick_of(said, profile)[0])
            rate = REPEAT_LEAST + (REPEAT_MOST - REPEAT_LEAST) * max(0.0, push - STICK_ON) / (1.0 - STICK_ON)
            while self._repeat <= now:
                self.counts[f"{self.side}_{name}"] += 1
                self._repeat += 1.0 / rate
        return "menu" in self._down - before


def opened(trigger: float) -> float:
    """How far a trigger is squeezed, 0..1, without the play at its beginning."""
    return min(1.0, max(0.0, trigger - TRIGGER_REST) / (1.0 - TRIGGER_REST))


def stick_of(said: HandInput, profile: Profile) -> tuple[float, float]:
    """The stick, or the trackpad that replaces one: its edges, while it is clicked."""
    if profile.pad != "stick":
        return said.stick
    return said.pad if "pad_click" in said.pressed and math.hypot(*said.pad) > PAD_MIDDLE else (0.0, 0.0)


def down(said: HandInput, profile: Profile, before: frozenset[str]) -> frozenset[str]:
    """The buttons that are down, of PER_HAND; a stick that was one stays one until it is let go further."""
    found: set[str] = {name for name in ("primary", "secondary", "menu") if name in said.pressed}
    if "stick_click" in said.pressed:
        found.add("stick")
    if "pad_click" in said.pressed and profile.pad == "stick" and math.hypot(*said.pad) <= PAD_MIDDLE:
        found.add("secondary")
    if "pad_click" in said.pressed and profile.pad == "buttons":
        found.add("secondary" if said.pad[1] > 0 else "primary")
    x, y = stick_of(said, profile)
    sideways = abs(x) >= abs(y)
    for name, push, mine in (
        ("stick_left", -x, sideways), ("stick_right", x, sideways), ("stick_down", -y, not sideways),
        ("stick_up", y, not sideways),
    ):  # fmt: skip
        if mine and push > (STICK_OFF if name in before else STICK_ON):
            found.add(name)
    return frozenset(found)
