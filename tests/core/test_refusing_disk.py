"""Real disks that refuse: full, read-only, gone. Clear words, nothing lost, nothing half there."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core import verbs as v
from core.branch_tree import Head
from core.errors import BadStore, StoreBusy, WrongIdentity
from core.events import Message
from core.recorder import Recorder
from core.store.archive import open_archive
from core.store.compaction import compacting
from core.store.repair import repair
from core.store.verify import verify
from tests.core.driving import open_session, push, same_node, steps
from tests.core.stored import expected, node, opened, record, same_stored, trunk
from tests.core.test_resume import Renamed

DEADLINE_S = 20.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of six megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root on Linux")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def fill(disk: Path) -> None:
    """Leave no room for a single block."""
    with suppress(OSError), open(disk / "filler", "wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))


def all_there(folder: Path, steps_told: int) -> None:
    archive = open_archive(folder)
    assert archive.steps == steps_told
    assert all(same_stored(archive.node(0, i), expected(i)) for i in range(1, steps_told + 1))


def test_a_disk_that_is_really_full_stops_the_next_step_and_loses_none(small_disk: Path) -> None:
    told: list[Message] = []
    recorder = opened(small_disk / "s", tell=told.append)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(5_200_000))
    recorder.episode(trunk(), node(0, start=True))
    count = 0
    while not told:  # a step weighs some twelve kilobytes
        record(recorder, 0, count, 1, count + 1)
        count += 1
        assert count < 200
        recorder.flush(0.05)
    assert "disk is full" in told[0].text
    assert "What was recorded is safe" in told[0].text
    with pytest.raises(BadStore, match="Free some space"):
        recorder.check()
    assert recorder.recorded < count
    unwritten = recorder.unwritten
    assert unwritten is not None
    assert unwritten.steps == count - recorder.recorded
    assert unwritten.words() == f"{unwritten.steps} step{'' if unwritten.steps == 1 else 's'}"
    all_there(small_disk / "s", recorder.recorded)
    filler.unlink()
    assert recorder.flush(DEADLINE_S)
    recorder.check()
    assert told[-1].level == "info"
    assert recorder.unwritten is None
    recorder.close()
    all_there(small_disk / "s", count)
    assert verify(small_disk / "s").findings == []


def test_a_disk_that_stays_full_keeps_what_was_recorded(small_disk: Path) -> None:
    recorder = opened(small_disk / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 20, 1)
    assert recorder.flush(DEADLINE_S)
    fill(small_disk)
    with pytest.raises(BadStore, match=r"disk is full.*What was recorded is safe"):
        recorder.close(2.0)
    recorder.abandon()
    all_there(small_disk / "s", 20)
    with pytest.raises(BadStore, match="No space left"):
        opened(small_disk / "s")
    all_there(small_disk / "s", 20)
    (small_disk / "filler").unlink()
    opened(small_disk / "s").close()
    all_there(small_disk / "s", 20)
    assert verify(small_disk / "s").findings == []


def test_a_folder_in_the_place_of_a_journal_is_refused_in_words(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 3, 1)
    assert recorder.flush(DEADLINE_S)
    recorder.abandon()
    (journal,) = (tmp_path / "s" / "journal").glob("*.journal")
    journal.unlink()
    journal.mkdir()
    with pytest.raises(BadStore, match=r"journal .* cannot be read: it is a folder.*Restore it"):
        open_archive(tmp_path / "s")


def test_a_full_disk_lets_a_compaction_give_up_and_the_session_is_as_it_was(small_disk: Path) -> None:
    recorder = opened(small_disk / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 40, 1)
    recorder.close()
    fill(small_disk)
    with pytest.raises(OSError, match="No space"):
        list(compacting(small_disk / "s"))
    all_there(small_disk / "s", 40)
    (small_disk / "filler").unlink()
    list(compacting(small_disk / "s"))
    all_there(small_disk / "s", 40)
    assert verify(small_disk / "s").findings == []


def test_a_file_size_limit_is_named(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
from core.errors import BadStore
from tests.core.stored import node, opened, record, trunk
recorder = opened(Path(sys.argv[1]))
recorder.episode(trunk(), node(0, start=True))
recorder.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
record(recorder, 0, 0, 20, 1)
recorder.flush(1.0)
try:
    recorder.check()
except BadStore as error:
    print(recorder.recorded, error, flush=True)
import os
os._exit(0)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "s")], cwd=root, capture_output=True, text=True, timeout=60
    )
    shown, words = done.stdout.split(" ", 1)
    assert "may not grow any more" in words
    assert open_archive(tmp_path / "s").steps >= int(shown)
    opened(tmp_path / "s").close()
    assert verify(tmp_path / "s").ok


def test_a_read_only_session_is_read_checked_and_not_written(small_disk: Path) -> None:
    recorder = opened(small_disk / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 5, 1)
    recorder.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    all_there(small_disk / "s", 5)
    assert verify(small_disk / "s").ok
    for work in (opened, repair, lambda folder: list(compacting(folder))):
        with pytest.raises(BadStore, match="Read-only file system"):
            work(small_disk / "s")
    with pytest.raises(BadStore, match="cannot be made: Read-only file system"):
        opened(small_disk / "new")
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)


def test_a_session_that_is_moved_away_and_put_back_loses_nothing(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 5, 1)
    assert recorder.flush(DEADLINE_S)
    os.rename(tmp_path / "s", tmp_path / "moved")
    record(recorder, 0, 5, 3, 6)
    assert not recorder.flush(0.5)
    with pytest.raises(BadStore, match=r"moved or deleted\. Put it back"):
        recorder.check()
    assert not (tmp_path / "s").exists()
    os.rename(tmp_path / "moved", tmp_path / "s")
    assert recorder.flush(DEADLINE_S)
    recorder.close()
    all_there(tmp_path / "s", 8)


def test_a_session_that_is_deleted_while_it_is_recorded_does_not_come_back_in_parts(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 62, 1)
    assert recorder.flush(DEADLINE_S)
    shutil.rmtree(tmp_path / "s")
    record(recorder, 0, 62, 10, 63)
    wait_for(lambda: bool(recorder._trouble))
    with pytest.raises(BadStore, match="moved or deleted"):
        recorder.check()
    with pytest.raises(BadStore, match="newer steps and changes are not on the disk"):
        recorder.close(1.0)
    recorder.abandon()
    assert not (tmp_path / "s").exists()


def test_two_programs_on_one_session(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 5, 1)
    assert recorder.flush(DEADLINE_S)
    program = "import sys; from pathlib import Path; from core.recorder import Recorder; Recorder(Path(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "s")],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert f"is being recorded by another program (process {os.getpid()}" in done.stderr
    with pytest.raises(StoreBusy, match="Close it there first"):
        opened(tmp_path / "s")
    record(recorder, 0, 5, 5, 6)
    recorder.close()
    all_there(tmp_path / "s", 10)


def test_who_opens_a_session_that_is_being_closed_waits_for_it(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 60, 1)
    recorder._closing = True  # as close() does, but without waiting for the thread
    again = opened_patiently(tmp_path / "s")
    assert again.archive.steps == 60
    again.close()
    all_there(tmp_path / "s", 60)


def opened_patiently(folder: Path) -> Recorder:
    """Opened again and again, as a user who clicks would."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            return opened(folder)
        except StoreBusy:
            assert time.monotonic() < deadline


def test_a_failure_of_last_week_is_gone_on_from_by_the_same_world_and_by_no_other(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "s", sync=False)
    session = open_session(sink=recorder, archive=recorder.archive)
    session.apply(v.Run())
    steps(session, 30)
    session.apply(v.Mark("failure", "slips"))
    failed = session.node
    session.apply(v.NewEpisode())
    session.apply(v.Run())
    steps(session, 5)
    recorder.close()
    for _ in compacting(tmp_path / "s"):
        pass

    again = Recorder(tmp_path / "s", sync=False)
    reopened = open_session(sink=again, archive=again.archive)
    assert reopened.tree.branches[0].markers[0].text == "slips"
    reopened.apply(v.RollBack(0, 30))
    assert same_node(reopened, reopened.node, failed)
    session.apply(v.RollBack(0, 30))
    for one in (session, reopened):
        one.apply(v.TakeOver())
    for old, new in zip(steps(session, 8, push(1.0, 0.4)), steps(reopened, 8, push(1.0, 0.4)), strict=True):
        assert old.node.world_state.block.tobytes() == new.node.world_state.block.tobytes()
        assert (old.branch, old.index) == (new.branch, new.index)
    assert reopened.head == Head(2, 38)
    again.close()

    other = Recorder(tmp_path / "s", sync=False)
    with pytest.raises(WrongIdentity, match="Open it with the world that made it"):
        open_session(world=Renamed(sha256="0" * 64), sink=other, archive=other.archive)
    other.close()
    assert verify(tmp_path / "s").findings == []
    assert open_archive(tmp_path / "s").steps == 43
