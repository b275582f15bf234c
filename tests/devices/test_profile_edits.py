"""What an operator changes in the settings, as a profile goes in and another one comes out."""

from dataclasses import replace

import pytest

from core.control import ControlConfig
from devices.combine import Assignment
from devices.profile import Profile, usual_feel
from devices.profile_edits import (
    SWITCH,
    buttons_of,
    is_usual,
    rows,
    taken_by,
    with_button,
    with_feel,
    with_usual_buttons,
    with_usual_feel,
    without_button,
)
from devices.verb_bindings import bindings_with

USUAL = Profile()


def test_a_setting_that_is_usual_again_is_not_written_down() -> None:
    changed = with_feel(USUAL, "gamepad", "dead_zone", 0.3)
    assert changed.feel == {"gamepad": {"dead_zone": 0.3}}
    assert changed.feel_of("gamepad:x") == replace(usual_feel("gamepad"), dead_zone=0.3)
    assert not is_usual(changed, "gamepad", "dead_zone")
    assert is_usual(changed, "gamepad", "scale")
    assert with_feel(changed, "gamepad", "dead_zone", usual_feel("gamepad").dead_zone) == USUAL
    assert with_usual_feel(changed, "gamepad") == USUAL


def test_one_device_may_be_as_usual_although_its_kind_is_not() -> None:
    usual = ControlConfig().scale
    kind = with_feel(USUAL, "spacemouse", "scale", 0.5)
    alone = with_feel(kind, "spacemouse:1-2", "scale", usual)
    assert alone.feel_of("spacemouse:1-2").scale == usual
    assert alone.feel_of("spacemouse:1-3").scale == 0.5
    with pytest.raises(ValueError, match="scale is 9"):
        with_feel(USUAL, "spacemouse", "scale", 9.0)


def test_pairs_are_one_row_as_long_as_they_share_their_buttons() -> None:
    assert rows(bindings_with())[:2] == [("take_over", "hand_back"), ("run", "pause")]
    apart = bindings_with({"pause": ("key/p",)})
    assert ("run",) in rows(apart)
    assert ("pause",) in rows(apart)
    assert [verb for row in rows(apart) for verb in row].count("pause") == 1


def test_a_button_is_added_and_taken_away() -> None:
    pair = ("take_over", "hand_back")
    added = with_button(USUAL, pair, "gamepad/guide")
    assert "gamepad/guide" in buttons_of(added, ("take_over",))
    assert "gamepad/guide" in buttons_of(added, ("hand_back",))
    assert with_button(added, pair, "gamepad/guide") == added
    assert without_button(added, pair, "gamepad/guide") == USUAL


def test_a_button_that_means_something_at_the_same_time_changes_its_meaning() -> None:
    assert taken_by(USUAL, ("mark_failure",), "gamepad/a") == ("mark_success",)
    assert taken_by(USUAL, ("mark_failure",), "gamepad:one/a") == ("mark_success",), "one pad is a pad, too"
    assert taken_by(USUAL, ("mark_failure",), "gamepad/guide") == ()
    moved = with_button(USUAL, ("mark_failure",), "gamepad/a")
    assert "gamepad/a" not in moved.bindings["mark_success"]
    assert "gamepad/a" in moved.bindings["mark_failure"]


def test_the_switch_of_arms_has_one_button_and_it_means_nothing_else() -> None:
    switched = with_button(USUAL, (SWITCH,), "gamepad/x")
    assert buttons_of(switched, (SWITCH,)) == ("gamepad/x",)
    assert "gamepad/x" not in switched.bindings["to_failure"]
    assert taken_by(switched, ("to_failure",), "gamepad/x") == (SWITCH,)
    back = with_button(switched, ("to_failure",), "gamepad/x")
    assert back.switch == ""
    assert "gamepad/x" in back.bindings["to_failure"]
    assert with_usual_buttons(switched) == USUAL
    own = replace(USUAL, assignment=Assignment("a", "a", switch="gamepad/guide"))
    assert taken_by(own, ("discard",), "gamepad/guide") == (SWITCH,)
    assert with_button(own, ("discard",), "gamepad/guide").assignment.switch == ""


@pytest.mark.parametrize(("button", "words"), [
    ("gamepad/left_shoulder", "changes what a stick moves"),
    ("key/w", "moves the left arm forward"),
    ("gamepad/nothing", "no button"),
])  # fmt: skip
def test_what_moves_an_arm_means_nothing_else(button: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        with_button(USUAL, ("discard",), button)
