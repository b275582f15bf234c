"""Raw samples on disk, bit for bit, and through the control chain."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadStore
from core.reading import ArmReading, DeviceReading
from devices.command.replay import replayed, travelled
from devices.default_assignment import by_itself
from devices.discovery import Discovered
from devices.input_log import InputLogWriter, read_tape, reading_from_dict, reading_to_dict
from devices.profile import Profile

PUCK = Discovered("spacemouse", "1-1", "Puck", 1)
KEY = "spacemouse:1-1"


def pushed(time: float, x: float = 1.0) -> DeviceReading:
    return DeviceReading(
        "puck", "rate", time, 3, ArmReading(linear=np.array([x, 0, 0]), angular=np.zeros(3)), presses={"left": 2}
    )


def write(path: Path, *readings: DeviceReading | None) -> Path:
    with path.open("w") as out:
        writer = InputLogWriter(out, [PUCK])
        for reading in readings:
            writer.see({KEY: reading})
    return path


def test_a_reading_comes_back_bit_for_bit() -> None:
    hand = ArmReading(
        position=np.array([0.1, 1e-300, -1 / 3]),
        orientation=np.array([0.0, 0.0, 0.6, 0.8]),
        gripper=0.123456789,
        clutch=False,
    )
    lost = ArmReading(linear=np.array([np.nan, np.inf, 0.0]), valid=False, gripper_rate=-1.0)
    reading = DeviceReading("arm", "position", 12.25, 2**61 + 1, hand, lost, {"a": 7})
    again = reading_from_dict(json.loads(json.dumps(reading_to_dict(reading))))
    assert (again.device, again.kind, again.time, again.epoch, dict(again.presses)) == (
        "arm",
        "position",
        12.25,
        2**61 + 1,
        {"a": 7},
    )
    for before, after in ((reading.left, again.left), (reading.right, again.right)):
        assert before is not None
        assert after is not None
        for name in ("position", "orientation", "linear", "angular"):
            one, other = getattr(before, name), getattr(after, name)
            assert (one is None) == (other is None)
            assert one is None or one.tobytes() == other.tobytes()
        assert (before.gripper, before.gripper_rate, before.clutch, before.valid) == (
            after.gripper, after.gripper_rate, after.clutch, after.valid,
        )  # fmt: skip


def test_only_what_is_new_is_written() -> None:
    out = io.StringIO()
    writer = InputLogWriter(out, [PUCK])
    for reading in (pushed(1.0), pushed(1.0), None, pushed(1.1)):
        writer.see({KEY: reading})
    assert writer.count == 2
    assert len(out.getvalue().splitlines()) == 3


def test_a_recording_moves_the_arm_as_the_hand_did_and_the_same_in_every_run(tmp_path: Path) -> None:
    tape = read_tape(write(tmp_path / "x.jsonl", *(pushed(5.0 + i / 100) for i in range(101))))
    assert tape.devices == (PUCK,)
    assert tape.seconds == pytest.approx(1.0)
    profile = Profile()
    runs = [list(replayed(tape, by_itself(profile, tape.devices), profile, 0.1)) for _ in range(2)]
    actions = [[out.action.tobytes() for out in run] for run in runs]
    assert actions[0] == actions[1]
    path, end = travelled([out.action for out in runs[0]], 1)
    assert path == pytest.approx(0.2, abs=0.03), "full deflection for a second at 0.2 m/s"
    assert end[0] > 0.1


@pytest.mark.parametrize("text", ["", "{}\n", '{"format": "other", "version": 1, "devices": []}\n', "nonsense\n"])
def test_what_is_no_recording_is_refused_in_words(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(text)
    with pytest.raises(BadStore, match=r"x\.jsonl"):
        read_tape(file)
    with pytest.raises(BadStore, match="cannot be read"):
        read_tape(tmp_path / "none")


def test_a_torn_line_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "x.jsonl", pushed(1.0))
    with file.open("a") as out:
        out.write('{"key": "a", "devi')
    with pytest.raises(BadStore, match="Line 3"):
        read_tape(file)
