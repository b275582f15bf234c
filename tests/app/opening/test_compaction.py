from pathlib import Path

import pytest

from app.opening import compaction
from app.opening.session_folder import close_recorder
from core.store.archive import open_archive
from core.store.verify import verify
from tests.core.stored import expected, node, opened, record, same_stored, trunk


def test_a_closed_session_is_compacted_by_a_separate_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "WORTH", 100)
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 120, 1)
    close_recorder(recorder, new=True, tell=lambda message: None, compact=True)
    program = compaction._running[-1]
    assert program.wait(60) == 0
    assert (tmp_path / "s/frames/top/0.0.0.0").exists()
    assert not list((tmp_path / "s").glob("nodes/*/c.*"))
    archive = open_archive(tmp_path / "s")
    assert all(same_stored(archive.node(0, i), expected(i)) for i in range(1, 121))
    assert verify(tmp_path / "s").findings == []


def test_a_short_session_is_left_as_it_is(tmp_path: Path) -> None:
    assert compaction.compact_later(tmp_path, compaction.WORTH - 1) is None


def test_a_session_that_is_opened_again_at_once_does_not_wait_for_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "WORTH", 100)
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 150, 1)
    close_recorder(recorder, new=True, tell=lambda message: None, compact=True)
    again = opened(tmp_path / "s")
    assert again.archive.steps == 150
    record(again, 0, 150, 3, 151)
    assert compaction._running[-1].wait(60) in (0, 1), "it yielded, or found the session open"
    again.close()
    assert verify(tmp_path / "s").findings == []
    assert same_stored(open_archive(tmp_path / "s").node(0, 153), expected(153))
