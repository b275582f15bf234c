"""Windows that are no larger than their screen."""

from PyQt6.QtCore import QRect, QSize, Qt
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


def on_screen(window: QWidget) -> bool:
    """Whether the whole window is on a screen that is plugged in."""
    screen = window.screen()
    return screen is not None and screen.availableGeometry().contains(window.geometry())


def placed(frame: QRect, available: QRect) -> QRect | None:
    """Where a window with its frame belongs so that all of it is seen; None where it is too large for the screen."""
    if frame.width() > available.width() or frame.height() > available.height():
        return None
    x = max(available.left(), min(frame.left(), available.right() + 1 - frame.width()))
    y = max(available.top(), min(frame.top(), available.bottom() + 1 - frame.height()))
    return QRect(x, y, frame.width(), frame.height())


def keep_on_screen(window: QWidget) -> None:
    """Move a window that reaches off the screen with its frame; one that is too large for the screen is maximised."""
    screen = window.screen()
    free = Qt.WindowState.WindowNoState
    if screen is None or window.windowState() != free or not window.isVisible():
        return
    frame, available = window.frameGeometry(), screen.availableGeometry()
    if available.contains(frame) or window.geometry() == frame:  # a frame of no size: no window manager
        return
    place = placed(frame, available)
    if place is None:
        window.showMaximized()
    else:
        window.move(place.topLeft())


def fit_on_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window a size in pixels at text size 1, or what the screen has."""
    window.resize(QSize(theme.px(width), theme.px(height)).boundedTo(room_on_screen(window)))
