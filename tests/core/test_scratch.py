"""A session that is not kept does not grow in memory, and leaves no files."""

import os
import time
from pathlib import Path

import pytest

from core import verbs as v
from core.errors import BadStore
from core.scratch import PREFIX, Scratch, sweep
from tests.core.driving import open_session, same_node, steps
from tests.core.session_machine import Endless

MEMORY = 40_000


def test_states_leave_memory_and_come_back(tmp_path: Path) -> None:
    scratch, kept = Scratch(place=tmp_path), open_session(task=Endless())
    session = open_session(sink=scratch, archive=scratch.archive, task=Endless(), memory=MEMORY)
    for one in (session, kept):
        one.apply(v.Run())
        steps(one, 100)
    assert scratch.flush()
    for one in (session, kept):
        steps(one, 20)
    assert scratch.flush()
    for one in (session, kept):
        steps(one, 1)  # a state goes when the next one comes and the disk holds it
    assert session._cache.bytes <= MEMORY < kept._cache.bytes
    assert session.recorded == 0, "nothing of it is kept"
    for index in range(122):
        assert same_node(session, session.node_at(0, index), kept.node_at(0, index))
    scratch.close()
    scratch.close()
    assert list(tmp_path.iterdir()) == []


def test_what_killed_programs_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    live = Scratch(place=tmp_path)
    for name, age in [("dead", 3600), ("young", 0)]:
        (tmp_path / f"{PREFIX}{name}" / "session").mkdir(parents=True)
        os.utime(tmp_path / f"{PREFIX}{name}", (time.time() - age, time.time() - age))
    (tmp_path / "somebody-else").mkdir()
    for folder in tmp_path.glob(f"{PREFIX}*"):
        if folder.name not in (f"{PREFIX}dead", f"{PREFIX}young"):
            os.utime(folder, (0, 0))  # it runs for days
    sweep(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {live._place.name, f"{PREFIX}young", "somebody-else"}
    live.close()


def test_a_missing_temporary_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BadStore, match="no room for temporary files"):
        Scratch(place=tmp_path / "nowhere")
