from PyQt6.QtCore import QRect, QSize
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.widgets.screen import fit_on_screen, placed, room_on_screen

SCREEN = QRect(0, 0, 1280, 800)


def test_a_window_that_reaches_off_the_screen_is_moved() -> None:
    assert placed(QRect(10, 20, 1000, 700), SCREEN) == QRect(10, 20, 1000, 700)
    assert placed(QRect(400, 300, 1000, 700), SCREEN) == QRect(280, 100, 1000, 700)
    assert placed(QRect(-50, -50, 1280, 800), SCREEN) == SCREEN


def test_a_window_that_is_too_large_with_its_frame_has_no_place() -> None:
    assert placed(QRect(0, 0, 1290, 700), SCREEN) is None
    assert placed(QRect(0, 0, 1280, 824), SCREEN) is None


def test_a_window_begins_no_larger_than_its_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    fit_on_screen(window, 5000, 5000)
    assert window.size() == room_on_screen(window)
    screen = window.screen()
    assert screen is not None
    assert window.size().expandedTo(screen.availableGeometry().size()) == screen.availableGeometry().size()
    fit_on_screen(window, 300, 200)
    assert window.size() == QSize(300, 200)
