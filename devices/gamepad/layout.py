"""Which stick moves what: the mapping as a table, and the reading that it makes of a state.

A pad gives either both hands or one. With both, each side of the pad is one hand: its stick drives over the
table, with the shoulder button held it lifts and turns, clicked in it tips and rolls; the trigger is the gripper.
With one hand the left stick drives over the table, or tips and rolls while the left shoulder button is held, the
right stick lifts and turns, and the right trigger is the gripper. A squeezed trigger closes the gripper.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.reading import ArmReading, DeviceReading
from devices.gamepad.state import LEFT_TRIGGER, LEFT_X, LEFT_Y, RIGHT_TRIGGER, RIGHT_X, RIGHT_Y, PadState


@dataclass(frozen=True, slots=True)
class Motion:
    """What one axis of a stick moves."""

    kind: Literal["linear", "angular"]
    axis: int
    """0 x, 1 y, 2 z of the robot base frame."""
    sign: float
    """Of the motion when the stick goes right or *down*."""
    words: str


FORWARD: Final = Motion("linear", 0, -1.0, "forward, back")
SIDEWAYS: Final = Motion("linear", 1, -1.0, "left, right")
LIFT: Final = Motion("linear", 2, -1.0, "up, down")
TURN: Final = Motion("angular", 2, -1.0, "turn left, right")
TIP: Final = Motion("angular", 1, -1.0, "tip forward, back")
ROLL: Final = Motion("angular", 0, +1.0, "roll left, right")


@dataclass(frozen=True, slots=True)
class Row:
    """One use of a stick."""

    hand: int
    """0: the left hand, or the only one; 1: the right one."""
    stick: Literal["left", "right"]
    modifier: str
    """Button that has to be held; "" for none. Of two held ones the later row counts."""
    vertical: Motion
    horizontal: Motion


@dataclass(frozen=True, slots=True)
class Layout:
    """All uses of one pad."""

    rows: tuple[Row, ...]
    triggers: tuple[int, ...]
    """Per hand the axis of its gripper."""

    @property
    def modifiers(self) -> frozenset[str]:
        """Buttons that change what a stick does, and so can mean nothing else."""
        return frozenset(row.modifier for row in self.rows if row.modifier)


BOTH_HANDS: Final = Layout(
    (
        Row(0, "left", "", FORWARD, SIDEWAYS),
        Row(0, "left", "left_shoulder", LIFT, TURN),
        Row(0, "left", "left_stick", TIP, ROLL),
        Row(1, "right", "", FORWARD, SIDEWAYS),
        Row(1, "right", "right_shoulder", LIFT, TURN),
        Row(1, "right", "right_stick", TIP, ROLL),
    ),
    (LEFT_TRIGGER, RIGHT_TRIGGER),
)
ONE_HAND: Final = Layout(
    (
        Row(0, "left", "", FORWARD, SIDEWAYS),
        Row(0, "right", "", LIFT, TURN),
        Row(0, "left", "left_shoulder", TIP, ROLL),
    ),
    (RIGHT_TRIGGER,),
)
LAYOUTS: Final[Mapping[int, Layout]] = MappingProxyType({1: ONE_HAND, 2: BOTH_HANDS})
"""By the number of hands that a pad is asked to give."""
_STICKS: Final = {"left": (LEFT_X, LEFT_Y), "right": (RIGHT_X, RIGHT_Y)}


def reading(state: PadState, layout: Layout, device: str) -> DeviceReading:
    """The hands of a state, under a device's name; rates in the robot base frame."""
    hands = [_hand(state, layout, hand) for hand in range(len(layout.triggers))]
    right = hands[1] if len(hands) > 1 else None
    return DeviceReading(device, "rate", state.time, left=hands[0], right=right, presses=state.presses)


def _hand(state: PadState, layout: Layout, hand: int) -> ArmReading:
    moved: dict[str, NDArray[np.float64]] = {"linear": np.zeros(3), "angular": np.zeros(3)}
    active = {row.stick: row for row in layout.rows if row.hand == hand and (row.modifier in ("", *state.held))}
    for stick, row in active.items():
        across, along = _STICKS[stick]
        for motion, deflection in ((row.horizontal, state.axes[across]), (row.vertical, state.axes[along])):
            if deflection:  # -1 * 0 would be a negative zero
                moved[motion.kind][motion.axis] = motion.sign * deflection
    trigger = layout.triggers[hand]
    known = state.triggers_known[trigger - LEFT_TRIGGER]
    gripper = 1.0 - state.axes[trigger] if known else None
    return ArmReading(linear=moved["linear"], angular=moved["angular"], gripper=gripper)
