"""Other keys: of the verbs and of the motions; what would mean two things is refused in words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.application import Application
from app.commands.key_bindings import conflict, own_keys, unknown
from app.studio.table import COMMANDS
from core.errors import BadConfig
from devices.keyboard.device import MOTIONS, Keyboard, motions_of
from devices.keyboard.words import motion_words
from devices.profile import load
from devices.verb_bindings import bindings_with

OWN = """
[bindings]
take_over = ["key/t"]
discard = ["key/f12"]
[motion_keys]
t = "w"
"""


def test_usual_bindings_leave_the_keys_alone() -> None:
    assert own_keys(bindings_with()) == {}
    assert own_keys(bindings_with({"discard": ("key/f9", "gamepad/dpad_down")})) == {"discard": ("F9",)}


def test_a_key_of_another_command_is_refused_where_both_are_possible() -> None:
    assert "Save a screenshot" in conflict("discard", ("F12",), {}, COMMANDS)
    assert conflict("run", ("Return",), {"take_over": ("T",)}, COMMANDS) == ""
    assert "Take over" in conflict("run", ("Return",), {}, COMMANDS)


def test_a_motion_moves_to_another_key_and_its_own_is_free() -> None:
    keyboard = Keyboard(motions_of({"t": "w", "w": "q"}))
    keyboard.connect()
    keyboard.press("t")
    reading = keyboard.read()
    assert reading is not None
    assert reading.left is not None
    assert reading.left.linear is not None
    assert reading.left.linear[0] == 1.0
    assert keyboard.motions["w"] == MOTIONS["q"]
    assert "q" not in keyboard.keys
    assert "T" in "".join(keys for keys, _ in motion_words(keyboard.motions).full)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"t": "7"}, "moves nothing"),
        ({"s": "w"}, "already moves"),
        ({"t": "w", "g": "w"}, "two keys"),
        ({"shift": "w"}, "slow"),
    ],
)
def test_a_key_with_two_motions_is_refused(keys: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        motions_of(keys)


def test_a_profile_in_which_a_key_moves_and_commands_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "operator.toml"
    file.write_text(OWN)
    with pytest.raises(BadConfig, match="moves the left arm forward and cannot mean take_over"):
        load(file)


def test_the_window_applies_the_profile_and_reports_refused_keys(
    make_studio: Callable[..., Application], qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "operator.toml"
    file.write_text(OWN.replace('t = "w"', '"8" = "w"'))
    studio = make_studio(profile=file)
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=30_000)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=30_000)
    assert any("Save a screenshot" in card.message.text for card in studio.window.toasts.cards)
    qtbot.keyClick(studio.window, Qt.Key.Key_T)
    qtbot.waitUntil(
        lambda: studio.session.status is not None and studio.session.status.phase == "CORRECTING", timeout=30_000
    )
    assert studio.session.status is not None
    before = studio.session.status.observation.ee_state[0]
    qtbot.keyPress(studio.window, Qt.Key.Key_8)
    qtbot.waitUntil(
        lambda: studio.session.status is not None and studio.session.status.observation.ee_state[0] > before + 0.01,
        timeout=30_000,
    )
    qtbot.keyRelease(studio.window, Qt.Key.Key_8)


def test_any_command_gets_other_keys_by_its_name_and_mistakes_are_reported() -> None:
    keys = {"go_to_step": ("ctrl+j",), "marker": (), "play": ("K",), "no_such": ("F9",), "step": ("Hyper+Quux",)}
    assert own_keys(bindings_with(), keys)["go_to_step"] == ("Ctrl+J",)
    assert "Stop playing" in conflict("play", ("K",), own_keys(bindings_with(), keys), COMMANDS)
    assert conflict("play", ("K",), {"play_stop": ("X",)}, COMMANDS) == ""
    words = list(unknown(keys, COMMANDS))
    assert any("'no_such', which is no command" in text for text in words)
    assert any("'Hyper+Quux', which is no key" in text for text in words)
    assert "Did you mean 'go_to_step'?" in next(unknown({"go_to_stepp": ()}, COMMANDS))


def test_a_profile_gives_keys_to_commands_and_the_window_shows_them(
    make_studio: Callable[..., Application], tmp_path: Path
) -> None:
    file = tmp_path / "operator.toml"
    file.write_text('[keys]\ngo_to_step = ["Ctrl+J"]\nback = ["A"]\nplay = ["K"]\n')
    studio = make_studio(profile=file)
    window = studio.window
    assert window.command_actions.keys("go_to_step") == ("Ctrl+J",)
    assert window.command_actions.keys("play") == ("L",), "the usual key stays"
    assert any("Stop playing" in words for words in studio.input_controller.refused)
    window.show_phase("PAUSED")
    assert " A " in window.hint_line.text
    assert "←" not in window.hint_line.text.split()
    assert any("“Accept, and go on” on the page Review" in words for words in studio.input_controller.refused)
    window.set_mode("review", None)
    assert window.command_actions.keys("back") == ("Left",), "there A accepts"


def test_keys_of_the_other_pages_are_changed_in_the_profile(
    make_studio: Callable[..., Application], tmp_path: Path
) -> None:
    file = tmp_path / "operator.toml"
    file.write_text('[keys]\njudge_accept = ["Y"]\nopen_to_review = ["Ctrl+F"]\n')
    studio = make_studio(profile=file)
    window = studio.window
    window.set_mode("review", None)
    assert window.command_actions.keys("judge_accept") == ("Y",)
    assert "Y accept" in window.hint_line.text
    window.set_mode("sessions", None)
    assert window.command_actions.keys("open_to_review") == ("V",)
    assert any("“Another folder” on the page Sessions" in words for words in studio.input_controller.refused)
