"""Recent sessions in the menu, and folders dropped onto the window."""

from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.studio.table import COMMANDS
from app.window.main_window import MainWindow
from app.window.recent import dropped_folder
from app.window.settings import MOST_RECENT, WindowSettings

COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def settings(tmp_path: Path) -> WindowSettings:
    return WindowSettings(tmp_path / "window.ini")


@pytest.fixture
def window(qtbot: QtBot, settings: WindowSettings) -> MainWindow:
    window = MainWindow(COMMANDS, lambda command: None, QWidget(), QWidget(), settings)
    qtbot.addWidget(window)
    return window


def dragged(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def test_the_newest_session_is_first_and_gone_ones_are_left_out(
    window: MainWindow, settings: WindowSettings, tmp_path: Path, qtbot: QtBot
) -> None:
    folders = [tmp_path / f"2026-11-{day:02}" for day in range(1, MOST_RECENT + 3)]
    for folder in folders:
        folder.mkdir()
        settings.remember_session(folder)
    settings.remember_session(folders[5])
    folders[-1].rmdir()
    window.recent_menu.fill()
    actions = window.recent_menu.actions()
    assert [action.text() for action in actions[:2]] == [folders[5].name, folders[-2].name]
    assert len(actions) == MOST_RECENT - 1
    with qtbot.waitSignal(window.session_asked) as asked:
        actions[0].trigger()
    assert asked.args == [folders[5]]


def test_without_recent_sessions_the_menu_is_grey(window: MainWindow) -> None:
    action = window.recent_menu.menuAction()
    assert action is not None
    assert not action.isEnabled()


def test_a_dropped_folder_is_opened(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    data = dragged(tmp_path)
    enter = QDragEnterEvent(QPoint(5, 5), COPY, data, LEFT, NONE)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(window.session_asked) as asked:
        window.dropEvent(QDropEvent(QPointF(5, 5), COPY, data, LEFT, NONE))
    assert asked.args == [tmp_path]


def test_files_and_several_folders_are_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.touch()
    assert dropped_folder(dragged(file)) is None
    assert dropped_folder(dragged(tmp_path, tmp_path)) is None
    assert dropped_folder(None) is None
