import errno
import os
from pathlib import Path

import pytest

from core.errors import BadStore
from core.journal import OVERHEAD, Journal, Record, replay

RECORDS = [Record(1, b"first"), Record(200, b""), Record(7, bytes(range(256)) * 3)]


def written(path: Path, records: list[Record]) -> bytes:
    journal = Journal(path)
    journal.append(records)
    journal.sync()
    journal.close()
    return path.read_bytes()


def test_what_was_appended_comes_back(tmp_path: Path) -> None:
    data = written(tmp_path / "j", RECORDS)
    found = replay(tmp_path / "j")
    assert list(found.records) == RECORDS
    assert found.good == found.total == len(data)
    assert found.torn == 0


def test_torn_at_every_byte_of_the_last_record_it_is_cut_exactly_there(tmp_path: Path) -> None:
    data, path = written(tmp_path / "j", RECORDS), tmp_path / "torn"
    start = len(data) - OVERHEAD - len(RECORDS[-1].payload)
    for end in range(start, len(data)):
        path.write_bytes(data[:end])
        found = replay(path)
        assert list(found.records) == RECORDS[:-1]
        assert (found.good, found.torn) == (start, end - start)


def test_every_flipped_byte_of_the_last_record_is_noticed(tmp_path: Path) -> None:
    data, path = written(tmp_path / "j", RECORDS[:1]), tmp_path / "flipped"
    start = len(data) - OVERHEAD - len(RECORDS[0].payload)
    for place in range(start, len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x40]) + data[place + 1 :])
        assert replay(path).records == ()
        assert replay(path).good == start


def test_a_tail_of_garbage_is_cut(tmp_path: Path) -> None:
    data = written(tmp_path / "j", RECORDS)
    (tmp_path / "j").write_bytes(data + os.urandom(1000))
    assert list(replay(tmp_path / "j").records) == RECORDS
    assert replay(tmp_path / "j").torn == 1000


@pytest.mark.parametrize("length", range(16))
def test_killed_while_it_was_created_it_is_empty(tmp_path: Path, length: int) -> None:
    (tmp_path / "j").write_bytes(written(tmp_path / "whole", [])[:length])
    assert replay(tmp_path / "j").records == ()


def test_another_version_is_refused_with_the_fix(tmp_path: Path) -> None:
    data = bytearray(written(tmp_path / "j", RECORDS))
    data[8] = 9
    (tmp_path / "j").write_bytes(data)
    with pytest.raises(BadStore, match="has version 9; this program reads version 1"):
        replay(tmp_path / "j")


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(b"PNG or whatever it is")
    with pytest.raises(BadStore, match="not a journal"):
        replay(tmp_path / "j")


def test_it_does_not_overwrite_a_journal(tmp_path: Path) -> None:
    written(tmp_path / "j", RECORDS)
    with pytest.raises(FileExistsError):
        Journal(tmp_path / "j")
    assert list(replay(tmp_path / "j").records) == RECORDS


class FullDisk:
    """Takes a number of bytes, then is full, until it is emptied."""

    def __init__(self, file: object, room: int) -> None:
        self.file, self.room = file, room

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)

    def write(self, data: memoryview) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken: int = self.file.write(data[: self.room])  # type: ignore[attr-defined]
        self.room -= taken
        return taken


@pytest.mark.parametrize("room", [0, 3, 20, 300])
def test_a_full_disk_appends_nothing_and_may_be_tried_again(tmp_path: Path, room: int) -> None:
    journal = Journal(tmp_path / "j")
    journal.append(RECORDS[:1])
    real = journal._file
    journal._file = FullDisk(real, room)  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space"):
        journal.append(RECORDS[1:])
    assert list(replay(tmp_path / "j").records) == RECORDS[:1]
    assert replay(tmp_path / "j").torn == 0
    journal._file = real
    journal.append(RECORDS[1:])
    journal.close()
    assert list(replay(tmp_path / "j").records) == RECORDS


def test_a_moved_folder_is_noticed_before_a_byte_is_lost(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    journal = Journal(tmp_path / "a" / "j")
    (tmp_path / "a").rename(tmp_path / "b")
    with pytest.raises(FileNotFoundError):
        journal.append(RECORDS)
    (tmp_path / "b").rename(tmp_path / "a")
    journal.append(RECORDS)
    journal.close()
    assert list(replay(tmp_path / "a" / "j").records) == RECORDS
