"""A search that is killed while it records: what it listed is whole, and the same command goes on."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from core.store.archive import open_archive
from models.failures.listing import read_listing

ROOT = Path(__file__).resolve().parents[3]


def words(folder: Path, attempts: int) -> list[str]:
    return [
        sys.executable, "main.py", "find-failures", "--world", "toy", "--policy", "toy", "--max-steps", "6",
        "--attempts", str(attempts), "--out", str(folder), "--json", "--progress", "json",
    ]  # fmt: skip


def test_a_killed_search_loses_nothing_that_it_listed(tmp_path: Path) -> None:
    folder = tmp_path / "found"
    with subprocess.Popen(words(folder, 10_000), cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as job:
        assert job.stderr is not None
        told = [json.loads(job.stderr.readline())["progress"] for _ in range(3)]
        job.send_signal(signal.SIGKILL)
    assert [one["attempts"] for one in told] == [1, 2, 3]
    killed = read_listing(folder)
    assert killed is not None
    assert len(killed.attempts) >= 3
    more = len(killed.attempts) + 2
    done = subprocess.run(words(folder, more), cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["attempts"] == more
    after = read_listing(folder)
    assert after is not None
    assert after.attempts[: len(killed.attempts)] == killed.attempts
    for one in after.attempts:
        if one.branch is not None:
            archive = open_archive(folder / one.session, checked=True)
            assert not archive.recovery.damaged
            assert archive.node(one.branch, one.steps).progress == one.progress
