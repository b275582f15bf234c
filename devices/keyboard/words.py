"""What the motion keys do, in words, for the hint line and the help card."""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.keyboard.device import PRECISION_KEY, Motion


@dataclass(frozen=True, slots=True)
class MotionWords:
    """The motion keys of both arms as lines of help."""

    brief: tuple[tuple[str, str], ...] = ()
    """(keys, words): the few lines that the hint line shows."""
    full: tuple[tuple[str, str], ...] = ()
    """(keys, words): every motion."""


def motion_words(motions: Mapping[str, Motion]) -> MotionWords:
    """The words of motions, where motions is key -> what it moves."""

    def keys_of(arm: int, axes: tuple[str, ...]) -> str:
        found = [(m.sign < 0, axes.index(m.axis), key) for key, m in motions.items() if m.arm == arm and m.axis in axes]
        return "".join(key.upper() for _, _, key in sorted(found))

    arms = tuple((keys_of(arm, ("x", "y")), f"{side} arm") for arm, side in enumerate(("left", "right")))
    brief = (*arms, (" ".join(keys_of(arm, ("z",)) for arm in (0, 1)), "up, down"))
    full: list[tuple[str, str]] = []
    for arm, side in enumerate(("left", "right")):
        for axes, words in (
            (("x", "y"), "over the table"), (("z",), "up, down"), (("gripper",), "open, close"), (("yaw",), "turn"),
        ):  # fmt: skip
            full.append((keys_of(arm, axes), f"{side} arm {words}"))
    return MotionWords(brief, (*full, (PRECISION_KEY.capitalize(), "slow and precise")))
