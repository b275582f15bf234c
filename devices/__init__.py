"""Hands. The table imports nothing; a device is imported when it is asked for."""

from core.registry import Registry

DEVICES = Registry("device", {"keyboard": "devices.keyboard:Keyboard", "scripted": "devices.scripted:Scripted"})
DRIVERS = Registry(
    "driver",
    {
        "spacemouse": "devices.spacemouse.driver:SpaceMouseDriver",
        "gamepad": "devices.gamepad.driver:GamepadDriver",
        "so101": "devices.leader.driver:So101",
        "dynamixel": "devices.leader.driver:Dynamixel",
        "lerobot": "devices.lerobot:LeRobotTeleoperators",
        "openxr": "devices.openxr.driver:OpenXrDriver",
    },
)
"""Kinds of hardware that is looked for: load(name)() is a devices.discovery.Driver."""
