import pytest

from app.hands import Hands
from app.opening import Opener
from core.events import Event
from core.observation import Observation
from tests.app.fakes import STATUS


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
