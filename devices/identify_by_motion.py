"""Which of several devices a person means: "nudge the LEFT puck", and the one that moves first and clearly is it.

Nothing here waits or listens: the caller hands in the readings as they come, and keeps what it gets back.
To ask for a second side, begin again without the device that was chosen for the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from core.geometry import relative_rotation
from core.reading import ArmReading, DeviceReading

CLEAR: Final = 0.5
"""Effort from which a device counts as moved on purpose."""
REST: Final = 0.1
"""Effort below which a device counts as at rest."""
DOMINANCE: Final = 2.0
"""How many times the effort of every other device it must have: two pucks on one table shake each other."""
HOLD: Final = 0.15
"""Seconds for which it must stay so: a bump is shorter."""
FULL_MOVE, FULL_TURN = 0.06, 0.6
"""Metres and radians from where it was that count as effort 1 of a position device."""

Hint = Literal["nudge", "hold", "one at a time", "let go", "chosen"]
"""What the person should do or see: move one; keep moving it; move only one; something is held since the beginning."""


@dataclass(frozen=True, slots=True, eq=False)
class IdentifyByMotion:
    """One question; IdentifyByMotion() begins it."""

    chosen: str = ""
    """Key of the device that was moved; "" while that is not known."""
    hint: Hint = "nudge"
    leader: str = ""
    """Key of the device that is being moved clearly."""
    since: float = 0.0
    """When the leader began to lead, seconds of the caller's clock."""
    origins: Mapping[str, DeviceReading] = field(default_factory=lambda: MappingProxyType({}))
    """The reading at which each device was seen at rest; what was never at rest cannot be chosen."""


def watch(nudge: IdentifyByMotion, readings: Mapping[str, DeviceReading | None], now: float) -> IdentifyByMotion:
    """The question after the newest readings.

    Args:
        nudge: as it was.
        readings: newest reading by the key of each device that could be meant; None or absent after a loss.
        now: seconds, any clock that goes forward.
    """
    if nudge.chosen:
        return nudge
    origins = _origins(nudge.origins, readings)
    efforts = {key: effort(reading, origins[key]) for key, reading in readings.items() if reading and key in origins}
    ranked = sorted(efforts, key=lambda key: efforts[key], reverse=True)
    if not ranked or efforts[ranked[0]] < CLEAR:
        held = any(reading is not None and key not in origins for key, reading in readings.items())
        return IdentifyByMotion(hint="let go" if held else "nudge", origins=origins)
    first = ranked[0]
    if len(ranked) > 1 and efforts[first] < DOMINANCE * efforts[ranked[1]]:
        return IdentifyByMotion(hint="one at a time", origins=origins)
    if first != nudge.leader:
        return IdentifyByMotion(hint="hold", leader=first, since=now, origins=origins)
    if now - nudge.since < HOLD:
        return replace(nudge, hint="hold", origins=origins)
    return IdentifyByMotion(chosen=first, hint="chosen", leader=first, since=nudge.since, origins=origins)


def effort(reading: DeviceReading, origin: DeviceReading) -> float:
    """How much a device is moved, 0 at rest, 1 at full deflection or at FULL_MOVE or FULL_TURN from its origin."""
    return max((_hand_effort(reading.arm(arm), origin.arm(arm)) for arm in (0, 1)), default=0.0)


def _hand_effort(hand: ArmReading | None, origin: ArmReading | None) -> float:
    if hand is None or not hand.valid:
        return 0.0
    efforts = [float(np.abs(rate).max()) for rate in (hand.linear, hand.angular) if rate is not None]
    if origin is not None and hand.position is not None and origin.position is not None:
        efforts.append(float(np.linalg.norm(hand.position - origin.position)) / FULL_MOVE)
    if origin is not None and hand.orientation is not None and origin.orientation is not None:
        efforts.append(float(np.linalg.norm(relative_rotation(hand.orientation, origin.orientation))) / FULL_TURN)
    return max(efforts, default=0.0)


def _origins(
    origins: Mapping[str, DeviceReading], readings: Mapping[str, DeviceReading | None]
) -> Mapping[str, DeviceReading]:
    """Where each device was at rest; forgotten when it goes away or comes back elsewhere (a new epoch)."""
    kept: dict[str, DeviceReading] = {}
    for key, reading in readings.items():
        if reading is None:
            continue
        known = origins.get(key)
        if known is not None and known.epoch == reading.epoch:
            kept[key] = known
        elif _tracked(reading) and effort(reading, reading) <= REST:
            kept[key] = reading
    return MappingProxyType(kept)


def _tracked(reading: DeviceReading) -> bool:
    return all(hand.valid for hand in (reading.left, reading.right) if hand is not None)
