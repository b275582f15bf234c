"""The keyboard in the table of devices."""

from typing import Final

from devices.kind import DeviceKind

KEY: Final = "key"
"""What the names of keys begin with where keys are buttons, for example "key/return"."""
KEYBOARD: Final = DeviceKind(
    name="keyboard",
    words="Keyboard",
    plural="keyboards",
    reading="rate",
    hands=2,
    feel={"dead_zone": 0.0, "curve": 0.0},
    prefix=KEY,
    bindings={
        "take_over": ("return",), "hand_back": ("return",), "run": ("space",), "pause": ("space",),
        "to_failure": ("backspace",), "branch_here": ("ins",), "mark_success": ("+",), "mark_failure": ("-",),
        "discard": ("del",),
    },
)  # fmt: skip
