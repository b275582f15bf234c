"""The real application in a real window, for benchmarks: opened on the screen that is there or on a virtual one."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEventLoop, QTimer, pyqtBoundSignal

from app.application import Application
from app.command.screen import VirtualScreen, has_screen
from app.opening.config import Config
from app.window.settings import WindowSettings
from benchmarks.yardsticks import EmptySwap
from core.errors import StudioError
from core.verbs import Verb
from devices.discovery import Driver

SIZE = (1280, 800)
"""Of the window, pixels."""
DISPLAY_FRAME_MS = 1000 / 60
"""One frame of a usual display."""
PATIENCE_S = 60.0


class NothingCame(StudioError):
    """The application did not do what a benchmark waited for."""


@contextmanager
def open_studio(config: Config, drivers: Mapping[str, Driver] | None = None) -> Iterator[Application]:
    """An application that can be driven; closed afterwards. `drivers` are of hardware, where the configuration asks.

    Raises:
        NothingCame: it could not be opened; its own words.
    """
    from app.qt import make_qt

    with ExitStack() as stack:
        if not has_screen():
            stack.enter_context(VirtualScreen(*SIZE))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        qt = make_qt()
        studio = Application(replace(config, size=SIZE), WindowSettings(folder / "window.ini"), drivers)
        why: list[str] = []
        studio.switcher.failed.connect(why.append)
        try:
            shown = wait_for([studio.display.shown, studio.switcher.failed], lambda _: True, studio.start)
            if why:
                raise NothingCame(why[0])
            del shown
            yield studio
        finally:
            studio.dispose()
            qt.quit()


def wait_for(
    signals: list[pyqtBoundSignal],
    condition: Callable[[Any], bool],
    act: Callable[[], object] = lambda: None,
    limit_s: float = PATIENCE_S,
) -> Any:
    """Run Qt's own event loop until one of the signals brings what is waited for; what it brought.

    Args:
        signals: With one argument each.
        condition: Whether an argument is the one.
        act: Called first, when the signals are already connected.
        limit_s: Seconds.

    Raises:
        NothingCame: the time is up.
    """
    loop, found = QEventLoop(), list[Any]()

    def hear(value: object) -> None:
        if not found and condition(value):
            found.append(value)
            loop.quit()

    for signal in signals:
        signal.connect(hear)
    timer = QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(loop.quit)
    timer.start(int(limit_s * 1000))
    try:
        act()
        if not found:
            loop.exec()
    finally:
        for signal in signals:
            signal.disconnect(hear)
    if not found:
        raise NothingCame(f"The application did not answer within {limit_s:.0f} s.")
    return found[0]


def pause(seconds: float) -> None:
    """Let the application run."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def submit(studio: Application, verb: Verb, condition: Callable[[Any], bool]) -> None:
    """A verb, and wait until a status that fulfils the condition is on the screen."""
    wait_for([studio.display.shown], condition, lambda: studio.session.submit(verb))


def empty_swap(studio: Application) -> EmptySwap:
    """The yardstick of a frame: an empty OpenGL widget in the place of the pictures, in a window of the same size."""
    window, pictures = studio.window.size(), studio.viewport.size()
    return EmptySwap((window.width(), window.height()), (pictures.width(), pictures.height()))


def opened(studio: Application) -> str:
    """Which world and policy were opened, in one line."""
    if studio.session.opened is None:
        return "nothing is open"
    parts = studio.session.opened.parts
    world, policy = parts.world.spec.identity, parts.policy.spec.identity
    return (
        f"world {world.name} {world.sha256[:12]} ({world.backend}), "
        f"policy {policy.name} ({policy.backend}), {parts.world.spec.dt * 1e3:.0f} ms per step"
    )
