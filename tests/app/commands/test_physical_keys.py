"""Keys under layouts that write no Latin letters: the hands move and the letters of commands act."""

import ctypes.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.command.screen import VirtualScreen
from app.commands.command import DRIVE, Place
from app.commands.key_router import KeyRouter, key_name
from app.commands.latin_shortcuts import LatinShortcuts
from app.inputs.button_learner import key_of
from devices.keyboard.device import Keyboard

ROOT = Path(__file__).resolve().parents[3]
CODES = {"q": 24, "w": 25, "e": 26, "a": 38, "s": 39, "d": 40, "g": 42, "c": 54}
"""Of X11."""


def event(character: str, place: str, kind: QEvent.Type = QEvent.Type.KeyPress, repeats: bool = False) -> QKeyEvent:
    """As Qt makes it on X11: the character of the layout, the scan code of the key."""
    upper = character.upper()
    key = ord(upper) if len(upper) == 1 else ord(character)
    none = Qt.KeyboardModifier.NoModifier
    return QKeyEvent(kind, key, none, CODES[place], 0, 0, character, repeats)


@pytest.mark.parametrize("letters", ["wasd", "цфыв", "ςασδ", "'שדג", "صشسي"], ids=["us", "ru", "gr", "il", "ar"])
def test_the_keys_that_move_the_left_hand_do_so_under_every_layout(qapp: QApplication, letters: str) -> None:
    assert [key_name(event(letter, place)) for letter, place in zip(letters, "wasd", strict=True)] == list("wasd")


@pytest.mark.parametrize(("letters", "places"), [("zqsd", "wasd"), (",aoe'", "wasdq"), ("éü", "wd")],
                         ids=["azerty", "dvorak", "letters with accents"])  # fmt: skip
def test_layouts_with_latin_letters_keep_their_characters(qapp: QApplication, letters: str, places: str) -> None:
    assert [key_name(event(letter, place)) for letter, place in zip(letters, places, strict=True)] == list(letters)


def test_a_key_is_released_although_the_layout_changed_while_it_was_held(qtbot: QtBot, qapp: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    router, keyboard = KeyRouter(window), Keyboard()
    router.set_feed(keyboard)
    router.set_state(Place(DRIVE, "CORRECTING"), True)
    qapp.sendEvent(window, event("ц", "w"))
    assert keyboard.held == {"w"}
    qapp.sendEvent(window, event("w", "w", QEvent.Type.KeyRelease))
    assert not keyboard.held


def test_the_letter_of_a_command_acts_once_and_not_while_the_user_types(qtbot: QtBot, qapp: QApplication) -> None:
    window = QWidget()
    field = QLineEdit(window)
    qtbot.addWidget(window)
    action = QAction("Go to step", window)
    action.setShortcut(QKeySequence("G"))
    action.setAutoRepeat(False)
    window.addAction(action)
    told: list[bool] = []
    action.triggered.connect(told.append)
    LatinShortcuts(window)
    qapp.sendEvent(window, event("п", "g"))
    assert len(told) == 1
    qapp.sendEvent(window, event("п", "g", repeats=True))
    assert len(told) == 1
    action.setEnabled(False)
    qapp.sendEvent(window, event("п", "g"))
    action.setEnabled(True)
    assert len(told) == 1
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    qapp.sendEvent(field, event("п", "g"))
    assert (len(told), field.text()) == (1, "п")


def test_a_key_is_learned_by_its_place(qapp: QApplication) -> None:
    assert key_of(event("п", "g")) == "g"
    assert key_of(event("g", "g")) == "g"


@pytest.mark.skipif(shutil.which("setxkbmap") is None, reason="needs setxkbmap (x11-xkb-utils)")
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
@pytest.mark.skipif(ctypes.util.find_library("Xtst") is None, reason="needs libXtst")
@pytest.mark.parametrize("layout", ["us", "ru", "gr", "il"])
def test_real_layouts_of_x11(layout: str) -> None:
    with VirtualScreen(400, 300):
        found = subprocess.run(
            [sys.executable, "-m", "tests.app.commands.typed_on_layout", layout],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    said = json.loads(found.stdout)
    assert said == {"held": ["w", "a", "s", "d", "q"], "left": [], "triggered": ["go_to_step"]}
