"""Which curves there are of a track, in units that people read. No Qt."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.playback.tracks import Track
from core.action import ARMS, GRIPPER, POSITION, ROTATION, arm_slice

AXES: Final = ("x", "y", "z")
GROUPS: Final = ("Position", "Rotation", "Gripper")
UNITS: Final = {"Position": "cm", "Rotation": "°", "Gripper": "%"}


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One line over the nodes of a path."""

    name: str
    """In the legend and under the cursor: "L x", then "y" and "z"; "trust"."""
    values: NDArray[np.float64]
    """(N,); NaN where unknown."""
    unit: str
    arm: int = -1
    """0 left, 1 right, -1 neither."""
    axis: int = 0
    """Which of the lines of an arm: told apart by their dashes."""

    @property
    def known(self) -> bool:
        """Whether there is anything to draw."""
        return bool(np.isfinite(self.values).any())


def action_curves(track: Track, group: str) -> list[Curve]:
    """The applied actions of a group, left arm first: centimetres and degrees in the base frame, or percent open."""
    unit, curves = UNITS[group], []
    for arm, side in enumerate(ARMS):
        part = track.action[:, arm_slice(arm)].astype(np.float64)
        letter = side[0].upper()
        if group == "Gripper":
            curves.append(Curve(f"{letter} open", 100 * part[:, GRIPPER], unit, arm))
            continue
        values = 100 * part[:, POSITION] if group == "Position" else np.degrees(part[:, ROTATION])
        names = (f"{letter} {AXES[0]}", *AXES[1:])
        curves += [Curve(name, values[:, i], unit, arm, i) for i, name in enumerate(names)]
    return curves


def gauge_curves(track: Track) -> list[Curve]:
    """Progress and trust, percent."""
    return [Curve("progress", 100 * track.progress, "%"), Curve("trust", 100 * track.trust, "%", axis=1)]


def words_at(curve: Curve, node: int) -> str:
    """What a curve says at a node: ``L x 51.2``, ``z −3.0 cm``: only the last line of an arm names the unit."""
    value = curve.values[node] if 0 <= node < len(curve.values) else math.nan
    if math.isnan(value):
        return f"{curve.name} unknown"
    last = curve.arm < 0 or curve.axis == len(AXES) - 1 or curve.unit == "%"
    unit = {"%": "\N{NO-BREAK SPACE}%", "°": "°"}.get(curve.unit, f"\N{NO-BREAK SPACE}{curve.unit}") if last else ""
    number = f"{value:.{0 if curve.unit == '%' else 1}f}".replace("-", "\N{MINUS SIGN}")
    return f"{curve.name} {number}{unit}"


def span(curves: list[Curve], least: float) -> tuple[float, float]:
    """Lowest and highest of what is known, with a margin, at least so much apart."""
    known = [curve.values[np.isfinite(curve.values)] for curve in curves if curve.known]
    if not known:
        return 0.0, least
    low, high = float(min(v.min() for v in known)), float(max(v.max() for v in known))
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    margin = 0.06 * (high - low)
    return low - margin, high + margin
