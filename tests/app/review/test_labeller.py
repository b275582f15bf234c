"""Labels of a session that is not open for driving: written by the real recorder, read back by another reader."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.review.labeller import FolderLabeller, own
from app.review.loader import load
from core.branch_tree import Head
from core.edits import LabelVerb, edit_of
from core.recorder import Recorder
from core.store.archive import open_archive
from core.verbs import Discard, Rename, SetNote, SetReview
from tests.app.recorded_session import write_small


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return write_small(tmp_path / "small", operator="mia")


def desk_on(session: Path) -> FolderLabeller:
    loaded = load(session)
    assert loaded.archive is not None
    return FolderLabeller(loaded.archive, loaded.why_not)


def test_labels_show_at_once_and_are_on_disk_after_closing(session: Path) -> None:
    desk = desk_on(session)
    desk.label(SetReview("accepted", 2, "noa"))
    desk.label(SetNote("clean", 2))
    desk.label(SetReview("rejected", 1, "noa"))
    assert desk.tree.branches[2].review == "accepted"
    desk.close()
    there = open_archive(session)
    branch = there.tree().branches[2]
    assert (branch.review, branch.reviewer, branch.note) == ("accepted", "noa", "clean")
    assert there.tree().branches[1].review == "rejected"
    assert there.steps == 12 + 8 + 10, "labels cost no step"
    assert not (session / "writer.lock").exists()


VERBS = [
    (SetReview("accepted", 2), True),
    (SetNote("clean", 2), True),
    (Rename("review", 2), False),
    (Discard(2), False),
]


@pytest.mark.parametrize(("verb", "reviewers"), VERBS)
def test_a_reviewer_s_edit_is_known_by_what_it_changes_and_not_by_its_words(
    session: Path, verb: LabelVerb, reviewers: bool
) -> None:
    edit = edit_of(open_archive(session).tree(), Head(0, 0), verb)
    assert edit is not None
    for label in (edit.label, "review of something", "anything"):
        assert own(replace(edit, label=label)) == (label if reviewers else "")
    assert own(None) == ""


def test_undo_and_redo_are_on_disk_and_outlive_the_review(session: Path) -> None:
    desk = desk_on(session)
    desk.label(SetReview("accepted", 2))
    desk.undo()
    desk.undo()
    assert desk.tree.branches[2].review == "unreviewed"
    desk.redo()
    assert desk.undo_label.startswith("review")
    desk.close()
    again = desk_on(session)
    assert again.tree.branches[2].review == "accepted"
    again.undo()
    again.close()
    assert open_archive(session).tree().branches[2].review == "unreviewed"


def test_the_folder_is_held_from_the_first_label_to_the_rest(session: Path, qtbot: QtBot) -> None:
    desk = desk_on(session)
    assert not desk.holds
    desk.label(SetReview("accepted", 2))
    assert desk.holds, "the folder is locked, also before the writing thread has begun"
    desk.rest()
    qtbot.waitUntil(lambda: not desk.holds, timeout=5000)
    assert open_archive(session).tree().branches[2].review == "accepted"
    Recorder(session, sync=False).close()
    desk.label(SetReview("rejected", 1))
    desk.close()
    assert open_archive(session).tree().branches[1].review == "rejected"


def test_a_session_that_is_being_recorded_can_be_viewed_and_shows_why_it_cannot_be_labelled(session: Path) -> None:
    other = Recorder(session, sync=False)
    try:
        loaded = load(session)
        assert "another program" in loaded.why_not
        assert "not label" in loaded.why_not
        assert len(loaded.entries) == 3
        assert loaded.archive is not None
        desk = FolderLabeller(loaded.archive, loaded.why_not)
        desk.label(SetReview("accepted", 2))
        desk.close()
    finally:
        other.close()
    assert open_archive(session).tree().branches[2].review == "unreviewed"


def test_a_program_that_begins_to_record_meanwhile_is_reported_and_the_label_is_reverted(
    session: Path, qtbot: QtBot
) -> None:
    desk = desk_on(session)
    other = Recorder(session, sync=False)
    try:
        with qtbot.waitSignal(desk.failed, timeout=5000) as failed:
            desk.label(SetReview("accepted", 2))
        assert failed.args is not None
        assert "another program" in failed.args[0]
        assert desk.tree.branches[2].review == "unreviewed"
        assert desk.undo_label == ""
        desk.close()
    finally:
        other.close()


def test_what_another_program_labelled_meanwhile_stays(session: Path) -> None:
    desk = desk_on(session)
    other = desk_on(session)
    other.label(SetNote("from elsewhere", 2))
    other.close()
    desk.label(SetReview("accepted", 2))
    desk.close()
    branch = open_archive(session).tree().branches[2]
    assert (branch.review, branch.note) == ("accepted", "from elsewhere")


def test_a_folder_that_is_no_session_is_reported(tmp_path: Path) -> None:
    loaded = load(tmp_path / "nowhere")
    assert loaded.archive is None
    assert "no session" in loaded.trouble


def test_whatever_the_writing_thread_meets_becomes_words(
    session: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_on(session)

    def broken(*_: object) -> Recorder:
        raise RuntimeError("no more threads")

    monkeypatch.setattr("app.review.labeller.Recorder", broken)
    with qtbot.waitSignal(desk.failed) as told:
        desk.label(SetReview("accepted", 2))
    assert "no more threads" in told.args[0]
    assert desk.tree.branches[2].review == "unreviewed"
    desk.close()
