"""Windows that are no larger than their screen."""

from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QWidget

from app.widgets import theme

FRAME = QSize(16, 40)
"""What a window manager puts around a window, until it says so itself."""


def room_on_screen(window: QWidget) -> QSize:
    """The largest size of a window inside its frame that leaves all of it on the screen."""
    screen = window.screen()
    if screen is None:
        return QSize(1280, 800)
    frame = window.frameGeometry().size() - window.size()
    return screen.availableGeometry().size() - (frame if frame.height() > 0 else FRAME)


def fit_on_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window a size in pixels at text size 1, or what the screen has."""
    window.resize(QSize(theme.px(width), theme.px(height)).boundedTo(room_on_screen(window)))
