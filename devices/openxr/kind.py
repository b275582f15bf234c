"""VR controllers in the table of devices, and the names of their buttons."""

from typing import Final, Literal

from devices.kind import DeviceKind

Side = Literal["left", "right"]
SIDES: Final[tuple[Side, Side]] = ("left", "right")
PER_HAND: Final = ("primary", "secondary", "menu", "stick", "stick_up", "stick_down", "stick_left", "stick_right")
"""Buttons of one hand that can carry out commands; the thumbstick counts as four, and clicked as one."""
BUTTONS: Final = tuple(f"{side}_{name}" for side in SIDES for name in PER_HAND)
"""All buttons that commands can be bound to, for example "left_primary"."""
OPENXR: Final = DeviceKind(
    name="openxr",
    words="VR controllers",
    plural="VR controllers",
    reading="position",
    hands=2,
    driver="devices.openxr.driver:OpenXrDriver",
    rank=40,
    bindings={
        "take_over": ("right_primary",), "hand_back": ("right_primary",), "run": ("right_secondary",),
        "pause": ("right_secondary",), "to_failure": ("left_primary",), "branch_here": ("left_secondary",),
        "mark_success": ("right_stick_up",), "mark_failure": ("right_stick_down",), "discard": ("left_stick_down",),
        "next_failure": ("left_stick_up",), "back": ("left_stick_left", "right_stick_left"),
        "forward": ("left_stick_right", "right_stick_right"), "recentre": ("left_menu",), "smaller": ("left_stick",),
        "larger": ("right_stick",),
    },
    buttons=BUTTONS,
    check="devices.openxr.check:check",
)  # fmt: skip
