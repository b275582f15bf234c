"""Input devices: hardware becomes readings in metres and the robot base frame.

KINDS has one row per kind of device; importing it loads no driver and no library of hardware.
"""

from typing import Final

from core.registry import Registry
from devices.gamepad.kind import GAMEPAD
from devices.keyboard.kind import KEYBOARD
from devices.kind import DeviceKind
from devices.leader.kind import DYNAMIXEL, SO101
from devices.lerobot.kind import LEROBOT
from devices.openxr.kind import OPENXR
from devices.spacemouse.kind import SPACEMOUSE

KINDS: Final[dict[str, DeviceKind]] = {
    kind.name: kind for kind in (KEYBOARD, SPACEMOUSE, GAMEPAD, OPENXR, SO101, DYNAMIXEL, LEROBOT)
}
"""Name -> kind, in the order in which settings list them."""


def drivers() -> Registry[str]:
    """The drivers of the kinds that are searched for; load(name)() of the table is a devices.discovery.Driver."""
    return Registry("driver", {kind.name: kind.driver for kind in KINDS.values() if kind.driver})
