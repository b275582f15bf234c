from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.devices.leader.dynamixel_bus import DynamixelEmulator
from tests.devices.leader.feetech_bus import FeetechEmulator
from tests.devices.leader.servo_bus import ServoBusEmulator

PlugIn = Callable[..., ServoBusEmulator]
KINDS = {"feetech": FeetechEmulator, "dynamixel": DynamixelEmulator}


@pytest.fixture
def plug_in(tmp_path: Path) -> Iterator[PlugIn]:
    """Plugs emulated buses in, and pulls them in the end."""
    plugged: list[ServoBusEmulator] = []

    def plug(kind: str = "feetech", ids: tuple[int, ...] = (1, 2, 3, 4, 5, 6), name: str = "arm") -> ServoBusEmulator:
        plugged.append(KINDS[kind](tmp_path / name, ids))
        return plugged[-1]

    yield plug
    for bus in plugged:
        bus.pull()
