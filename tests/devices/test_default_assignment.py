"""Who drives what by itself."""

from devices.combine import Assignment, device_key
from devices.default_assignment import ALONE, by_itself, with_arm, with_switch, without_usual_switch
from devices.discovery import Discovered
from devices.profile import Profile
from devices.verb_bindings import bindings_with

PAD, PAD_2 = Discovered("gamepad", "a", "Pad", 2), Discovered("gamepad", "b", "Pad", 2)
PUCK, PUCK_2 = Discovered("spacemouse", "1-1", "Puck", 1), Discovered("spacemouse", "1-2", "Puck", 1)
LEADER = Discovered("so101", "/dev/x", "Leader", 1)


def test_nothing_is_the_keyboard() -> None:
    assert by_itself(Profile(), []) == ALONE


def test_one_pad_is_both_hands_and_two_are_one_each() -> None:
    assert by_itself(Profile(), [PAD]) == Assignment("gamepad:a", "gamepad:a")
    assert by_itself(Profile(), [PAD_2, PAD]) == Assignment("gamepad:a", "gamepad:b")


def test_one_puck_takes_turns_and_two_are_one_each() -> None:
    one = by_itself(Profile(), [PUCK])
    assert (one.left, one.right, one.shared) == ("spacemouse:1-1", "spacemouse:1-1", "switch")
    assert one.left_hand == one.right_hand
    assert one.switch == ""
    assert with_switch(one, Profile()).switch == "spacemouse/switch"
    assert with_switch(one, Profile(switch="gamepad/dpad_left")).switch == "gamepad/dpad_left"
    bound = Profile(bindings=bindings_with({"discard": ("spacemouse/switch",)}))
    assert with_switch(one, bound).switch == "", "that button means something else here"
    for profile in (Profile(), Profile(switch="gamepad/dpad_left"), bound):
        assert without_usual_switch(with_switch(one, profile), profile) == one
    two = by_itself(Profile(), [PUCK_2, PUCK])
    assert with_switch(two, Profile(switch="gamepad/dpad_left")) == two, "there is nothing to change"
    assert (two.left, two.right) == ("spacemouse:1-1", "spacemouse:1-2")


def test_leader_arms_come_before_what_lies_on_the_table() -> None:
    assert by_itself(Profile(), [PAD, PUCK, LEADER]).driving == (device_key(LEADER),)


def test_the_profile_is_obeyed_where_its_devices_are_here() -> None:
    wish = Assignment(device_key(PUCK_2), device_key(PUCK))
    profile = Profile(assignment=wish)
    assert by_itself(profile, [PUCK, PUCK_2]) == wish
    assert by_itself(profile, [PAD]) == Assignment("gamepad:a", "gamepad:a")
    assert by_itself(Profile(assignment=Assignment(device_key(PAD), "keyboard")), [PAD]).right == "keyboard"


def test_an_arm_gets_another_device_and_the_other_arm_keeps_its_own() -> None:
    mixed = with_arm(ALONE, 1, "spacemouse:1-1", 1)
    assert mixed.hands == (("keyboard", "left"), ("spacemouse:1-1", "right"))
    assert with_arm(mixed, 0, None, 0).hands == (None, ("spacemouse:1-1", "right"))
    both = with_arm(mixed, 0, "spacemouse:1-1", 1)
    assert both.hands[0] == both.hands[1], "one hand for both arms"
    swapped = Assignment("gamepad:a", "gamepad:b", swap=True)
    assert with_arm(swapped, 0, "keyboard", 2).hands == (("keyboard", "left"), ("gamepad:a", "left"))
