import json
from pathlib import Path

import pytest

from benchmarks import recording
from benchmarks.machine_yardsticks import BareAppend
from benchmarks.recorded_steps import RecordedSteps, copied, imagined
from benchmarks.recording import Loop, Speed, Tell, bare_speed, bytes_told, dropped, figures_of, paced, written_bare
from core.recorder import Recorder
from core.store.archive import open_archive
from models.tasks.toy.policy import load as toy_policy
from models.tasks.toy.task import load as toy_task
from models.tasks.toy.world import load as toy_world


@pytest.fixture(scope="module")
def tape() -> RecordedSteps:
    return imagined(toy_world(), toy_policy(), toy_task(), 12)


def test_a_tape_gives_real_steps_any_place(tape: RecordedSteps) -> None:
    step = tape.step(branch=3, index=20, offset=1)
    assert (step.branch, step.index) == (3, 20)
    assert step.node.observation is tape.steps[21 % 12].node.observation


def test_recorded_steps_are_read_back_and_others_are_reported_missing(tape: RecordedSteps, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "session")
    tell = Tell(tape, recorder)
    for number in range(30):
        tell(number)
    recorder.close()
    archive = open_archive(tmp_path / "session")
    assert dropped(archive, tape, 30) == 0
    assert dropped(archive, tape, 33) == 3


def test_every_turn_of_the_loop_is_followed_by_a_bare_write() -> None:
    calls: list[str] = []

    def tell(number: int) -> float:
        calls.append(f"tell {number}")
        return 1e-3

    def bare(number: int) -> float:
        calls.append(f"bare {number}")
        return 0.5

    loop = paced(2, tell, bare)
    assert calls == ["tell 0", "bare 0", "tell 1", "bare 1"]
    assert (loop.blocked, loop.bare) == ([1.0, 1.0], [0.5, 0.5])


def test_a_copied_session_has_the_requested_episodes(tape: RecordedSteps, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "session")
    copied(tape, recorder, [5, 17, 2])
    recorder.close()
    assert [branch.length for branch in open_archive(tmp_path / "session").tree().branches.values()] == [5, 17, 2]


def test_one_dropped_step_misses_the_goal() -> None:
    loop = Loop(blocked=[0.1, 0.2], late=[0.0, 1.0], bare=[0.05, 0.05])
    fast = Speed(recorder=10.0, zarr=5.0, batched=20.0, bare=40.0)
    figures = {f.name: f for f in figures_of(loop, loop, lost=1, bytes_per_step=100.0, fast=fast)}
    assert figures["dropped"].holds is False
    assert figures["blocked_p99_ms"].holds is True
    assert figures["blocked_bare_ratio"].value == pytest.approx(0.199 / 0.05)
    assert figures["bare_share"].value == 0.25


def test_the_bare_write_has_the_bytes_of_the_same_step(tape: RecordedSteps, tmp_path: Path) -> None:
    file = BareAppend(tmp_path / "bare")
    assert written_bare(tape, file, 3) > 0
    assert bare_speed(tape, file, 5) > 0
    file.close()
    expected = b"".join(bytes_told(tape, number) for number in (3, *range(5)))
    assert (tmp_path / "bare").read_bytes() == expected
    frames = sum(frame.nbytes for frame in tape.start.observation.frames.values())
    assert len(bytes_told(tape, 0)) > frames


@pytest.mark.slow
def test_it_runs_and_ends_with_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(recording, "OUT", tmp_path)
    assert recording.main(["--world", "toy", "--seconds", "1", "--quick"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["benchmark"] == "recording"
    assert answer["figures"]["dropped"]["value"] == 0
    assert answer["figures"]["ratio_to_zarr"]["value"] > 0
    assert list(tmp_path.iterdir()) == []
