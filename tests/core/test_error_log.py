"""Tracebacks go into one folder of the user, and few of them stay."""

import stat
from pathlib import Path

import pytest

from core import error_log


def test_few_logs_stay_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_log, "folder", lambda: tmp_path / "logs")
    for number in range(error_log.KEPT + 5):
        written = error_log.write(ValueError(f"error {number}"))
        assert written is not None
        assert f"error {number}" in written.read_text()
    assert len(list((tmp_path / "logs").iterdir())) == error_log.KEPT
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700


def test_where_no_folder_can_be_made_the_temporary_one_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(error_log, "folder", lambda: tmp_path / "file/logs")
    monkeypatch.setattr(error_log.tempfile, "gettempdir", lambda: str(tmp_path))
    written = error_log.write(ValueError("no place"))
    assert written is not None
    assert written.parent == tmp_path
