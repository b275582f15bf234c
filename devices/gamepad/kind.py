"""The gamepad in the table of devices, and the names of its buttons."""

from typing import Final

from devices.kind import DeviceKind

BUTTONS: Final = (
    "a", "b", "x", "y", "back", "guide", "start", "left_stick", "right_stick", "left_shoulder", "right_shoulder",
    "dpad_up", "dpad_down", "dpad_left", "dpad_right", "misc", "paddle_1", "paddle_2", "paddle_3", "paddle_4",
    "touchpad",
)  # fmt: skip
"""In the order of SDL_GameControllerButton; whatever the make, the south button is "a"."""
GAMEPAD: Final = DeviceKind(
    name="gamepad",
    words="Gamepad",
    plural="gamepads",
    reading="rate",
    hands=2,
    driver="devices.gamepad.driver:GamepadDriver",
    rank=60,
    feel={"dead_zone": 0.15, "curve": 0.5, "linear_speed": 0.15},  # worn sticks rest beside their centre
    bindings={
        "take_over": ("start",), "hand_back": ("start",), "run": ("back",), "pause": ("back",), "to_failure": ("x",),
        "branch_here": ("y",), "mark_success": ("a",), "mark_failure": ("b",), "discard": ("dpad_down",),
    },
    buttons=BUTTONS,
    modifiers=frozenset({"left_shoulder", "right_shoulder", "left_stick", "right_stick"}),
    switch="dpad_up",
    switch_words="up on the cross of a gamepad",
    check="devices.gamepad.check:check",
)  # fmt: skip
