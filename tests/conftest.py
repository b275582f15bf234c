"""A screen before Qt loads, and no thread left behind by a test of the window."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.command.screen import VirtualScreen, has_screen

_screen = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start Xvfb where there is no screen; pytest-qt makes the application later.

    Each xdist worker starts its own screen, because windows of two processes on one screen take the focus from each
    other. The xdist controller runs no test and needs none.
    """
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        return
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    if not has_screen() and shutil.which("Xvfb"):
        _screen.enter_context(VirtualScreen(1600, 1200))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what pytest_configure started."""
    _screen.close()


@pytest.fixture(autouse=True)
def no_dangling_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test under tests/app ends with the threads that it began with."""
    if "tests/app/" not in request.node.nodeid:
        yield
        return
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 3.0
    left = set(threading.enumerate()) - before
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = {thread for thread in left if thread.is_alive()}
    names = ", ".join(sorted(thread.name for thread in left))
    assert not left, f"threads left behind: {names}"
