"""What this machine does at best, to be measured in the same run as a figure and in turn with it.

An absolute time says little where machines differ by a factor of two and are shared with other programs; its ratio to
one of these holds on any machine.
"""

import time
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QEvent, QEventLoop
from PyQt6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QSurfaceFormat
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QApplication, QMainWindow, QWidget

from core.errors import StudioError

PATIENCE_S: Final = 10.0


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
        self._widget = _Plain()
        self._widget.resize(width, height)

    def show(self) -> None:
        """Put it on the screen, above other windows."""
        _present(self._widget)

    def measure(self) -> float:
        """Milliseconds of one."""
        began = time.perf_counter()
        self._widget.repaint()
        on_screen()
        return 1e3 * (time.perf_counter() - began)

    def close(self) -> None:
        """Remove it."""
        _remove(self._widget)


class EmptySwap:
    """The swap of a window of some size in which an OpenGL widget that draws nothing has the place of the pictures."""

    def __init__(self, width: int, height: int, share: tuple[int, int]) -> None:
        """The size of the window, and of the OpenGL widget in it, pixels."""
        wanted = QSurfaceFormat()
        wanted.setVersion(3, 3)
        wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
        self._window, self._widget = QMainWindow(), QOpenGLWidget()
        self._widget.setFormat(wanted)
        self._widget.setFixedSize(*share)
        around = QWidget()
        self._widget.setParent(around)
        self._window.setCentralWidget(around)
        self._window.resize(width, height)

    def show(self) -> None:
        """Put it on the screen, above other windows."""
        _present(self._window)

    def measure(self) -> float:
        """Milliseconds from the request for a new frame until it is on the screen.

        Raises:
            StudioError: no OpenGL here, so nothing is swapped.
        """
        swapped: list[float] = []
        self._widget.frameSwapped.connect(lambda: swapped.append(time.perf_counter()))
        began = time.perf_counter()
        self._widget.update()
        while not swapped:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if time.perf_counter() > began + PATIENCE_S:
                raise StudioError(
                    "The yardstick needs OpenGL 3.3, and no frame was swapped. Try LIBGL_ALWAYS_SOFTWARE=1."
                )
        self._widget.frameSwapped.disconnect()
        on_screen()
        return 1e3 * (time.perf_counter() - began)

    def close(self) -> None:
        """Remove it."""
        _remove(self._window)


def in_turn(figure: Callable[[], float], yardstick: Callable[[], float], count: int) -> tuple[list[float], list[float]]:
    """Measure a figure and its yardstick in turn, `count` times each."""
    pairs = [(figure(), yardstick()) for _ in range(count)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _present(widget: QWidget) -> None:
    widget.show()
    widget.raise_()
    for _ in range(20):
        QApplication.processEvents()


def _remove(widget: QWidget) -> None:
    widget.close()
    widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
