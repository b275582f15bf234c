"""Both hands together: from two inputs to one reading, and the words when a hand is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.reading import DeviceReading
from devices.openxr.frame import base_of_xr
from devices.openxr.hand import Hand, HandInput
from devices.openxr.kind import SIDES
from devices.openxr.profiles import InUse, profile_of

GRACE: Final = 0.5
"""Seconds that a hand may be out of sight before the controllers count as lost: a hand passes behind a back."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Both hands at an instant."""

    reading: DeviceReading
    clutched: tuple[bool, bool]
    """Whether each hand is squeezed."""
    missing: str = ""
    """Why the hands cannot drive, in words; "" while they can."""


class Controllers:
    """Remembers both hands between two looks. Used by one thread."""

    def __init__(self) -> None:
        self._hands = tuple(Hand(side) for side in SIDES)
        self._tracked = [False, False]
        self._seen = [float("-inf"), float("-inf")]
        self._needed = [False, False]
        self._epoch = 0
        self._heading = 0.0

    def recentre(self, heading: float) -> None:
        """Forward is `heading` radians to the left of -Z from now on; the consumer re-anchors."""
        self._heading = heading
        self._epoch += 1

    def moved(self) -> None:
        """The origin of the poses moved: the consumer re-anchors."""
        self._epoch += 1

    def forget(self) -> None:
        """No hand drives: one is required again once it has driven again."""
        self._needed = [False, False]

    def look(self, inputs: tuple[HandInput, HandInput], used: InUse, now: float) -> Look:
        """One reading of both hands at `now` seconds, time.monotonic().

        A hand whose tracking comes back changes the epoch: what it did meanwhile counts for nothing, however short it
        was away. A hand that drove and is away for longer than GRACE takes the controllers with it.
        """
        matrix = base_of_xr(self._heading)
        arms = []
        for i, (hand, said) in enumerate(zip(self._hands, inputs, strict=True)):
            profile = profile_of((used.left, used.right)[i] or used.path)
            if said.tracked and not self._tracked[i] and self._seen[i] > float("-inf"):
                self._epoch += 1
            self._tracked[i] = said.tracked
            arms.append(hand.look(said, profile, now, matrix))
            if said.tracked:
                self._seen[i] = now
            self._needed[i] = self._needed[i] or hand.clutch
        presses: Mapping[str, int] = MappingProxyType({**self._hands[0].counts, **self._hands[1].counts})
        reading = DeviceReading("", "position", now, self._epoch, arms[0], arms[1], presses)
        return Look(reading, (self._hands[0].clutch, self._hands[1].clutch), self._missing(inputs, now))

    def _missing(self, inputs: tuple[HandInput, HandInput], now: float) -> str:
        if not any(said.tracked for said in inputs) and now - max(self._seen) > GRACE:
            if any(said.active for said in inputs):
                return "The headset does not see the VR controllers. Hold them where it can see them."
            return "No VR controller is switched on. Press a button on one, or charge it."
        for side, said, seen, needed in zip(SIDES, inputs, self._seen, self._needed, strict=True):
            if not needed or said.tracked or now - seen <= GRACE:
                continue
            if said.active:
                return f"The headset does not see the {side} VR controller. Hold it where it can be seen."
            return f"The {side} VR controller is gone: switched off, asleep, or its battery is empty."
        return ""
