"""The dialog of keys: a key that is pressed there holds at once, is written, and is refused where it clashes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.inputs.keys_dialog import KeysDialog
from app.studio.table import BY_NAME
from devices.profile import load
from tests.app.inputs.test_input_devices import PATIENCE_MS

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "operator.toml"


@pytest.fixture
def studio(make_studio: Callable[..., Application], qtbot: QtBot, file: Path) -> Application:
    studio = make_studio(profile=file)
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=PATIENCE_MS)
    return studio


def opened(studio: Application, qtbot: QtBot) -> KeysDialog:
    studio.window.run_command("keys")
    dialog = studio.input_controller.keys
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow, timeout=PATIENCE_MS)
    return dialog


def give(
    dialog: KeysDialog, qtbot: QtBot, name: str, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    dialog.list.setCurrentItem(dialog.items[name])
    qtbot.mouseClick(dialog.press, Qt.MouseButton.LeftButton)
    assert dialog.learner.listening
    qtbot.keyClick(dialog, key, held)


def test_every_command_is_listed_with_its_keys(studio: Application, qtbot: QtBot) -> None:
    dialog = opened(studio, qtbot)
    assert set(dialog.items) == set(BY_NAME)
    assert dialog.items["mark_success"].text(1) == "+, ="
    dialog.field.setText("screenshot")
    shown = {name for name, item in dialog.items.items() if not item.isHidden()}
    assert shown == {"screenshot"}


def test_buttons_of_pages_name_the_keys_as_they_are_now(studio: Application, qtbot: QtBot) -> None:
    review, sessions = studio.pages.page("review").widget, studio.pages.page("sessions").widget
    assert {"Accept  A", "Before / after  B"} <= words_on(review)
    assert {"Drive  ↵", "Review selected  V"} <= words_on(sessions)
    dialog = opened(studio, qtbot)
    for name, key in (("judge_accept", Qt.Key.Key_Y), ("open_to_drive", Qt.Key.Key_D), ("filter", Qt.Key.Key_Q)):
        give(dialog, qtbot, name, key)
    assert "Accept  Y" in words_on(review)
    assert {"Drive  D", "Review selected  V"} <= words_on(sessions)
    for page in (review, sessions, studio.pages.page("compare").widget):
        assert not {words for words in words_on(page) if words.endswith(("  A", "  ↵"))}
    assert [field.placeholderText() for field in sessions.findChildren(QLineEdit)] == ["Filter  Q"]
    dialog.list.setCurrentItem(dialog.items["judge_accept"])
    qtbot.mouseClick(dialog.none, Qt.MouseButton.LeftButton)
    assert "Accept" in words_on(review), "no key, no letter"


def words_on(page: QWidget) -> set[str]:
    """The words of its buttons."""
    return {button.text() for button in page.findChildren(QAbstractButton)}


def test_a_key_holds_at_once_and_tomorrow(studio: Application, qtbot: QtBot, file: Path) -> None:
    dialog, actions = opened(studio, qtbot), studio.window.command_actions
    give(dialog, qtbot, "take_over", Qt.Key.Key_K, CTRL)
    give(dialog, qtbot, "go_to_step", Qt.Key.Key_J, CTRL)
    assert actions.keys("take_over") == ("Ctrl+K",)
    assert "key/ctrl+k" in load(file).bindings["take_over"]
    assert actions.keys("go_to_step") == ("Ctrl+J",)
    assert load(file).keys == {"go_to_step": ("Ctrl+J",)}
    assert dialog.items["go_to_step"].text(1) == "Ctrl+J"
    qtbot.mouseClick(dialog.none, Qt.MouseButton.LeftButton)
    assert actions.keys("go_to_step") == ()
    qtbot.mouseClick(dialog.usual, Qt.MouseButton.LeftButton)
    assert actions.keys("go_to_step") == ("G", "Ctrl+G")
    assert load(file).keys == {}


def test_a_key_of_another_command_is_refused_and_nothing_is_written(
    studio: Application, qtbot: QtBot, file: Path
) -> None:
    dialog = opened(studio, qtbot)
    give(dialog, qtbot, "discard", Qt.Key.Key_F12)
    assert "“Save a screenshot”" in dialog.words.text()
    assert dialog.words.isVisible()
    assert studio.window.command_actions.keys("discard") == ("Del",)
    assert not file.exists() or "f12" not in file.read_text().lower()
    dialog.list.setCurrentItem(dialog.items["run"])
    assert not dialog.words.isVisible(), "the words were about the other command"


def test_escape_ends_the_wait_for_a_key_and_not_the_dialog(studio: Application, qtbot: QtBot) -> None:
    dialog = opened(studio, qtbot)
    give(dialog, qtbot, "discard", Qt.Key.Key_Escape)
    assert not dialog.learner.listening
    assert dialog.isVisible()
    give(dialog, qtbot, "plots", Qt.Key.Key_F7, Qt.KeyboardModifier.ShiftModifier)
    qtbot.mouseClick(dialog.all_usual, Qt.MouseButton.LeftButton)
    assert studio.window.command_actions.keys("plots") == ("F9",)
    dialog.close()
    assert studio.input_controller.keys is None


def test_the_help_menu_shows_keys_commands_and_where_files_lie(
    studio: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    bar = studio.window.menuBar()
    assert bar is not None
    menu = next(action.menu() for action in bar.actions() if action.text() == "&Help")
    assert menu is not None
    assert [a.objectName() for a in menu.actions() if not a.isSeparator()] == ["help", "palette", "keys", "about"]
    about = studio.window.show_about(tmp_path / "sessions")
    lines = {line.accessibleName(): line.text() for line in about.findChildren(QLineEdit)}
    assert lines["Sessions"] == str(tmp_path / "sessions")
    assert lines["Version"][0].isdigit()
    assert lines["Logs of errors"].endswith("logs")
    about.close()
