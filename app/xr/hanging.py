"""Panels in the hands: point at one or touch it, squeeze the trigger, carry it, release. A value per frame, no OpenXR.

While a hand holds a panel its stick belongs to the panel: up and down push and pull it, left and right change its
size, a click bends all panels or makes them flat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.xr import arrangement as hang
from app.xr.arrangement import Arrangement, Grab, Layer
from app.xr.pose import Pose

TAKE, DROP = 0.7, 0.4
"""Squeeze of a trigger at which a panel is taken and released."""
PUSH: Final = 0.8
"""Metres per second at full deflection of the stick."""
GROW: Final = 1.2
"""Size per second at full deflection: times 1 + GROW * seconds."""
STICK_REST: Final = 0.25


@dataclass(frozen=True, slots=True)
class HandNow:
    """One hand in a frame."""

    aim: Pose | None = None
    """Where it points, -Z ahead, in the space of the anchor; None while it is not tracked."""
    trigger: float = 0.0
    stick: tuple[float, float] = (0.0, 0.0)
    click: bool = False
    """Of the stick."""


IDLE: Final = HandNow()


@dataclass(frozen=True, slots=True)
class Hanging:
    """All panels, and who holds which."""

    arrangement: Arrangement
    held: tuple[Grab | None, Grab | None] = (None, None)
    before: tuple[HandNow, HandNow] = (IDLE, IDLE)
    """The hands of the frame before."""

    @property
    def busy(self) -> tuple[bool, bool]:
        """Per hand whether it holds a panel."""
        return self.held[0] is not None, self.held[1] is not None


def after(
    was: Hanging, hands: tuple[HandNow, HandNow], layers: Mapping[str, Layer], seconds: float, *, free: bool
) -> Hanging:
    """The next frame.

    Args:
        was: the frame before.
        hands: both now.
        layers: where every visible panel hangs.
        seconds: since the frame before.
        free: whether the hands may take panels: not while they drive.
    """
    arrangement, held = was.arrangement, list(was.held)
    for side, (now, before) in enumerate(zip(hands, was.before, strict=True)):
        grab = held[side]
        if grab is not None and (now.trigger < DROP or not free):
            arrangement = hang.straightened(arrangement, grab.name)
            held[side] = None
        elif grab is not None and now.aim is not None:
            arrangement, held[side] = _carried(arrangement, grab, now, now.aim, seconds)
            if now.click and not before.click:
                arrangement = hang.bent(arrangement, not arrangement.curved)
        elif grab is None and free and now.aim is not None and now.trigger >= TAKE > before.trigger:
            held[side] = _taken(arrangement, layers, now.aim, held[1 - side])
    return Hanging(arrangement, (held[0], held[1]), hands)


def recentred(was: Hanging, head: Pose) -> Hanging:
    """The panels in front of a head."""
    return replace(was, arrangement=hang.recentred(was.arrangement, head), held=(None, None))


def _taken(arrangement: Arrangement, layers: Mapping[str, Layer], aim: Pose, other: Grab | None) -> Grab | None:
    name = hang.near(layers, aim.position)
    if name is None:
        hit = hang.pointed(layers, aim)
        name = hit.name if hit is not None else None
    if name is None or name not in arrangement.places or (other is not None and other.name == name):
        return None
    return hang.grab(arrangement, name, aim)


def _carried(arrangement: Arrangement, grab: Grab, now: HandNow, aim: Pose, seconds: float) -> tuple[Arrangement, Grab]:
    x, y = (push if abs(push) > STICK_REST else 0.0 for push in now.stick)
    if abs(y) > abs(x):
        grab = hang.pushed(grab, PUSH * y * seconds)
    elif x:
        arrangement = hang.resized(arrangement, grab.name, 1.0 + GROW * x * seconds)
    return hang.moved(arrangement, grab, aim), grab
