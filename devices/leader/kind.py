"""The leader arms in the table of devices: one row per protocol of their servos."""

from typing import Final

from devices.kind import DeviceKind

SO101: Final = DeviceKind(
    name="so101",
    words="SO-101 leader",
    plural="SO-101 leaders",
    reading="position",
    hands=1,
    driver="devices.leader.driver:So101",
    rank=10,
    servos="feetech",
    check="devices.leader.check:check",
)
DYNAMIXEL: Final = DeviceKind(
    name="dynamixel",
    words="Leader arm",
    plural="leader arms with Dynamixel motors",
    reading="position",
    hands=1,
    driver="devices.leader.driver:Dynamixel",
    rank=20,
    servos="dynamixel",
    check="devices.leader.check:check",
)
