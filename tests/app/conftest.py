"""A studio on the toy world, closed at the end of its test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.application import Application
from app.opening.config import Config
from app.widgets import theme
from app.window.settings import WindowSettings


@pytest.fixture
def make_studio(qtbot: QtBot, qapp: object, tmp_path: Path) -> Iterator[Callable[..., Application]]:
    """Make an application that records under tmp_path and remembers nothing of the user's own."""
    from PyQt6.QtWidgets import QApplication

    if isinstance(qapp, QApplication) and not qapp.styleSheet():
        theme.apply(qapp)
    made: list[Application] = []

    def make(**changes: object) -> Application:
        rows = {name: changes.pop(name) for name in ("commands", "pages") if name in changes}
        values: dict[str, object] = {"world": "toy", "sessions": tmp_path / "sessions", "speed": 4.0, **changes}
        settings = WindowSettings(tmp_path / "window.ini")
        studio = Application(Config(**values), settings, **rows)  # type: ignore[arg-type]
        made.append(studio)
        return studio

    yield make
    for studio in made:
        studio.dispose()


@pytest.fixture
def studio(make_studio: Callable[..., Application], qtbot: QtBot) -> Application:
    """An application on the toy world that is ready to be driven."""
    studio = make_studio()
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=5000)
    return studio
