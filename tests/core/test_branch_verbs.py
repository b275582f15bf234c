"""Verbs on branches beyond labels: new here, continue, replay from here, proposals, the history, and its store."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import verbs as v
from core.branch_tree import Head
from core.errors import IllegalVerb
from core.recorder import Recorder
from core.session import Session
from core.store.archive import open_archive
from core.store.small_tables import BRANCHES
from tests.core.driving import open_session, push, steps


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    made = Recorder(tmp_path / "session", sync=False)
    yield made
    made.abandon()


@pytest.fixture
def session(recorder: Recorder) -> Session:
    """A rollout of six steps and a correction of three from its third."""
    made = open_session(sink=recorder, archive=recorder.archive, operator="Ada")
    made.apply(v.Run())
    steps(made, 6)
    made.apply(v.RollBack(0, 3))
    made.apply(v.TakeOver())
    steps(made, 3, push())
    made.apply(v.Pause())
    return made


def reopened(recorder: Recorder, **options: str) -> Session:
    recorder.close()
    again = Recorder(recorder.archive.folder, sync=False)
    return open_session(sink=again, archive=again.archive, **options)


def test_a_branch_begins_at_any_node(session: Session) -> None:
    session.apply(v.BranchHere(0, 5))
    assert session.head == Head(2, 5)
    assert session.tree.branches[2].parent == 0
    with pytest.raises(IllegalVerb, match="nodes 0 to 6"):
        session.apply(v.BranchHere(0, 7))


def test_continue_goes_on_at_the_end(session: Session) -> None:
    session.apply(v.Continue(0))
    assert session.head == Head(0, 6)
    session.apply(v.Run())
    steps(session, 1)
    assert session.head == Head(0, 7), "nothing was forked from its end"


def test_a_replay_from_here_shares_what_came_before(session: Session) -> None:
    session.apply(v.Replay(0, 4))
    steps(session, 2)
    copy = session.tree.branches[2]
    assert (copy.kind, copy.parent, copy.fork_step, copy.length) == ("replay", 0, 4, 6)
    assert "bit for bit" in session.take_messages()[-1].text
    with pytest.raises(IllegalVerb, match="nodes 3 to 5"):
        session.apply(v.Replay(1, 6))


def test_a_proposal_is_there_at_once_and_can_be_gone_on_with(session: Session) -> None:
    session.apply(v.SetReview("accepted", 1))
    session.apply(v.Propose(1))
    copy = session.tree.branches[2]
    assert (copy.kind, copy.fork_step, copy.length, copy.review) == ("proposal", 3, 6, "unreviewed")
    assert session.head == Head(1, 6)
    assert [step.node.source for step in session.take_copied()] == ["replay"] * 3
    session.apply(v.Continue(2))
    session.apply(v.TakeOver())
    steps(session, 1, push())
    assert session.head == Head(2, 7)
    session.apply(v.Undo())
    assert session.tree.branches[2].discarded
    assert session.head == Head(0, 3)


def test_a_marker_on_any_node_and_its_removal(session: Session) -> None:
    session.apply(v.Mark("failure", "slips", 1, 2))
    assert session.tree.branches[0].markers[0].index == 2, "the node belongs to the parent"
    assert session.tree.branches[0].outcome == "failure"
    session.apply(v.RemoveMarker("failure", 0, 2))
    assert session.tree.branches[0].markers == ()


def test_the_history_is_jumped_through_and_refuses_what_is_not_there(session: Session) -> None:
    for name in "abc":
        session.apply(v.Rename(name, 1))
    session.apply(v.JumpInHistory(1))
    assert session.tree.branches[1].name == "a"
    session.apply(v.JumpInHistory(3))
    assert session.tree.branches[1].name == "c"
    with pytest.raises(IllegalVerb, match="3 entries"):
        session.apply(v.JumpInHistory(4))


def test_what_is_in_the_trash_is_restored_after_reopening(recorder: Recorder, session: Session) -> None:
    session.apply(v.Rename("first try", 1))
    session.apply(v.Discard(1))
    again = reopened(recorder)
    assert [edit.label for edit in again.history.done] == ["name of branch 1", "discarding of branch 1"]
    again.apply(v.Undo())
    assert not again.tree.branches[1].discarded
    again.apply(v.Redo())
    again.apply(v.Restore(1))
    assert again.tree.branches[1].name == "first try"


def test_who_sat_there_and_who_reviewed_is_kept(recorder: Recorder, session: Session) -> None:
    session.apply(v.SetReview("needs_work", 1, "Grace"))
    again = reopened(recorder, operator="Grace")
    assert (again.tree.branches[1].operator, again.tree.branches[1].reviewer) == ("Ada", "Grace")
    again.apply(v.BranchHere(0, 5))
    assert again.tree.branches[2].operator == "Grace"
    attributes = json.loads((recorder.archive.folder / "zarr.json").read_text())["attributes"]
    assert [opening["operator"] for opening in attributes["openings"]][:1] == ["Ada"]


def test_a_store_of_an_earlier_program_opens_and_gains_what_it_lacked(recorder: Recorder, session: Session) -> None:
    recorder.close()
    folder = recorder.archive.folder
    newer = ("note", "color", "pinned", "hidden", "operator", "reviewer", "check")
    for name in newer:
        shutil.rmtree(folder / "branches" / name)
    shutil.rmtree(folder / "edits")
    root = json.loads((folder / "zarr.json").read_text())
    del root["attributes"]["committed"]["edits"], root["attributes"]["operator"]
    del root["attributes"]["checks"]["tables"], root["attributes"]["seal"]
    (folder / "zarr.json").write_text(json.dumps(root))
    known = open_archive(folder)
    assert known.tree().branches[1].operator == ""
    assert known.tree().branches[1].color == -1
    again = Recorder(folder, sync=False)
    continued = open_session(sink=again, archive=again.archive)
    continued.apply(v.SetNote("old", 0))
    again.close()
    assert all((folder / "branches" / column.name / "zarr.json").exists() for column in BRANCHES)
    assert open_archive(folder).tree().branches[0].note == "old"
