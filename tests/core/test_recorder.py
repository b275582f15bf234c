"""A failing or slow disk: nothing is dropped, and the caller that wants another step gets an error."""

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from core.errors import BadStore
from core.events import Message
from core.journal import Journal, Record
from core.store.archive import open_archive
from tests.core.stored import expected, node, opened, record, same_stored, trunk

DEADLINE_S = 20.0


def test_a_full_disk_is_reported_and_waiting_steps_are_recorded_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Message] = []
    refused, full = threading.Event(), threading.Event()
    append = Journal.append

    def guarded(journal: Journal, records: list[Record]) -> None:
        if full.is_set():
            refused.set()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(journal, records)

    monkeypatch.setattr(Journal, "append", guarded)
    recorder = opened(tmp_path / "s", tell=told.append)
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 3, 1)
    assert recorder.flush(DEADLINE_S)
    recorder.check()
    full.set()
    record(recorder, 0, 3, 4, 4)
    assert refused.wait(DEADLINE_S)
    assert not recorder.flush(0.5)
    with pytest.raises(BadStore, match="disk is full"):
        recorder.check()
    assert recorder.recorded == 3, "no more is shown than is there"
    full.clear()
    assert recorder.flush(DEADLINE_S)
    recorder.check()
    assert [message.level for message in told] == ["error", "info"]
    recorder.close()
    archive = open_archive(tmp_path / "s")
    assert all(same_stored(archive.node(0, i), expected(i)) for i in range(1, 8))
    assert archive.steps == 7
    caplog.clear()


def test_a_disk_that_does_not_keep_up_stops_the_next_step_and_loses_none(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s", limit=5)
    recorder.episode(trunk(), node(0, start=True))
    busy, free = threading.Event(), threading.Event()

    def hold() -> list[Record]:
        busy.set()
        assert free.wait(DEADLINE_S)
        return []

    recorder._queue.put(hold)
    assert busy.wait(DEADLINE_S)
    record(recorder, 0, 0, 4, 1)
    recorder.check()
    record(recorder, 0, 4, 3, 5)
    with pytest.raises(BadStore, match="does not keep up: 7 steps"):
        recorder.check()
    free.set()
    assert recorder.flush(DEADLINE_S)
    recorder.check()
    recorder.close()
    assert open_archive(tmp_path / "s").steps == 7


def test_steps_that_come_as_fast_as_they_can_do_not_pile_up_in_memory(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    most = 0
    for number in range(1500):
        while recorder.waiting > 64:
            time.sleep(0.001)
        record(recorder, 0, number, 1, number + 1)
        most = max(most, len(recorder._writer.contents.pending))
    recorder.close()
    assert most < 700, "what is only in the journal is kept in memory, too"
    assert open_archive(tmp_path / "s").steps == 1500
