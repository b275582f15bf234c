"""What this machine does at best, to be measured in the same run as a figure and in turn with it.

An absolute time says little where machines differ by a factor of two and are shared with other programs; its ratio to
one of these holds on any machine. Those that need no window are in benchmarks/machine_yardsticks.py.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PyQt6.QtCore import QEventLoop, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QSurfaceFormat
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QApplication, QWidget

from core.errors import StudioError

PATIENCE_S: Final = 10.0
WARM: Final = 2
"""Measurements after a window was shown that do not count."""


def on_screen() -> None:
    """Wait until the window system has carried out everything that was asked of it."""
    QGuiApplication.sync()


class _Plain(QWidget):
    """Fills itself with one colour."""

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """See QWidget.paintEvent."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(30, 34, 40))
        painter.end()


class BareFill:
    """One fill of so many pixels by Qt's rasteriser, put on the screen: the least that a repaint of them can cost."""

    def __init__(self, width: int, height: int) -> None:
        self._window = _Plain()
        self._window.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._window.resize(width, height)

    def measure(self, count: int) -> list[float]:
        """Milliseconds each."""
        with _on_top(self._window):
            return [self._fill() for _ in range(WARM + count)][WARM:]

    def _fill(self) -> float:
        began = time.perf_counter()
        self._window.repaint()
        on_screen()
        return 1e3 * (time.perf_counter() - began)


class EmptySwap:
    """One frame of an OpenGL widget that draws nothing, in an otherwise plain window."""

    def __init__(self, window: tuple[int, int], widget: tuple[int, int]) -> None:
        """The size of the window, and of the OpenGL widget in it, pixels."""
        wanted = QSurfaceFormat()
        wanted.setVersion(3, 3)
        wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        self._window = _Plain()
        self._widget = QOpenGLWidget(self._window)
        self._widget.setFormat(wanted)
        self._widget.resize(*widget)
        self._widget.frameSwapped.connect(self._on_swap)
        self._swapped = False
        self._window.resize(*window)

    def measure(self, count: int) -> list[float]:
        """Milliseconds each, from the request for a new frame until it is on the screen.

        Raises:
            StudioError: there is no OpenGL, so nothing is swapped.
        """
        with _on_top(self._window):
            return [self._swap() for _ in range(WARM + count)][WARM:]

    def _swap(self) -> float:
        self._swapped = False
        began = time.perf_counter()
        self._widget.update()
        while not self._swapped:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if time.perf_counter() > began + PATIENCE_S:
                raise StudioError("The yardstick needs OpenGL 3.3; nothing was drawn. Try LIBGL_ALWAYS_SOFTWARE=1.")
        on_screen()
        return 1e3 * (time.perf_counter() - began)

    def _on_swap(self) -> None:
        self._swapped = True


@contextmanager
def _on_top(window: QWidget) -> Iterator[None]:
    """Show a window above all others, which keep the keyboard, and hide it again."""
    window.setWindowFlags(Qt.WindowType.ToolTip | Qt.WindowType.WindowDoesNotAcceptFocus)
    window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    window.show()
    window.raise_()
    _settle()
    try:
        yield
    finally:
        window.hide()
        _settle()


def _settle() -> None:
    """Let exposed windows paint themselves, which is not measured."""
    for _ in range(5):
        QApplication.processEvents()
        on_screen()
