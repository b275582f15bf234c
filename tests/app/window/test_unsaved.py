"""Closing the window while the disk refuses what was recorded."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.studio.table import COMMANDS
from app.window.main_window import MainWindow
from app.window.settings import WindowSettings
from app.window.unsaved import UnsavedQuestion
from core.recorder import Unwritten

FULL = Unwritten(2, 1, "The session s cannot be written: its disk is full. Free some space.")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    settings = WindowSettings(tmp_path / "window.ini")  # closing writes it
    window = MainWindow(COMMANDS, lambda command: None, QWidget(), QWidget(), settings)
    qtbot.addWidget(window, before_close_func=lambda _: setattr(window, "unwritten", lambda: None))
    window.show()
    return window


def question_of(window: MainWindow) -> UnsavedQuestion:
    (question,) = window.findChildren(UnsavedQuestion)
    return question


def test_closing_prompts_and_stays_open(window: MainWindow, qtbot: QtBot) -> None:
    window.unwritten = lambda: FULL
    closed: list[None] = []
    window.closing.connect(lambda: closed.append(None))
    window.close()
    question = question_of(window)
    assert question.text() == "2 steps and 1 change of branches would be lost."
    assert "disk is full" in question.informativeText()
    qtbot.mouseClick(question.stay, Qt.MouseButton.LeftButton)
    assert window.isVisible()
    assert not closed


def test_the_user_may_give_them_up(window: MainWindow, qtbot: QtBot) -> None:
    window.unwritten = lambda: FULL
    window.close()
    with qtbot.waitSignal(window.closing):
        qtbot.mouseClick(question_of(window).lose, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.isVisible())


def test_it_closes_by_itself_once_the_disk_takes_them(window: MainWindow, qtbot: QtBot) -> None:
    waiting: list[Unwritten | None] = [FULL]
    window.unwritten = lambda: waiting[0]
    window.close()
    assert window.isVisible()
    with qtbot.waitSignal(window.closing):
        waiting[0] = None
    qtbot.waitUntil(lambda: not window.isVisible())


def test_closing_does_not_prompt_while_everything_is_written(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closing):
        window.close()
    assert not window.findChildren(UnsavedQuestion)
