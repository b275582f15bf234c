"""`main.py devices ...` on virtual hardware."""

import json
import queue
from collections.abc import Mapping
from pathlib import Path

import pytest

import main
from core.errors import BadConfig, DeviceLost
from devices import hotplug as plugged
from devices import watcher
from devices.command import calibrate, table
from devices.leader.ports import SerialPort
from tests.devices.virtual import VirtualDevice, drivers_of


class Drivers:
    """In the place of devices.drivers()."""

    def __init__(self, *devices: VirtualDevice) -> None:
        self._drivers = drivers_of(*devices)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._drivers)

    def load(self, name: str):  # type: ignore[no-untyped-def]
        return lambda: self._drivers[name]


@pytest.fixture
def pad(monkeypatch: pytest.MonkeyPatch) -> VirtualDevice:
    pad = VirtualDevice(words="Xbox pad")
    monkeypatch.setattr(watcher, "driver_table", lambda: Drivers(pad))
    monkeypatch.setattr(plugged, "RETRY", 0.02)
    monkeypatch.setattr(table, "PATIENCE", 0.3)
    return pad


def test_list(pad: VirtualDevice, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["devices"]) == 0
    assert "gamepad:one  Xbox pad, both hands" in capsys.readouterr().out
    assert main.main(["devices", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["devices"] == [{"key": "gamepad:one", "driver": "gamepad", "words": "Xbox pad", "hands": 2}]
    pad.plugged = False
    assert main.main(["devices"]) == 0
    assert "Nothing else is plugged in" in capsys.readouterr().out


def test_watch_shows_the_axes(pad: VirtualDevice, capsys: pytest.CaptureFixture[str]) -> None:
    pad.push(0.5, 0.0, 0.0, arm=1)
    pad.press("a")
    assert main.main(["devices", "--watch", "--seconds", "0.1"]) == 0
    out = capsys.readouterr().out
    assert "right x +0.500" in out
    assert "pressed a 1" in out
    assert " Hz, " in out


def test_record_and_replay(pad: VirtualDevice, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pad.push(1.0, 0.0, 0.0)
    file = str(tmp_path / "hands.jsonl")
    assert main.main(["devices", "record", file, "--seconds", "0.5"]) == 0
    assert "samples in" in capsys.readouterr().out
    assert main.main(["devices", "replay", file]) == 0
    assert "left  moved 0." in capsys.readouterr().out
    assert main.main(["devices", "replay", file, "--json", "--dt", "0.05"]) == 0
    actions = json.loads(capsys.readouterr().out)["actions"]
    assert len(actions[0]) == 14
    assert actions[-1][0] > actions[0][0]


def test_without_a_device_there_is_one_line_of_words(
    pad: VirtualDevice, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table.opened.__wrapped__, "__defaults__", (None, 0.2))
    pad.plugged = False
    assert main.main(["devices", "record", str(tmp_path / "x"), "--seconds", "1"]) == 1
    assert "No device is plugged in" in capsys.readouterr().err
    pad.plugged, pad.refusal = True, "It belongs to another user."
    assert main.main(["devices", "--watch"]) == 1
    assert "another user" in capsys.readouterr().err


class Run:
    """Needs a second Enter, because the first one comes too early."""

    step, instruction = "sweep", "Sweep every joint."
    progress: Mapping[str, float] = {"elbow_flex": 12.0}

    def __init__(self) -> None:
        self.presses = 0

    @property
    def done(self) -> bool:
        return self.presses == 2

    def look(self) -> bool:
        return True

    def next(self) -> None:
        self.presses += 1
        if self.presses == 1:
            raise BadConfig("elbow_flex was not swept.")

    def save(self) -> Path:
        return Path("left.json")


def test_calibrate_prints_what_to_do_and_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    lines.put("\n")
    lines.put("\n")
    assert calibrate.carry_out(Run(), lines) == Path("left.json")  # type: ignore[arg-type]
    out = capsys.readouterr().out
    assert "Sweep every joint." in out
    assert "elbow_flex was not swept." in out
    lines.put("")
    with pytest.raises(BadConfig, match="Nothing was written"):
        calibrate.carry_out(Run(), lines)  # type: ignore[arg-type]


def test_the_port_of_a_calibration() -> None:
    one, two = (SerialPort(f"/dev/{name}", f"/dev/{name}", "board", 1) for name in "ab")
    assert calibrate.only_port([one]) == "/dev/a"
    with pytest.raises(DeviceLost, match="power supply"):
        calibrate.only_port([])
    with pytest.raises(BadConfig, match=r"/dev/a .*/dev/b"):
        calibrate.only_port([one, two])
    words = iter(["\n", ""])
    lines = calibrate.entered(lambda: next(words))
    assert [lines.get(), lines.get()] == ["\n", ""]
