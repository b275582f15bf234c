import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from devices.openxr.frame import BASE_OF_XR, base_of_xr, heading_of, orientation_in_base, position_in_base

RIGHT, UP, AHEAD = np.eye(3)[0], np.eye(3)[1], -np.eye(3)[2]


def test_the_axes_of_the_robot() -> None:
    assert np.array_equal(position_in_base(AHEAD, BASE_OF_XR), [1, 0, 0])
    assert np.array_equal(position_in_base(-RIGHT, BASE_OF_XR), [0, 1, 0])
    assert np.array_equal(position_in_base(UP, BASE_OF_XR), [0, 0, 1])
    assert np.isclose(np.linalg.det(BASE_OF_XR), 1.0)


@pytest.mark.parametrize("heading", [0.0, 0.3, -2.0])
def test_a_rotation_turns_about_the_same_axis_in_the_base(heading: float) -> None:
    matrix = base_of_xr(heading)
    rng = np.random.default_rng(3)
    for _ in range(20):
        turn = Rotation.random(random_state=rng)
        expected = matrix @ turn.as_matrix() @ matrix.T
        found = Rotation.from_quat(orientation_in_base(turn.as_quat(), matrix)).as_matrix()
        assert np.allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("heading", [0.0, 0.7, -1.2, 3.0])
def test_forward_is_where_the_head_looked(heading: float) -> None:
    looks = Rotation.from_euler("YXZ", [heading, 0.4, 0.2])  # turned, nodding, tilted
    assert math.isclose(heading_of(looks.as_quat()), heading, abs_tol=1e-12)
    ahead = Rotation.from_euler("y", heading).apply(AHEAD)
    assert np.allclose(position_in_base(ahead, base_of_xr(heading)), [1, 0, 0])
    assert np.allclose(position_in_base(UP, base_of_xr(heading)), [0, 0, 1])


@pytest.mark.parametrize("nod", [math.pi / 2, -math.pi / 2])
def test_a_head_that_looks_straight_up_or_down_still_has_a_heading(nod: float) -> None:
    looks = Rotation.from_euler("YX", [0.5, nod])
    assert math.isclose(heading_of(looks.as_quat()), 0.5, abs_tol=1e-6)
