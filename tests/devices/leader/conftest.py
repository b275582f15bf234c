from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.emulated.dynamixel_bus import DynamixelEmulator
from benchmarks.emulated.feetech_bus import FeetechEmulator
from benchmarks.emulated.servo_bus import ServoBusEmulator
from devices import reader
from devices.leader import bus
from tests.devices.test_reader import until as patiently

PlugIn = Callable[..., ServoBusEmulator]
PATIENCE = 60.0
"""Seconds; a machine that is busy elsewhere may keep the emulated motors waiting."""
KINDS = {"feetech": FeetechEmulator, "dynamixel": DynamixelEmulator}


def until(condition: Callable[[], bool]) -> None:
    patiently(condition, PATIENCE)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emulated motors are a thread that has to get its turn; real ones answer whatever the machine does."""
    monkeypatch.setattr(bus, "SILENT_READS", 100)
    monkeypatch.setattr(bus, "DEADLINE", PATIENCE)
    monkeypatch.setattr(reader, "FIRST", PATIENCE)


@pytest.fixture
def plug_in(tmp_path: Path) -> Iterator[PlugIn]:
    """Plugs emulated buses in, and pulls them in the end."""
    plugged: list[ServoBusEmulator] = []

    def plug(kind: str = "feetech", ids: tuple[int, ...] = (1, 2, 3, 4, 5, 6), name: str = "arm") -> ServoBusEmulator:
        plugged.append(KINDS[kind](tmp_path / name, ids))
        return plugged[-1]

    yield plug
    for cable in plugged:
        cable.pull()
