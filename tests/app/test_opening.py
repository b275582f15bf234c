from pathlib import Path

import pytest

from app.config import Config
from app.hands import Hands
from app.opening import Opener
from core.events import Event, Message
from core.observation import Observation
from core.recorder import Recorder
from core.verbs import Run
from models.tasks.toy import ToyTask
from tests.app.fakes import STATUS
from tests.core.driving import open_session, steps


class Blind(Hands):
    """Hands whose device cannot look."""

    def show(self, observation: Observation, world_time: float) -> None:
        raise OSError("no eyes")


def test_a_device_that_cannot_look_does_not_keep_the_window_from_being_told(
    qapp: object, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Event] = []
    Opener(told.append, Blind())._tell(STATUS)
    assert told == [STATUS]
    assert "no eyes" in caplog.text
    caplog.clear()


def test_what_a_crash_left_is_brought_back_and_said(qapp: object, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "s", sync=False)
    session = open_session(sink=recorder, archive=recorder.archive, task=ToyTask())
    session.apply(Run())
    steps(session, 3)
    recorder.flush()
    recorder.abandon()
    told: list[Event] = []
    opened = Opener(told.append, Hands())._open(Config(session=tmp_path / "s"), 0)
    assert opened is not None
    opened.close()
    words = [event.text for event in told if isinstance(event, Message)]
    assert any("3 steps were brought back" in text for text in words)
