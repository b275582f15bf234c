import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QApplication, QMainWindow, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.widgets.tab_focus import reach_by_tab


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    """A page with three buttons in a window whose shortcuts take Space and Return."""
    window, page = QMainWindow(), QWidget()
    qtbot.addWidget(window)
    page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    column = QVBoxLayout(page)
    for word in ("first", "second", "third"):
        column.addWidget(QPushButton(word))
    window.setCentralWidget(page)
    for key in ("Space", "Return"):
        action = QAction(key, window)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _checked=False, key=key: window.setWindowTitle(f"{window.windowTitle()}{key} "))
        window.addAction(action)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.setFocus()
    return page


def test_tab_goes_through_the_controls_and_their_keys_are_theirs(page: QWidget, qtbot: QtBot) -> None:
    buttons = page.findChildren(QPushButton)
    pressed: list[str] = []
    for button in buttons:
        button.clicked.connect(lambda _checked=False, button=button: pressed.append(button.text()))
    reach_by_tab(page, buttons)
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert page.window().windowTitle() == "Space ", "the page has its keys"
    for button in buttons:
        qtbot.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is button
        qtbot.keyClick(button, Qt.Key.Key_Space)
        qtbot.keyClick(button, Qt.Key.Key_Return)
    assert pressed == ["first", "first", "second", "second", "third", "third"]
    assert page.window().windowTitle() == "Space "
    qtbot.keyClick(buttons[2], Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is page
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is page, "a click takes no focus"
