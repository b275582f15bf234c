import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from models.datasets.export.codec import encoded, targets_of

finite = st.floats(-1.5, 1.5, width=32)
rows = arrays(np.float32, (3, 14), elements=finite)


@given(rows, rows)
def test_a_delta_leads_back_to_its_target(action: np.ndarray, state: np.ndarray) -> None:
    again = targets_of(encoded("delta", action, state), state)
    for arm in (0, 7):
        assert np.allclose(again[:, arm : arm + 3], action[:, arm : arm + 3], atol=1e-6)
        assert np.array_equal(again[:, arm + 6], action[:, arm + 6])
        turned = (
            Rotation.from_rotvec(again[:, arm + 3 : arm + 6]) * Rotation.from_rotvec(action[:, arm + 3 : arm + 6]).inv()
        )
        assert turned.magnitude().max() < 1e-5


def test_what_is_not_known_stays_unknown_and_absolute_is_as_recorded() -> None:
    action = np.linspace(0, 1, 28, dtype=np.float32).reshape(2, 14)
    action[1] = np.nan
    state = np.zeros((2, 14), np.float32)
    assert encoded("absolute", action, state) is action
    delta = encoded("delta", action, state)
    assert np.isnan(delta[1]).all()
    assert np.isfinite(delta[0]).all()
    assert np.isnan(encoded("delta", action[1:], state[1:])).all()
