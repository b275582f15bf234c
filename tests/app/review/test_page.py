"""Review by keys alone, on real sessions without a world, a policy or a device."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.review.page import ReviewPage
from core.recorder import Recorder
from core.store.archive import open_archive
from tests.app.page_keys import with_keys
from tests.app.recorded_session import write_small


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[ReviewPage]:
    page = ReviewPage("noa")
    qtbot.addWidget(page)
    with_keys(page, "review")
    page.resize(1200, 760)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow, timeout=10_000)
    page.setFocus()
    yield page
    page.stop()


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return write_small(tmp_path / "small", operator="mia")


def load(page: ReviewPage, qtbot: QtBot, *sessions: Path) -> None:
    page.load(sessions)
    qtbot.waitUntil(lambda: not page.reading, timeout=5000)
    qtbot.waitUntil(lambda: page.current is None or page.viewer.track is not None, timeout=5000)


def reviews(session: Path) -> list[str]:
    return [branch.review for branch in open_archive(session).tree().branches.values()]


def test_a_queue_is_reviewed_to_its_end_by_keys(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    load(page, qtbot, session)
    assert page.head.progress.text() == "0 of 3 reviewed"
    qtbot.keyClick(page, Qt.Key.Key_A)
    assert page.head.progress.text() == "1 of 3 reviewed"
    assert page.current is not None
    assert page.current.branch.id == 1, "it went on by itself"
    qtbot.keyClick(page, Qt.Key.Key_R)
    qtbot.keyClick(page, Qt.Key.Key_W)
    assert page.head.progress.text() == "3 of 3 reviewed"
    assert page.verdicts.words.text()
    page.stop()
    assert reviews(session) == ["accepted", "rejected", "needs_work"]
    assert open_archive(session).tree().branches[0].reviewer == "noa"


def test_undo_goes_back_to_the_branch_and_redo_does_it_again(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    load(page, qtbot, session)
    qtbot.keyClick(page, Qt.Key.Key_A)
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.current is not None
    assert (page.current.branch.id, page.current.branch.review) == (0, "unreviewed")
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert page.current.branch.review == "accepted"


def test_a_verdict_is_for_all_selected_branches_and_undone_at_once(
    page: ReviewPage, qtbot: QtBot, session: Path
) -> None:
    load(page, qtbot, session)
    view = page.queue_view
    for row, held in ((0, Qt.KeyboardModifier.NoModifier), (2, Qt.KeyboardModifier.ControlModifier)):
        at = view.visualRect(view.queue.index(row)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, held, at)
    assert [key[1] for key in view.selected] == [0, 2]
    qtbot.keyClick(page, Qt.Key.Key_A)
    assert [entry.branch.review for entry in page.order] == ["accepted", "unreviewed", "accepted"]
    assert page.current is not None
    assert page.current.branch.id == 1, "the one that has no verdict"
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert {entry.branch.review for entry in page.order} == {"unreviewed"}


def test_the_same_verdict_again_is_nothing_to_undo(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    load(page, qtbot, session)
    qtbot.keyClick(page, Qt.Key.Key_A)
    page.select((session, 0))
    qtbot.keyClick(page, Qt.Key.Key_A)
    qtbot.keyClick(page, Qt.Key.Key_U)
    assert [entry.branch.review for entry in page.order] == ["unreviewed"] * 3
    qtbot.keyClick(page, Qt.Key.Key_U)
    assert page.head.progress.text() == "0 of 3 reviewed"


def test_reading_again_finds_the_labels_that_were_just_given(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    load(page, qtbot, session)
    qtbot.keyClick(page, Qt.Key.Key_R)
    qtbot.keyClick(page, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not page.reading and len(page.order) == 3, timeout=5000)
    assert not page.head.banner.text(), "the folder is not locked by ourselves"
    assert page.head.progress.text() == "1 of 3 reviewed"


def test_a_note_is_typed_and_letters_are_letters_meanwhile(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    load(page, qtbot, session)
    qtbot.keyClick(page, Qt.Key.Key_N)
    qtbot.waitUntil(page.branch_head.field.hasFocus, timeout=5000)
    qtbot.keyClicks(page.branch_head.field, "a raw edge")
    qtbot.keyClick(page.branch_head.field, Qt.Key.Key_Return)
    assert page.current is not None
    assert (page.current.branch.note, page.current.branch.review) == ("a raw edge", "unreviewed")
    assert "a raw edge" in page.branch_head.note.toolTip()
    page.stop()
    assert open_archive(session).tree().branches[0].note == "a raw edge"


def test_the_filter_is_typed_and_left_by_keys(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    load(page, qtbot, session)
    qtbot.keyClick(page, Qt.Key.Key_Slash)
    qtbot.waitUntil(page.filter_bar.field.hasFocus, timeout=5000)
    qtbot.keyClicks(page.filter_bar.field, "outcome:success ")
    assert [entry.branch.id for entry in page.order] == [2]
    assert page.head.hidden.text() == "2 hidden by the filter"
    qtbot.keyClick(page.filter_bar.field, Qt.Key.Key_Escape)
    assert page.hasFocus()
    qtbot.keyClick(page, Qt.Key.Key_A)
    assert page.order[0].branch.review == "accepted"
    page.filter_bar.field.setText("outcome:success nowhere:1")
    assert "nowhere" in page.filter_bar.trouble
    page.filter_bar.field.setText("slips off nothing")
    assert page.order == ()
    assert "filter" in page.viewer.pictures.words


def test_the_branch_plays_and_is_walked_by_keys(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    load(page, qtbot, session)
    player = page.viewer.player
    assert player.playing
    qtbot.waitUntil(lambda: player.head.node > 1 and not page.viewer.pictures.words, timeout=5000)
    qtbot.keyClick(page, Qt.Key.Key_K)
    assert not player.playing
    qtbot.keyClick(page, Qt.Key.Key_Home)
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert player.head.node == 1
    qtbot.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert player.head.node == 11
    qtbot.keyClick(page, Qt.Key.Key_End)
    assert player.head.node == 12
    qtbot.keyClick(page, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert player.head.node == 0
    qtbot.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert player.head.node == 12, "the failure marker stands at the end"
    qtbot.keyClick(page, Qt.Key.Key_5)
    assert player.head.node == 6
    qtbot.keyClick(page, Qt.Key.Key_L)
    qtbot.keyClick(page, Qt.Key.Key_L)
    assert player.speed == 2.0
    qtbot.keyClick(page, Qt.Key.Key_J)
    assert player.speed == -1.0
    qtbot.keyClick(page, Qt.Key.Key_Space)
    assert not player.playing
    qtbot.keyClick(page, Qt.Key.Key_G)
    qtbot.keyClicks(page.viewer.transport.step, "7")
    qtbot.keyClick(page.viewer.transport.step, Qt.Key.Key_Return)
    assert player.head.node == 7
    assert page.viewer.hasFocus()


def test_siblings_and_failures_are_gone_to(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    load(page, qtbot, session)
    page.select((session, 1))
    qtbot.keyClick(page, Qt.Key.Key_BracketRight)
    assert page.current is not None
    assert page.current.branch.id == 2
    qtbot.keyClick(page, Qt.Key.Key_F)
    assert page.current.branch.id == 0
    qtbot.keyClick(page, Qt.Key.Key_Down)
    assert page.current.branch.id == 1


def test_two_sessions_are_one_queue(page: ReviewPage, qtbot: QtBot, session: Path, tmp_path: Path) -> None:
    other = write_small(tmp_path / "other", operator="noa")
    load(page, qtbot, session, other)
    assert page.head.progress.text() == "0 of 6 reviewed"
    page.filter_bar.field.setText("operator:noa")
    qtbot.keyClick(page, Qt.Key.Key_R)
    page.stop()
    assert reviews(other).count("rejected") == 1
    assert "rejected" not in reviews(session)


def test_a_session_that_is_recorded_elsewhere_is_only_looked_at(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    other = Recorder(session, sync=False)
    try:
        load(page, qtbot, session)
        assert "another program" in page.head.banner.text()
        with qtbot.waitSignal(page.said, timeout=5000) as said:
            qtbot.keyClick(page, Qt.Key.Key_A)
        assert said.args is not None
        assert "not label" in said.args[0].text
        assert page.head.progress.text() == "0 of 3 reviewed"
    finally:
        other.close()
    qtbot.keyClick(page, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not page.reading and page.current is not None, timeout=5000)
    assert not page.head.banner.text()
    qtbot.keyClick(page, Qt.Key.Key_A)
    page.stop()
    assert reviews(session)[0] == "accepted"


def test_a_broken_session_is_reported_and_the_others_are_reviewed(
    page: ReviewPage, qtbot: QtBot, session: Path, tmp_path: Path
) -> None:
    broken = write_small(tmp_path / "broken")
    for root in ("zarr.json", "checks/zarr.json"):
        (broken / root).write_text("{")
    load(page, qtbot, broken, session)
    assert "damaged" in page.head.banner.text()
    assert len(page.order) == 3


def test_a_torn_picture_is_words_and_not_black(page: ReviewPage, qtbot: QtBot, session: Path) -> None:
    for shard in (session / "frames" / "top").glob("c.*"):
        shard.write_bytes(b"")
    load(page, qtbot, session)
    qtbot.waitUntil(lambda: "missing or torn" in page.viewer.pictures.words, timeout=5000)


def test_an_empty_queue_explains_where_to_find_sessions(page: ReviewPage) -> None:
    page.load(())
    assert "The page Sessions" in page.viewer.pictures.words
    page.judge("accepted")
    page.undo()
