import numpy as np
import pytest

from models.post_training.action_box import outside, widened
from tests.models.policies.tiny import tiny_checkpoint


def test_the_box_grows_and_the_ranges_of_chunks_stay() -> None:
    scaling = tiny_checkpoint().scaling
    inside, beyond = (scaling.action_low + scaling.action_high) / 2, scaling.action_high.copy()
    beyond[1] += np.float32(0.1)
    actions = np.stack([inside, beyond, inside, inside])
    assert outside(scaling, actions) == pytest.approx(0.25)
    found = widened(scaling, [actions, actions[:0]])
    assert outside(found, actions) == 0.0
    assert found.action_high[1] == beyond[1]
    assert np.array_equal(found.action_low, scaling.action_low)
    assert np.array_equal(np.delete(found.action_high, 1), np.delete(scaling.action_high, 1))
    for name in ("chunk_centre", "chunk_half", "state_centre", "state_half"):
        assert getattr(found, name) is getattr(scaling, name)
    assert outside(scaling, actions[:0]) == 0.0
