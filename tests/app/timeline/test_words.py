import pytest

from app.timeline.model import TimelineModel
from app.timeline.words import branch_title, clock, with_labels
from tests.app.made_up_session import MadeUp


@pytest.fixture
def model() -> TimelineModel:
    made = MadeUp(TimelineModel(), pictures=False)
    trunk = made.branch(0, None, 0, "rollout")
    made.run(trunk, "policy", 30)
    made.branch(0, trunk, 10, "correction")
    return made.model


def test_branches_are_called_as_on_the_timeline(model: TimelineModel) -> None:
    assert (
        with_labels("Undo outcome of branch 1. Branch 0 goes on.", model)
        == "Undo outcome of branch A1. Branch A goes on."
    )
    assert (
        with_labels("There is no branch 9; branches 0 and 1 are.", model)
        == "There is no branch 9; branches 0 and 1 are."
    )
    assert branch_title(model, 1) == "A1, Correction"
    assert branch_title(model, 9) == "–"


def test_time_is_written_short() -> None:
    assert [clock(s) for s in (0.4, 12, 185)] == ["0.4 s", "12 s", "3:05"]
