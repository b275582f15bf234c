import hashlib
from pathlib import Path

import pytest

from core import verbs as v
from core.recorder import Recorder
from core.session import Session
from tests.core.driving import open_session, push, steps

RECORDED = "021999d0e85c4a0602513193c8e7df509333c0e0b911952e2728b45b529286ee"
"""SHA-256 over the arrays that this session has always left on the disk."""


def drive(session: Session) -> None:
    """A rollout, a correction by hand, a replay of it, a duplicate, a discarded branch and a second episode."""
    session.apply(v.Run())
    steps(session, 40)
    session.apply(v.RollBack(0, 12))
    session.apply(v.TakeOver())
    steps(session, 7, push(0.8, -0.4))
    session.apply(v.Pause())
    session.apply(v.Replay(1))
    steps(session, 7)
    session.apply(v.Propose(1))
    session.apply(v.Discard())
    session.apply(v.NewEpisode())
    session.apply(v.StepOnce())
    steps(session, 1)


def digest(folder: Path) -> str:
    """Of every array that holds nodes, frames or states; metadata names versions, so it is left out."""
    found = hashlib.sha256()
    for part in ("nodes", "frames", "states", "shared"):
        for file in sorted(path for path in (folder / part).rglob("*") if path.is_file() and path.suffix != ".json"):
            found.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return found.hexdigest()


def test_a_replayed_session_is_recorded_byte_for_byte_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1.76e9)
    recorder = Recorder(tmp_path / "session", sync=False)
    drive(open_session(seed=3, sink=recorder, archive=recorder.archive))
    recorder.close()
    assert digest(tmp_path / "session") == RECORDED
