"""What the operator set: values that are stored with the data, as verbs."""

import math
from dataclasses import dataclass, replace
from typing import Final

from core.errors import IllegalVerb
from core.verbs import SetDevice, SetFreezeOnIdle, SetSpeed

SPEED_RANGE: Final = (0.1, 4.0)
"""World seconds per wall second."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one session."""

    speed: float = 1.0
    """World seconds per wall second."""
    freeze_on_idle: bool = False
    device: str = "keyboard"


def with_setting(settings: Settings, verb: SetSpeed | SetFreezeOnIdle | SetDevice) -> Settings:
    """The settings after a verb.

    Raises:
        IllegalVerb: the speed is none.
    """
    match verb:
        case SetSpeed(speed):
            low, high = SPEED_RANGE
            if not (math.isfinite(speed) and low <= speed <= high):
                raise IllegalVerb(f"The speed is {low} to {high} world seconds per second; {speed} is not.")
            return replace(settings, speed=float(speed))
        case SetFreezeOnIdle(on):
            return replace(settings, freeze_on_idle=on)
        case SetDevice(name):
            return replace(settings, device=name)
