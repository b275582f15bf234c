"""The SpaceMouse in the table of devices."""

from typing import Final

from devices.kind import DeviceKind

SPACEMOUSE: Final = DeviceKind(
    name="spacemouse",
    words="SpaceMouse",
    plural="SpaceMice",
    reading="rate",
    hands=1,
    driver="devices.spacemouse.driver:SpaceMouseDriver",
    rank=50,
    feel={"curve": 0.4},
    bindings={
        "take_over": ("menu",), "hand_back": ("menu",), "run": ("esc",), "pause": ("esc",), "to_failure": ("btn_1",),
        "branch_here": ("btn_2",), "mark_success": ("btn_3",), "mark_failure": ("btn_4",),
    },
    switch="switch",
    switch_words="both buttons of a small SpaceMouse, shift of a large one",
    check="devices.spacemouse.check:check",
)  # fmt: skip
