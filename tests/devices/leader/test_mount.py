"""How a leader stands on the table, by hand."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from core.errors import BadConfig
from core.geometry import relative_rotation
from devices.leader.mount import Mount, pushed_yaw
from devices.leader.settings import PortSettings


@pytest.mark.parametrize(
    ("push", "yaw"),
    [
        ((0.1, 0.0, 0.0), 0.0),
        ((0.0, -0.1, 0.0), 90.0),
        ((0.0, 0.1, 0.3), -90.0),
        ((-0.1, 0.0, 0.0), -180.0),
        ((0.1, -0.1, -0.2), 45.0),
        ((0.004, 0.004, 0.2), None),
    ],
)
def test_a_push_forward_gives_the_yaw_whatever_its_vertical_part(push: tuple[float, ...], yaw: float | None) -> None:
    start = np.array([0.2, -0.1, 0.3])
    found = pushed_yaw(start, start + push)
    assert found == yaw
    if found is not None:
        forward, _, _ = (mount := Mount(found)).applied(np.array(push), np.array([0.0, 0.0, 0.0, 1.0]))
        assert forward[0] > 0.09
        assert forward[1] == pytest.approx(0.0, abs=1e-12)
        assert mount.yaw == found


def test_a_push_that_is_too_short_is_words() -> None:
    with pytest.raises(BadConfig, match=r"3 cm.*Push it further"):
        pushed_yaw(np.zeros(3), np.array([0.03, 0.0, 0.0]))


def test_a_turn_of_the_hand_turns_about_the_same_axis_of_the_table() -> None:
    """A roll about the leader's forward axis is one about the robot's, once the leader is turned to it."""
    mount = Mount(90.0)
    before, after = (Rotation.from_euler("yz", [angle, 30], degrees=True).as_quat() for angle in (0.0, 20.0))
    said = [mount.applied(np.zeros(3), pose)[1] for pose in (before, after)]
    own = relative_rotation(after, before)
    assert np.allclose(relative_rotation(said[1], said[0]), Rotation.from_euler("z", 90, degrees=True).apply(own))


def test_only_a_turn_counts_as_one() -> None:
    mount = Mount(10.0)
    for yaw in (10.0, 20.0, 20.0, 10.0):
        mount.turn_to(yaw)
    assert mount.applied(np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0]))[2] == 2


def test_a_yaw_is_half_a_turn_at_most() -> None:
    with pytest.raises(ValueError, match=r"-180 \.\. 180"):
        PortSettings("so101", yaw=181.0)
