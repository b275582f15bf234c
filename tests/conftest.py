"""A screen before Qt loads, cycles collected by the main thread, no thread left behind by a test of the window."""

import atexit
import gc
import os
import shutil
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from app.command.screen import VirtualScreen, has_screen

if TYPE_CHECKING:
    from app.widgets.cyclic_gc import CycleCollector


def pytest_configure(config: pytest.Config) -> None:
    """Start Xvfb where there is no screen; pytest-qt makes the application later.

    Each xdist worker starts its own screen, because windows of two processes on one screen take the focus from each
    other. The xdist controller runs no test and needs none.
    """
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        return
    os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
    if not has_screen() and shutil.which("Xvfb"):
        screen = VirtualScreen(1600, 1200)
        screen.__enter__()
        atexit.register(screen.__exit__, None, None, None)  # before Qt registers its own exit, so it runs after it


@pytest.fixture(scope="session")
def cycle_collector() -> "CycleCollector":
    """One for all tests: it remembers how much the last full collection kept."""
    from app.widgets.cyclic_gc import CycleCollector

    return CycleCollector()


@pytest.fixture(autouse=True)
def cycles_are_collected_by_the_main_thread(cycle_collector: "CycleCollector") -> Iterator[None]:
    """What the application does while it runs: a Qt object in a cycle is destroyed by its own thread."""
    gc.disable()
    yield
    cycle_collector.collect_due()


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
