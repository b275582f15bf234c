"""Where no runtime answers, nothing waits, nothing is found, and words say why. The real loader, in this process."""

import threading
import time
from pathlib import Path

import pytest

from core.errors import DeviceLost
from devices.discovery import Discovered
from devices.openxr import thread as module
from devices.openxr.driver import OpenXrDriver
from devices.openxr.thread import NO_RUNTIME, XrThread


def until(done: object, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.005)
    assert done()  # type: ignore[operator]


def test_without_a_runtime_there_are_no_controllers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "runtime_file", lambda: None)
    driver = OpenXrDriver()
    try:
        assert driver.find() == []
        until(lambda: driver._thread is not None and driver._thread.state.why == NO_RUNTIME)
    finally:
        driver.close()
    assert driver.find() == []  # and it can look again
    driver.close()


def test_a_runtime_that_does_not_answer_is_tried_again_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "active_runtime.json"
    file.write_text('{"runtime": {"name": "Gone", "library_path": "/nowhere/libgone.so"}}')
    monkeypatch.setenv("XR_RUNTIME_JSON", str(file))
    monkeypatch.setattr(module, "FIRST_RETRY", 0.01)
    tries = []
    opened = XrThread._opened
    monkeypatch.setattr(XrThread, "_opened", lambda self: tries.append(1) or opened(self))
    thread = XrThread()
    thread.start()
    try:
        until(lambda: len(tries) >= 3)
        assert "does not answer" in thread.state.why
        with pytest.raises(DeviceLost, match="does not answer"):
            OpenXrDriver(thread).device(Discovered("openxr", "controllers", "VR controllers", 2)).connect()
    finally:
        thread.stop()


def test_a_session_that_cannot_even_be_closed_is_followed_by_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    class Torn:
        runtime, system, drawing, running = "Torn", "a headset", False, False

        def poll(self) -> None:
            raise RuntimeError("the driver is gone")

        def close(self) -> None:
            raise RuntimeError("and says so twice")

    tries = []
    monkeypatch.setattr(module, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(XrThread, "_opened", lambda self: tries.append(1) or Torn())
    thread = XrThread()
    thread.start()
    try:
        until(lambda: len(tries) >= 3)
    finally:
        thread.stop()


def test_a_thread_that_hangs_in_the_runtime_gets_no_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, free = threading.Event(), threading.Event()

    def hang(_: XrThread) -> None:
        entered.set()
        free.wait()
        raise DeviceLost("The runtime returned at last.")

    monkeypatch.setattr(XrThread, "_opened", hang)
    monkeypatch.setattr("devices.openxr.thread.LEAVE", 0.01)
    xr = XrThread()
    xr.start()
    assert entered.wait(10.0)
    xr.stop()
    xr.start()
    assert [thread.name for thread in threading.enumerate()].count("openxr") == 1
    assert "Restart the runtime" in xr.state.why
    free.set()
    until(lambda: not any(thread.name == "openxr" for thread in threading.enumerate()))
    entered.clear()
    xr.start()
    assert entered.wait(10.0), "once the old thread has ended, a new one starts"
    xr.stop()
