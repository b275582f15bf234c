import numpy as np
from scipy.spatial.transform import Rotation

from devices.leader.clutch import WAITING, Clutch, MotionClutch, followed

STILL = np.array([0.0, 0.0, 0.0, 1.0])
HERE = np.array([0.3, 0.1, 0.2])


def test_the_first_clear_motion_engages_and_it_stays() -> None:
    state = followed(WAITING, HERE, STILL)
    for tremble in (0.002, -0.004, 0.009):
        state = followed(state, HERE + np.array([tremble, 0, 0]), STILL)
        assert not state.engaged
    state = followed(state, HERE + np.array([0.011, 0, 0]), STILL)
    assert state.engaged
    assert followed(state, HERE, STILL).engaged


def test_a_turn_engages_too() -> None:
    turned = np.asarray(Rotation.from_rotvec([0, 0, 0.2]).as_quat())
    state = followed(followed(WAITING, HERE, STILL), HERE, turned)
    assert state.engaged
    assert not followed(followed(WAITING, HERE, STILL), HERE, turned, MotionClutch(angle=0.3)).engaged


def test_it_is_pure() -> None:
    state = followed(WAITING, HERE, STILL)
    followed(state, HERE + 1.0, STILL)
    assert not state.engaged
    assert WAITING.position is None


def test_a_take_over_waits_again_from_where_the_hand_is() -> None:
    clutch = Clutch("motion")
    assert not clutch.engaged(HERE, STILL)
    assert clutch.engaged(HERE + 0.1, STILL)
    clutch.take_over()
    assert not clutch.engaged(HERE + 0.1, STILL)
    assert not clutch.engaged(HERE + 0.104, STILL)
    assert clutch.engaged(HERE, STILL)


def test_a_pedal_holds_it() -> None:
    clutch = Clutch("held")
    assert not clutch.engaged(HERE, STILL)
    clutch.press()
    assert clutch.engaged(HERE, STILL)
    clutch.release()
    assert not clutch.engaged(HERE + 1.0, STILL)


def test_always() -> None:
    assert Clutch().engaged(HERE, STILL)
