import threading
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.inputs.input_devices import InputDevices
from app.opening.config import Config
from app.opening.opener import Opened, Opener
from app.opening.session_folder import made_by
from core.errors import BadStore
from core.events import Event, Message
from core.observation import Observation
from core.recorder import Recorder
from core.verbs import Run
from models.tasks.toy.task import ToyTask
from tests.app.fakes import STATUS
from tests.core.driving import open_session, steps


class Blind(InputDevices):
    """InputDevices whose device cannot look."""

    def show(self, observation: Observation, world_time: float) -> None:
        raise OSError("no eyes")


def test_a_device_that_fails_to_look_does_not_keep_events_from_the_window(
    qapp: object, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Event] = []
    Opener(told.append, Blind())._tell(STATUS)
    assert told == [STATUS]
    assert "no eyes" in caplog.text
    caplog.clear()


def test_a_session_left_by_a_crash_is_recovered_and_reported(qapp: object, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "s", sync=False)
    session = open_session(sink=recorder, archive=recorder.archive, task=ToyTask())
    session.apply(Run())
    steps(session, 3)
    recorder.flush()
    recorder.abandon()
    told: list[Event] = []
    opened = Opener(told.append, InputDevices())._open(Config(session=tmp_path / "s"), 0)
    assert opened is not None
    opened.close()
    words = [event.text for event in told if isinstance(event, Message)]
    assert any("3 steps were brought back" in text for text in words)


def test_opening_the_same_folder_twice_quickly_opens_it_once(qtbot: QtBot, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "s", sync=False)
    session = open_session(sink=recorder, archive=recorder.archive, task=ToyTask())
    session.apply(Run())
    steps(session, 3)
    recorder.close()
    opener, failures = Opener(lambda event: None, InputDevices()), list[str]()
    opener.failed.connect(failures.append)
    opened: list[Opened] = []
    opener.opened.connect(opened.append)
    done = threading.Semaphore(0)
    opener._done.connect(lambda ticket: done.release(), Qt.ConnectionType.DirectConnection)
    for _ in range(3):
        opener.open(Config(session=tmp_path / "s"))
        assert done.acquire(timeout=20.0)  # no event loop runs: the result is not taken when the next one begins
    qtbot.waitUntil(lambda: len(opened) == 1, timeout=20_000)
    assert failures == []
    opened[0].close()
    opener.stop()


def test_an_empty_folder_is_no_session_and_stays_empty(tmp_path: Path) -> None:
    with pytest.raises(BadStore, match=r"no session in .*nothing was recorded there.*a new folder"):
        made_by(Config(session=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_without_recording_states_go_to_a_temporary_folder_that_goes_with_them(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.scratch.temporary_place", lambda: tmp_path)
    opened = Opener(lambda event: None, InputDevices())._open(Config(world="toy", policy="toy", sessions=None), 0)
    assert opened is not None
    assert opened.archive is None
    assert opened.folder is None
    assert len(list(tmp_path.iterdir())) == 1
    opened.close()
    assert list(tmp_path.iterdir()) == []
