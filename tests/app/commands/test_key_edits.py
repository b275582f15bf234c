"""Other keys for one command: where the profile keeps them, what is refused, and the way back."""

from pathlib import Path

import pytest

from app.commands.key_bindings import normal
from app.commands.key_edits import keys_now, refusal, with_all_usual_keys, with_keys, with_usual_keys
from app.studio.table import BY_NAME, COMMANDS
from devices.keyboard.device import MOTIONS
from devices.profile import Profile, load, save
from devices.profile_edits import with_button


@pytest.mark.parametrize("keys", [("Ctrl+Alt+F7",), (), ("Ctrl+/",)])
def test_every_command_gets_other_keys_and_its_usual_ones_back(keys: tuple[str, ...]) -> None:
    usual = {row.name: tuple(map(normal, row.keys)) for row in COMMANDS}
    for name in BY_NAME:
        changed = with_keys(Profile(), name, keys)
        assert keys_now(changed, COMMANDS) == {**usual, name: keys}, "no other command changed"
        assert with_usual_keys(changed, name) == Profile()
        assert with_all_usual_keys(changed) == Profile()


@pytest.mark.parametrize("name", ["take_over", "back", "go_to_step"])
@pytest.mark.parametrize("keys", [("Ctrl+Alt+F7",), (), ("Ctrl+/",)])
def test_the_keys_are_the_same_after_the_profile_was_written(name: str, keys: tuple[str, ...], tmp_path: Path) -> None:
    save(with_keys(Profile(), name, keys), tmp_path / "operator.toml")
    assert keys_now(load(tmp_path / "operator.toml"), COMMANDS)[name] == keys


def test_buttons_of_devices_stay_when_a_key_changes() -> None:
    buttons = [one for one in Profile().bindings["take_over"] if not one.startswith("key/")]
    assert buttons
    changed = with_keys(Profile(), "take_over", ("Ctrl+T",))
    assert changed.bindings["take_over"] == (*buttons, "key/ctrl+t"), "the page of buttons shows the key as well"


def test_a_key_that_is_chosen_among_the_buttons_counts_after_no_key_was_wanted() -> None:
    none = with_keys(Profile(), "mark_success", ())
    assert keys_now(with_button(none, ("mark_success",), "key/f7"), COMMANDS)["mark_success"] == ("F7",)


def test_a_key_with_two_meanings_is_refused_on_every_page_and_in_every_phase() -> None:
    profile = Profile()
    words = refusal("discard", ("F12",), profile, COMMANDS, MOTIONS)
    assert "would mean “Discard this branch” and “Save a screenshot”" in words
    assert words.endswith("Choose another key, or change the other command first.")
    assert "on the page Review" in refusal("judge_accept", ("R",), profile, COMMANDS, MOTIONS)
    assert "moves the left arm forward" in refusal("take_over", ("W",), profile, COMMANDS, MOTIONS)
    assert refusal("hand_back", ("Return",), profile, COMMANDS, MOTIONS) == "", "Take over is possible at other times"
    freed = with_keys(profile, "screenshot", ("Ctrl+F12",))
    assert refusal("discard", ("F12",), freed, COMMANDS, MOTIONS) == ""


def test_a_usual_key_that_another_command_has_now_is_refused() -> None:
    taken = with_keys(with_keys(Profile(), "plots", ("Ctrl+F8",)), "full_screen", ("F9",))
    assert "Full screen" in refusal("plots", ("F9",), taken, COMMANDS, MOTIONS)
