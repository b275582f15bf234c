from dataclasses import replace

import numpy as np
import pytest

from devices.openxr.controllers import GRACE, Controllers
from devices.openxr.frame import BASE_OF_XR
from devices.openxr.hand import LOST, REPEAT_AFTER, Hand, HandInput
from devices.openxr.profiles import BY_PATH, PREFIX, InUse

TOUCH, WAND = BY_PATH["oculus/touch_controller"], BY_PATH["htc/vive_controller"]
WMR, SIMPLE = BY_PATH["microsoft/motion_controller"], BY_PATH["khr/simple_controller"]
HELD = InUse(PREFIX + TOUCH.path, PREFIX + TOUCH.path)
AT_REST = HandInput(True, np.array([0.2, 1.3, -0.4]), np.array([0.0, 0.0, 0.0, 1.0]))


def counts(hand: Hand) -> dict[str, int]:
    return {name: count for name, count in hand.counts.items() if count}


def test_the_clutch_has_play_so_that_it_does_not_flutter() -> None:
    hand, engaged = Hand("left"), []
    for squeeze in (0.5, 0.7, 0.5, 0.45, 0.3, 0.5, 0.61):
        arm = hand.look(replace(AT_REST, squeeze=squeeze), TOUCH, 0.0, BASE_OF_XR)
        engaged.append(arm.clutch)
    assert engaged == [False, True, True, True, False, False, True]


@pytest.mark.parametrize(("trigger", "opening"), [(0.0, 1.0), (0.04, 1.0), (1.0, 0.0), (0.525, 0.5)])
def test_a_squeezed_trigger_closes_the_gripper(trigger: float, opening: float) -> None:
    arm = Hand("right").look(replace(AT_REST, trigger=trigger), TOUCH, 0.0, BASE_OF_XR)
    assert arm.gripper == pytest.approx(opening)


def test_where_there_is_no_trigger_the_menu_button_opens_and_closes() -> None:
    hand, openings = Hand("left"), []
    for pressed in ((), ("menu",), ("menu",), (), ("menu",)):
        arm = hand.look(replace(AT_REST, pressed=frozenset(pressed)), SIMPLE, 0.0, BASE_OF_XR)
        openings.append(arm.gripper)
    assert openings == [1.0, 0.0, 0.0, 0.0, 1.0]


def test_a_hand_that_is_not_tracked_is_absent_and_lets_the_clutch_go() -> None:
    hand = Hand("left")
    assert hand.look(replace(AT_REST, squeeze=1.0), TOUCH, 0.0, BASE_OF_XR).clutch
    lost = hand.look(replace(AT_REST, position=None, squeeze=1.0), TOUCH, 0.1, BASE_OF_XR)
    assert (lost.valid, lost.clutch, lost.position, lost.orientation) == (False, False, None, None)


def test_a_button_counts_once_however_long_it_is_held() -> None:
    hand = Hand("right")
    for i in range(5):
        hand.look(replace(AT_REST, pressed=frozenset({"primary", "stick_click"})), TOUCH, i, BASE_OF_XR)
    assert counts(hand) == {"right_primary": 1, "right_stick": 1}


def test_a_stick_held_sideways_repeats_faster_the_further_it_is_pushed() -> None:
    def presses(push: float) -> int:
        hand = Hand("left")
        for i in range(101):
            hand.look(replace(AT_REST, stick=(push, 0.1)), TOUCH, REPEAT_AFTER * i / 100 * 4, BASE_OF_XR)
        return hand.counts["left_stick_right"]

    gentle, full = presses(0.62), presses(1.0)
    assert 1 + 6 <= gentle <= 1 + 9  # 1.05 s after the first repeat
    assert full == pytest.approx(1 + 40 * 1.05, abs=2)
    assert presses(0.5) == 0


def test_up_and_down_do_not_repeat_and_a_diagonal_is_one_of_them() -> None:
    hand = Hand("left")
    for i in range(50):
        hand.look(replace(AT_REST, stick=(0.5, 0.9)), TOUCH, i / 10, BASE_OF_XR)
    assert counts(hand) == {"left_stick_up": 1}


def test_the_trackpad_of_a_wand_is_a_stick_at_its_edges_and_a_button_in_its_middle() -> None:
    hand = Hand("left")
    touched = replace(AT_REST, pad=(0.0, 0.9))
    for said in (
        touched,
        replace(touched, pressed=frozenset({"pad_click"})),
        AT_REST,
        replace(AT_REST, pad=(0.1, 0.1), pressed=frozenset({"pad_click"})),
    ):
        hand.look(said, WAND, 0.0, BASE_OF_XR)
    assert counts(hand) == {"left_stick_up": 1, "left_secondary": 1}


def test_the_trackpad_of_windows_mixed_reality_is_two_buttons() -> None:
    hand = Hand("left")
    for y in (0.5, -0.5):
        hand.look(replace(AT_REST, pad=(0.0, y), pressed=frozenset({"pad_click"})), WMR, 0.0, BASE_OF_XR)
        hand.look(AT_REST, WMR, 0.0, BASE_OF_XR)
    assert counts(hand) == {"left_secondary": 1, "left_primary": 1}


def test_tracking_that_comes_back_is_another_epoch_however_short_it_was_away() -> None:
    both = Controllers()
    first = both.look((AT_REST, AT_REST), HELD, 0.0).reading
    away = both.look((LOST, AT_REST), HELD, 0.01).reading
    back = both.look((AT_REST, AT_REST), HELD, 0.02).reading
    assert first.epoch == away.epoch != back.epoch
    assert away.left is not None
    assert not away.left.valid
    assert away.right is not None
    assert away.right.valid


def test_a_hand_that_drove_takes_the_controllers_with_it_after_a_moment() -> None:
    both, squeezed = Controllers(), replace(AT_REST, squeeze=1.0)
    both.look((squeezed, AT_REST), HELD, 0.0)
    assert both.look((LOST, AT_REST), HELD, GRACE / 2).missing == ""
    assert "battery" in both.look((LOST, AT_REST), HELD, 2 * GRACE).missing
    assert "left" in both.look((replace(squeezed, position=None), AT_REST), HELD, 2 * GRACE).missing
    both.forget()  # control ended: one hand is enough to continue
    assert both.look((LOST, AT_REST), HELD, 3 * GRACE).missing == ""


def test_a_hand_that_never_drove_may_lie_on_the_table() -> None:
    both = Controllers()
    both.look((AT_REST, AT_REST), HELD, 0.0)
    assert both.look((LOST, replace(AT_REST, squeeze=1.0)), HELD, 9.0).missing == ""


def test_no_tracked_hand_is_reported_with_the_fix() -> None:
    both = Controllers()
    assert "Press a button" in both.look((LOST, LOST), HELD, 9.0).missing
    unseen = replace(AT_REST, position=None)
    assert "does not see" in both.look((unseen, unseen), HELD, 9.0).missing


def test_recentring_turns_the_hands_and_changes_the_epoch() -> None:
    both = Controllers()
    before = both.look((AT_REST, AT_REST), HELD, 0.0).reading
    both.recentre(np.pi / 2)  # looks to the left of -Z, along -X
    after = both.look((AT_REST, AT_REST), HELD, 0.1).reading
    assert before.left is not None
    assert after.left is not None
    assert np.allclose(before.left.position, [0.4, -0.2, 1.3])
    assert np.allclose(after.left.position, [-0.2, -0.4, 1.3])
    assert before.epoch != after.epoch
