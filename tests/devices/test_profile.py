from dataclasses import fields, replace
from pathlib import Path

import pytest

from core import config
from core.commands import DEVICE_COMMANDS
from core.control import ControlConfig
from core.errors import BadConfig
from core.verbs import Phase
from devices import KINDS, profile
from devices.combine import Assignment
from devices.gamepad.layout import BOTH_HANDS, ONE_HAND
from devices.profile import FEEL, Profile, usual_feel
from devices.verb_bindings import bindings_with, phases_of, verbs_pressed

OWN = Profile(
    name="Ida Ö.",
    handedness="left",
    clutch="toggle",
    assignment=Assignment("gamepad:0300@usb-1", "spacemouse:usb 1-2", mirror=True, swap=True, switch="gamepad/dpad_up"),
    feel={"gamepad:0300@usb-1": {"scale": 0.5}, "spacemouse": {"dead_zone": 0.2, "linear_speed": 0.1}},
    bindings=bindings_with({"discard": ("gamepad:0300@usb-1/dpad_down",)}),
)


@pytest.mark.parametrize("one", [Profile(), OWN])
def test_a_profile_survives_its_file(one: Profile, tmp_path: Path) -> None:
    file = tmp_path / "operators" / "ida.toml"
    profile.save(one, file)
    assert profile.load(file) == replace(one, feel=dict(one.feel))
    assert list(file.parent.iterdir()) == [file]


def test_a_file_names_only_what_is_different(tmp_path: Path) -> None:
    file = tmp_path / "ida.toml"
    file.write_text('name = "Ida"\n[assignment]\nleft = "gamepad:x"\n[feel.gamepad]\nscale = 2\n')
    read = profile.load(file)
    assert read.assignment == Assignment("gamepad:x")
    assert read.feel_of("gamepad:x") == replace(usual_feel("gamepad"), scale=2.0)
    assert read.bindings == bindings_with()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('handednes = "left"', ["ida.toml", "'handednes'", "Did you mean 'handedness'?"]),
        ('handedness = "both"', ["ida.toml", "'handedness'", "one of 'left', 'right'"]),
        ('clutch = "press"', ["'clutch'", "one of 'hold', 'toggle'"]),
        ('[assignment]\nmirorr = true', ["'assignment.mirorr'", "Did you mean 'assignment.mirror'?"]),
        ('[assignment]\nmirror = "yes"', ["'assignment.mirror'", "true or false"]),
        ('[assignment]\nshared = "all"', ["'assignment.shared'", "one of 'switch', 'both'"]),
        ('[feel.gamepad]\ndead_zone = 1.5', ["feel.gamepad.dead_zone is 1.5", "0.0 .. 0.9"]),
        ('[feel.gamepad]\nscale = nan', ["feel.gamepad.scale", "a finite number"]),
        ('[feel.gamepad]\nspeed = 1', ["feel.gamepad.speed", "linear_speed"]),
        ('[feel.gamepad]\ndeadzone = 0.1', ["feel.gamepad.deadzone", "Did you mean 'dead_zone'?"]),
        ('[feel.gamepad]\nscale = "big"', ["feel.gamepad.scale", "a finite number"]),
        ('[bindings]\ntake_ovr = ["gamepad/a"]', ["'bindings.take_ovr'", "Did you mean 'bindings.take_over'?"]),
        ('[bindings]\npause = "gamepad/a"', ["'bindings.pause'", "a list of text"]),
        ('[bindings]\npause = ["start"]', ["bindings", "pause", "'start'", '"device/button"']),
        ('[bindings]\npause = ["gampad/start"]', ["pause", "'gampad'", "Did you mean 'gamepad'?"]),
        ('[bindings]\npause = ["gamepad/strat"]', ["pause", "'strat'", "Did you mean 'start'?"]),
        ('[bindings]\npause = ["gamepad/7"]', ["pause", "no button '7'", "dpad_up"]),
        ('[bindings]\npause = ["gamepad/left_shoulder"]', ["'gamepad/left_shoulder'", "changes what a stick moves"]),
        ('[bindings]\npause = ["key/w"]', ["pause", "'w'", "moves the left arm forward"]),
        ('[bindings]\npause = ["gamepad/a"]', ["'gamepad/a'", "pause and mark_success", "AUTONOMOUS and CORRECTING"]),
        ('[bindings]\npause = ["gamepad:0300/y"]', ["'gamepad:0300/y'", "pause and branch_here"]),
        ('[assignment]\nswitch = "gamepad/a"', ["'gamepad/a'", "change the arm and mean mark_success"]),
        ('[assignment]\nswitch = "gamepad/right_stick"', ["assignment.switch", "changes what a stick moves"]),
        ("name = ", ["ida.toml", "is not TOML"]),
    ],
)  # fmt: skip
def test_errors_name_the_file_the_key_and_what_is_allowed(text: str, words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "ida.toml"
    file.write_text(text)
    with pytest.raises(BadConfig) as error:
        profile.load(file)
    for word in ("ida.toml", *words):
        assert word in str(error.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"nobody\.toml"):
        profile.load(tmp_path / "nobody.toml")


def test_what_a_device_feels_like() -> None:
    assert Profile().feel_of("gamepad:x") == usual_feel("gamepad")
    assert Profile().feel_of("so101:x") == ControlConfig()
    assert OWN.feel_of("gamepad:0300@usb-1").scale == 0.5
    assert OWN.feel_of("gamepad:other") == usual_feel("gamepad")
    assert OWN.feel_of("spacemouse:any").dead_zone == 0.2


def test_a_device_without_settings_feels_like_its_kind() -> None:
    profile = Profile(feel={"gamepad": {"scale": 0.5, "curve": 0.1}, "gamepad:x": {"scale": 2.0}})
    assert profile.feel_of("gamepad:x") == replace(usual_feel("gamepad"), scale=2.0, curve=0.1)
    assert profile.feel_of("gamepad:y") == replace(usual_feel("gamepad"), scale=0.5, curve=0.1)


def test_every_setting_of_the_control_chain_can_be_set_and_its_usual_value_is_in_range() -> None:
    assert set(FEEL) == {setting.name for setting in fields(ControlConfig)}
    for usual in (ControlConfig(), *map(usual_feel, KINDS)):
        assert all(low <= getattr(usual, name) <= high for name, (low, high) in FEEL.items())


def test_two_unlike_devices_share_the_gentler_feel() -> None:
    control = OWN.control()
    assert (control.scale, control.dead_zone, control.linear_speed) == (0.5, 0.2, 0.1)
    assert replace(OWN, assignment=Assignment()).control() == ControlConfig()
    assert (OWN.first_arm, Profile().first_arm) == (0, 1)


def test_one_button_may_mean_two_things_in_different_phases_and_no_other() -> None:
    bindings = bindings_with()
    for phase in ("AUTONOMOUS", "PAUSED", "CORRECTING"):
        meant = [button for verb, buttons in bindings.items() if phase in phases_of(verb) for button in buttons]
        assert len(meant) == len(set(meant)), phase
    assert set(bindings) == set(DEVICE_COMMANDS)
    assert not (BOTH_HANDS.modifiers | ONE_HAND.modifiers) & {
        button.partition("/")[2] for buttons in bindings.values() for button in buttons if button.startswith("gamepad/")
    }


@pytest.mark.parametrize(
    ("before", "now", "phase", "verbs"),
    [
        ({"gamepad:x/a": 1}, {"gamepad:x/a": 2}, None, ("mark_success",)),
        ({"gamepad:x/a": 1}, {"gamepad:x/a": 1}, None, ()),
        ({"gamepad:x/a": 5}, {"gamepad:x/a": 1}, None, ()),
        ({}, {"gamepad:x/a": 9}, None, ()),
        ({"gamepad:x/start": 0}, {"gamepad:x/start": 3}, None, ("take_over", "hand_back")),
        ({"gamepad:x/start": 0}, {"gamepad:x/start": 1}, "CORRECTING", ("hand_back",)),
        ({"gamepad:x/start": 0}, {"gamepad:x/start": 1}, "AUTONOMOUS", ("take_over",)),
        ({"gamepad:x/back": 0}, {"gamepad:x/back": 1}, "PAUSED", ("run",)),
        ({"gamepad:x/dpad_up": 0}, {"gamepad:x/dpad_up": 1}, None, ()),
        ({"key/return": 0, "key/-": 0}, {"key/return": 1, "key/-": 1}, "PAUSED", ("take_over", "mark_failure")),
    ],
)
def test_which_verbs_were_pressed(
    before: dict[str, int], now: dict[str, int], phase: Phase | None, verbs: tuple[str, ...]
) -> None:
    assert verbs_pressed(before, now, bindings_with(), phase) == verbs


def test_a_button_of_one_pad_is_not_that_of_another() -> None:
    bindings = bindings_with({"mark_success": ("gamepad:x/a",)})
    assert verbs_pressed({"gamepad:y/a": 0}, {"gamepad:y/a": 1}, bindings) == ()
    assert verbs_pressed({"gamepad:x/a": 0}, {"gamepad:x/a": 1}, bindings) == ("mark_success",)


def test_the_commands_of_the_menus_have_these_names() -> None:
    commands = pytest.importorskip("app.studio.table", reason="needs Qt")
    assert set(DEVICE_COMMANDS) <= set(commands.BY_NAME)
    for verb in DEVICE_COMMANDS:
        assert phases_of(verb) == commands.BY_NAME[verb].phases


def test_settings_can_be_read_from_text() -> None:
    assert config.loads(Profile, config.dumps(OWN)) == replace(OWN, feel=dict(OWN.feel))
