import numpy as np
import pytest

from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.demos import demonstrate
from models.tasks.push_t.direct import PATIENCE, DirectOperator
from models.worlds.reference.world import ReferenceWorld
from tests.models.tasks.push_t.pictures import NOWHERE, seen


def test_a_t_that_vanishes_is_believed_in_for_a_while(world: ReferenceWorld) -> None:
    operator = DirectOperator()
    there, gone = seen(world, (0.45, 0.12, 1.0)), seen(world, NOWHERE)
    operator.targets(there.frames, there.ee_state)
    believed = operator.detection
    assert believed is not None
    for _ in range(PATIENCE):
        action = operator.targets(gone.frames, gone.ee_state)
        assert operator.detection is believed
        assert not np.allclose(action, gone.ee_state, atol=1e-3), "it goes on"
    resting = operator.targets(gone.frames, gone.ee_state)
    assert operator.detection is None
    assert np.allclose(resting, g.HOME, atol=0.02), "and then clears the view"
    operator.targets(there.frames, there.ee_state)
    assert operator.detection is not None


def test_it_has_finished_where_the_t_lies_well_and_the_hands_are_home(world: ReferenceWorld) -> None:
    operator = DirectOperator()
    solved, open_ = seen(world, g.TARGET_POSE), seen(world, (0.4, 0.1, 0.0))
    busy = g.HOME.copy()
    busy[:3] = (0.40, 0.2, 0.12)
    operator.targets(open_.frames, open_.ee_state)
    assert not operator.finished
    away = seen(world, g.TARGET_POSE, busy)
    operator.targets(away.frames, away.ee_state)
    assert not operator.finished
    operator.targets(solved.frames, solved.ee_state)
    assert operator.finished


@pytest.mark.parametrize("seed", [3, 8])
def test_it_solves_starts_in_the_reference_world(world: ReferenceWorld, seed: int) -> None:
    episode = demonstrate(world, seed)
    assert episode is not None
    assert g.coverage(episode.truth["object_pose"][-1].astype(float)) >= g.SUCCESS_COVERAGE
