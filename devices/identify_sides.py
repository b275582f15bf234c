"""Which of two or more alike devices is the left one and which the right: one nudge each, or one for both of two."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.reading import DeviceReading
from devices.identify_by_motion import IdentifyByMotion, watch

HINTS: Mapping[str, str] = {
    "nudge": "Move it clearly, and only it.",
    "hold": "Keep moving it ...",
    "one at a time": "Several move. Let the others rest.",
    "let go": "Let go of all of them first.",
    "chosen": "",
}


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """The question; Sides(keys) begins it."""

    candidates: tuple[str, ...]
    """Device keys that could be meant, two or more."""
    left: str = ""
    """The left one; "" while that is not known."""
    right: str = ""
    nudge: IdentifyByMotion = field(default_factory=IdentifyByMotion)

    @property
    def done(self) -> bool:
        """Whether both are known."""
        return bool(self.left and self.right)

    @property
    def words(self) -> str:
        """What the operator should do now."""
        side = "right" if self.left else "left"
        return f"IdentifyByMotion the {side.upper()} one. {HINTS[self.nudge.hint]}".strip()


def looked(sides: Sides, readings: Mapping[str, DeviceReading | None], now: float) -> Sides:
    """The question after the newest readings, by device key; `now` in seconds of any clock that goes forward."""
    if sides.done:
        return sides
    meant = {key: readings.get(key) for key in sides.candidates if key != sides.left}
    nudge = watch(sides.nudge, meant, now)
    if not nudge.chosen:
        return replace(sides, nudge=nudge)
    if sides.left:
        return replace(sides, right=nudge.chosen, nudge=nudge)
    others = [key for key in sides.candidates if key != nudge.chosen]
    return Sides(sides.candidates, nudge.chosen, others[0] if len(others) == 1 else "")
