"""Leaving a page never waits for what is being read, and an abandoned answer is not shown."""

import threading
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.playback.background import Background, Tell
from app.playback.frame_reader import FrameReader, Place

PATIENCE_S = 10.0


def test_an_abandoned_answer_is_not_shown_and_the_next_one_is(qtbot: QtBot) -> None:
    reading, shown = Background("review reader"), list[object]()
    reading.part.connect(shown.append)
    reading.done.connect(shown.append)
    begun, go = threading.Event(), threading.Event()

    def slow(tell: Tell) -> str:
        begun.set()
        assert go.wait(PATIENCE_S)
        tell("a part")
        return "slow"

    reading.ask(slow)
    assert begun.wait(PATIENCE_S)
    reading.cancel()  # returns although the thread still reads
    assert not reading.waiting
    reading.ask(lambda tell: "quick")
    go.set()
    qtbot.waitUntil(lambda: bool(shown), timeout=10_000)
    assert shown == ["quick"]
    reading.stop()


def test_an_error_of_the_program_is_reported_in_words(qtbot: QtBot) -> None:
    reading, failed = Background("review reader"), list[str]()
    reading.failed.connect(failed.append)
    reading.ask(lambda tell: [][0])
    qtbot.waitUntil(lambda: bool(failed), timeout=10_000)
    assert "IndexError" in failed[0]
    reading.stop()


class Slow:
    """A cache of frames that can be held."""

    def __init__(self) -> None:
        self.read: list[Place] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def frame(self, branch: int, node: int, camera: str) -> Any:
        self.read.append((branch, node))
        self.begun.set()
        assert self.go.wait(PATIENCE_S)
        return np.zeros((1, 1, 3), np.uint8)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    cache = Slow()
    monkeypatch.setattr("app.playback.frame_reader.FrameCache", lambda archive: cache)
    return cache


def test_a_request_comes_before_prefetching_and_prefetching_before_thumbnails(qtbot: QtBot, slow: Slow) -> None:
    reader, filled = FrameReader(None, ("top",)), list[Place]()  # type: ignore[arg-type]
    reader.filled.connect(lambda branch, node, frames: filled.append((branch, node)))
    reader.ask(0, 1)
    assert slow.begun.wait(PATIENCE_S)
    reader.fill([(0, 70), (0, 80)])
    reader.ask(0, 5)
    reader.ask(0, 9, ahead=[(0, 10), (0, 11)])
    slow.go.set()
    qtbot.waitUntil(lambda: len(filled) == 2, timeout=10_000)
    assert slow.read == [(0, 1), (0, 9), (0, 10), (0, 11), (0, 70), (0, 80)]
    reader.stop()


def test_a_reader_stops_without_waiting_for_the_frame_that_it_reads(qapp: object, slow: Slow) -> None:
    reader = FrameReader(None, ("top",))  # type: ignore[arg-type]
    reader.ask(0, 1, ahead=[(0, 2)])
    assert slow.begun.wait(PATIENCE_S)
    reader.stop(wait=False)
    slow.go.set()
    reader.stop()
    assert slow.read == [(0, 1)]
