"""LeRobot's teleoperators in the table of devices; their events are buttons."""

from typing import Final

from devices.kind import DeviceKind

LEROBOT: Final = DeviceKind(
    name="lerobot",
    words="LeRobot teleoperator",
    plural="LeRobot teleoperators",
    reading=None,
    hands=2,
    driver="devices.lerobot.driver:LeRobotTeleoperators",
    rank=30,
    bindings={
        "take_over": ("is_intervention",), "hand_back": ("intervention_over",), "pause": ("terminate_episode",),
        "mark_success": ("success",), "mark_failure": ("failure",), "discard": ("rerecord_episode",),
    },
)  # fmt: skip
