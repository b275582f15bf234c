import pytest

from devices.openxr.kind import BUTTONS, SIDES
from devices.openxr.profiles import BY_PATH, PREFIX, PROFILES, UNKNOWN, Profile, extensions, profile_of
from devices.verb_bindings import bindings_with, check_button

ISSUE = (
    "oculus/touch_controller", "meta/touch_plus_controller", "meta/touch_pro_controller", "valve/index_controller",
    "htc/vive_controller", "htc/vive_focus3_controller", "microsoft/motion_controller",
    "hp/mixed_reality_controller", "bytedance/pico4_controller", "bytedance/pico_neo3_controller",
    "khr/simple_controller",
)  # fmt: skip
NEEDED = ("take_over", "hand_back", "run", "pause", "to_failure", "branch_here", "mark_success", "mark_failure",
          "discard", "next_failure", "back", "forward")  # fmt: skip


@pytest.mark.parametrize("path", ISSUE)
def test_these_controllers_are_known(path: str) -> None:
    assert profile_of(PREFIX + path) is BY_PATH[path]
    assert BY_PATH[path].words


@pytest.mark.parametrize("profile", PROFILES, ids=lambda one: one.path)
def test_every_profile_has_a_clutch_and_a_gripper_in_both_hands(profile: Profile) -> None:
    for side in SIDES:
        inputs = profile.side(side)
        assert "squeeze" in inputs
        assert "trigger" in inputs or (profile.gripper_button and "menu" in inputs)
        assert 0.0 < profile.release < profile.engage < 1.0
        assert len(set(inputs.values())) == len(inputs), "one component would mean two inputs"


@pytest.mark.parametrize("profile", [one for one in PROFILES if one.path != "khr/simple_controller"],
                         ids=lambda one: one.path)  # fmt: skip
def test_the_usual_bindings_are_on_every_controller(profile: Profile) -> None:
    for verb in NEEDED:
        mine = [b.partition("/")[2] for b in bindings_with()[verb] if b.startswith("openxr/")]
        assert any(profile.component(button) for button in mine), f"{verb} cannot be reached on {profile.words}"


def test_buttons_have_the_names_of_the_controller_that_is_held() -> None:
    touch, wand, index = (BY_PATH[one] for one in (ISSUE[0], "htc/vive_controller", "valve/index_controller"))
    assert touch.component("left_primary") == "left/x"
    assert touch.component("right_secondary") == "right/b"
    assert touch.component("right_menu") == ""
    assert touch.component("left_stick") == "left/thumbstick"
    assert touch.component("right_stick_up") == "right/thumbstick_up"
    assert wand.component("right_stick_up") == "right/trackpad_up"
    assert wand.component("left_secondary") == "left/trackpad"
    assert wand.component("left_primary") == "left/menu"
    assert wand.component("left_stick") == ""
    assert index.component("left_menu") == "left/trackpad"
    assert BY_PATH["microsoft/motion_controller"].component("left_primary") == "left/trackpad"


def test_only_offered_extensions_are_asked_for() -> None:
    assert extensions(frozenset()) == ()
    assert extensions(frozenset({"XR_BD_controller_interaction", "XR_KHR_vulkan"})) == ("XR_BD_controller_interaction",)


def test_strange_controllers_are_unknown() -> None:
    assert profile_of("/interaction_profiles/acme/glove") is UNKNOWN
    assert profile_of("") is UNKNOWN


def test_a_button_can_be_bound_and_a_misspelt_one_is_named() -> None:
    for button in BUTTONS:
        check_button(f"openxr/{button}", "discard")
    with pytest.raises(ValueError, match="Did you mean 'left_primary'"):
        check_button("openxr/left_primry", "discard")
