"""The help card: buttons of the controllers that are held, by what they mean now."""

import numpy as np
import pytest

from app.studio.table import BY_NAME
from app.xr.canvas import array
from app.xr.controllers import Controllers, button_of, printed
from app.xr.help_panel import Row, content, paint

TOUCH = "/interaction_profiles/oculus/touch_controller"


@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("left/x", ("left", "x")),
        ("/user/hand/right/input/squeeze/value", ("right", "squeeze")),
        ("right/thumbstick_up", ("right", "thumbstick_up")),
        ("/user/hand/left/input/thumbstick/click", ("left", "thumbstick")),
        ("key/space", None),
    ],
)
def test_buttons_are_understood_in_both_writings(path: str, button: tuple[str, str] | None) -> None:
    assert button_of(path) == button


def test_buttons_have_the_words_that_are_printed_on_them() -> None:
    assert [printed(name) for name in ("x", "squeeze", "thumbstick_left", "trackpad", "shoulder")] == [
        "X", "Grip", "Stick ←", "Pad", "Shoulder",
    ]  # fmt: skip


def test_unknown_controllers_have_a_card_too() -> None:
    assert content(Controllers("/interaction_profiles/nobody/knows", {}), None).title == "VR controllers"


def test_a_button_with_two_meanings_shows_the_one_of_now() -> None:
    held = Controllers(
        TOUCH,
        commands=BY_NAME,
        buttons={"take_over": ("left/x",), "hand_back": ("left/x",), "mark_success": ("right/a",)},
    )
    rows = {phase: dict(content(held, phase).hands)["left"] for phase in ("PAUSED", "CORRECTING")}  # type: ignore[arg-type]
    assert rows["PAUSED"] == (Row("X", "Take over", True),)
    assert rows["CORRECTING"] == (Row("X", "Hand back", True),)
    assert content(held, None).title == "Touch controllers"


def test_what_is_not_possible_now_is_faint_but_there() -> None:
    held = Controllers(TOUCH, commands=BY_NAME, buttons={"run": ("left/y",)})
    assert dict(content(held, "CORRECTING").hands)["left"] == (Row("Y", "Run", False),)
    now, later = (array(paint(content(held, phase))) for phase in ("PAUSED", "CORRECTING"))  # type: ignore[arg-type]
    assert now[..., :3].astype(int).sum() > later[..., :3].astype(int).sum()


def test_ways_of_a_stick_that_do_the_same_share_a_row() -> None:
    held = Controllers(
        TOUCH,
        commands=BY_NAME,
        buttons={"scrub": ("left/thumbstick_left", "left/thumbstick_right"), "clutch": ("left/squeeze",)},
    )
    assert [row.button for row in dict(content(held, None).hands)["left"]] == ["Grip", "Stick ← →"]


def test_the_card_of_other_controllers_looks_other() -> None:
    buttons = {"take_over": ("left/a", "right/a"), "clutch": ("left/squeeze",)}
    one, two = (
        array(paint(content(Controllers(p, buttons), "PAUSED")))
        for p in (TOUCH, "/interaction_profiles/valve/index_controller")
    )
    assert np.any(one != two)


def test_many_buttons_still_fit() -> None:
    """The last row of the fullest card is painted above its lower edge."""
    names = ("squeeze", "trigger", "thumbstick", "thumbstick_up", "thumbstick_down", "trackpad", "menu", "a", "b")
    held = Controllers(
        TOUCH, {f"deed {side} {name}": (f"{side}/{name}",) for side in ("left", "right") for name in names}
    )
    image = array(paint(content(held, None))).astype(int)
    bright = np.flatnonzero((image[..., :3].max(-1) > 150).any(1))
    assert bright.max() < image.shape[0] - 12
