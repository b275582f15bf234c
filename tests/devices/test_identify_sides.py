from dataclasses import replace

import numpy as np

from core.reading import ArmReading, DeviceReading
from devices.identify_sides import Sides, looked

STILL = DeviceReading("puck", "rate", 0.0, left=ArmReading(linear=np.zeros(3), angular=np.zeros(3)))
PUSHED = replace(STILL, left=ArmReading(linear=np.array([0.9, 0.0, 0.0]), angular=np.zeros(3)))


def nudged(sides: Sides, moved: str) -> Sides:
    still = dict.fromkeys(sides.candidates, STILL)
    sides = looked(sides, still, 0.0)
    for now in (0.1, 0.2, 0.4):
        sides = looked(sides, {**still, moved: PUSHED}, now)
    return sides


def test_of_two_one_nudge_identifies_both() -> None:
    sides = nudged(Sides(("a", "b")), "b")
    assert (sides.left, sides.right, sides.done) == ("b", "a", True)
    assert looked(sides, {}, 9.0) is sides


def test_of_three_each_side_is_asked() -> None:
    sides = Sides(("a", "b", "c"))
    assert "LEFT" in sides.words
    sides = nudged(sides, "c")
    assert (sides.left, sides.done) == ("c", False)
    assert "RIGHT" in sides.words
    sides = nudged(sides, "c")
    assert not sides.done, "the left one is not the right one, too"
    sides = nudged(sides, "a")
    assert (sides.left, sides.right) == ("c", "a")
