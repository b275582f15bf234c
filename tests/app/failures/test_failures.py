"""The queue of failures in the real window, on the toy world: listed, gone through with one key, searched for."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.application import Application
from app.failures.advance import Request, advance
from app.failures.search import other_parts, search_arguments
from app.failures.words import cells
from app.pages.failures import Failures
from core.branch_tree import Head
from core.errors import BadStore
from core.recorder import Recorder
from core.step_request import Parts
from core.verbs import Pause, TakeOver
from models.failures.handled import NAME, read_handled
from models.failures.listing import Listing, read_listing, write_listing
from models.failures.queue import Queued, queue
from models.failures.search import SearchConfig, search
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld

WAIT_MS = 20_000


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list with failures in two sessions."""
    folder = tmp_path_factory.mktemp("found")
    search(
        SearchConfig(folder, attempts=20, failures=4, max_steps=30, per_session=2),
        Parts(ToyWorld(), ToyPolicy(), ToyTask()),
    )
    return folder


@pytest.fixture
def folder(found: Path, tmp_path: Path) -> Path:
    """A copy in the place where the window looks for it."""
    shutil.copytree(found, tmp_path / "sessions" / "failures")
    return tmp_path / "sessions" / "failures"


def page_of(studio: Application) -> Failures:
    page = studio.pages.page("failures")
    assert isinstance(page, Failures)
    return page


def waiting(folder: Path) -> list[Queued]:
    listing = read_listing(folder)
    assert listing is not None
    return [one for one in queue(listing, read_handled(folder)) if one.rank]


def is_at(studio: Application, one: Queued, index: int) -> bool:
    """Whether the session of a failure is open, paused at a node."""
    status, folder = studio.session.status, studio.session.folder
    return (
        status is not None
        and folder is not None
        and folder.name == one.key.session
        and status.phase == "PAUSED"
        and status.head == Head(one.key.branch, index)
    )


def is_handled(folder: Path, one: Queued) -> bool:
    return (one.attempt.seed, one.attempt.draw) in [(done.seed, done.draw) for done in read_handled(folder)]


def points(one: Queued) -> list[int]:
    assert one.attempt.failure is not None
    return [point.index for point in one.attempt.failure.points]


def correct(studio: Application, qtbot: QtBot, steps: int = 3) -> None:
    """Take over for some steps."""
    assert studio.session.head is not None
    goal = studio.session.head.index + steps
    studio.session.submit(TakeOver())
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index >= goal, timeout=WAIT_MS)
    studio.session.submit(Pause())
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.phase == "PAUSED")


def test_one_key_goes_from_failure_to_failure_and_writes_down_what_each_took(
    studio: Application, qtbot: QtBot, folder: Path
) -> None:
    order = waiting(folder)
    assert len(order) == 4
    qtbot.keyClick(studio.window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: is_at(studio, order[0], points(order[0])[0]), timeout=WAIT_MS)
    assert studio.pages.mode == "drive"
    correct(studio, qtbot)
    qtbot.keyClick(studio.window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: is_handled(folder, order[0]), timeout=WAIT_MS)
    second = waiting(folder)[0]
    assert second.key != order[0].key
    qtbot.waitUntil(lambda: is_at(studio, second, points(second)[0]), timeout=WAIT_MS)
    (done,) = read_handled(folder)
    assert done.steps >= 3
    assert (len(done.branches), done.retries) == (1, 0)
    assert 0 < done.seconds <= done.whole_seconds
    qtbot.keyClick(studio.window, Qt.Key.Key_F10)  # nothing was corrected: passed over, it comes last
    others = [one for one in waiting(folder) if one.key != second.key]
    qtbot.waitUntil(lambda: is_at(studio, others[0], points(others[0])[0]), timeout=WAIT_MS)
    assert read_handled(folder) == [done]
    qtbot.keyClick(studio.window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: is_at(studio, others[1], points(others[1])[0]), timeout=WAIT_MS)
    qtbot.keyClick(studio.window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: is_at(studio, second, points(second)[0]), timeout=WAIT_MS)


def test_the_page_lists_failures_and_marks_those_that_are_corrected(
    studio: Application, qtbot: QtBot, folder: Path
) -> None:
    qtbot.keyClick(studio.window, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    page = page_of(studio)
    assert studio.pages.mode == "failures"
    view = page.view
    qtbot.waitUntil(lambda: len(view.model.rows) == 4 and not view.reading, timeout=WAIT_MS)
    assert [row.rank for row in view.model.rows] == [1, 2, 3, 4]
    assert all(view.model.picture(row) is not None for row in view.model.rows)
    qtbot.keyClick(studio.window, Qt.Key.Key_Down)
    chosen = view.selected
    assert chosen == view.model.rows[1]
    qtbot.keyClick(studio.window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: is_at(studio, chosen, points(chosen)[0]), timeout=WAIT_MS)
    correct(studio, qtbot)
    qtbot.keyClick(studio.window, Qt.Key.Key_F10, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: view.model.rows[-1].key == chosen.key and not view.reading, timeout=WAIT_MS)
    assert [row.rank for row in view.model.rows] == [1, 2, 3, 0]
    assert "1 of 4 corrected" in view._effort.full
    assert "3 to correct" in view._sum.text()


def test_the_other_proposed_point_is_offered_on_the_page_and_while_driving(
    studio: Application, qtbot: QtBot, folder: Path
) -> None:
    listing = read_listing(folder)
    assert listing is not None
    place = next(number for number, one in enumerate(listing.attempts) if one.failure is not None)
    one = listing.attempts[place]
    assert one.failure is not None
    more = replace(one.failure, points=(replace(one.failure.points[0], index=9, why="second try"),
                                        replace(one.failure.points[0], index=4, why="before the cause")))  # fmt: skip
    write_listing(folder, replace(listing, attempts=(replace(one, failure=more),)))
    qtbot.keyClick(studio.window, Qt.Key.Key_F10)
    first = waiting(folder)[0]
    qtbot.waitUntil(lambda: is_at(studio, first, 9), timeout=WAIT_MS)
    qtbot.keyClick(studio.window, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: is_at(studio, first, 4), timeout=WAIT_MS)
    view = page_of(studio).view
    studio.pages.show("failures")
    qtbot.waitUntil(lambda: bool(view.model.rows) and not view.reading, timeout=WAIT_MS)
    assert "Before the cause, step 4" in cells(view.model.rows[0], view.model.place(first.key))[1]
    qtbot.keyClick(studio.window, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert "Second try, step 9" in cells(view.model.rows[0], view.model.place(first.key))[1]


def test_failures_whose_session_is_recorded_or_gone_wait_and_the_queue_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = waiting(folder)
    busy = order[0].key.session
    recorder = Recorder(folder / busy, sync=False)
    monkeypatch.setattr("app.failures.advance.os.getpid", lambda: 1)
    try:
        answer = advance(Request(folder))
    finally:
        recorder.close()
    assert answer.target is not None
    assert answer.target.key.session != busy
    assert f"{busy} is still being recorded" in answer.words
    shutil.rmtree(folder / busy)
    answer = advance(Request(folder))
    assert answer.target is not None
    assert answer.target.key.session != busy
    assert f"{busy} was passed over" in answer.words
    assert not (folder / NAME).exists(), "nothing was corrected"


def test_a_missing_torn_or_empty_list_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadStore, match="no list of failures"):
        advance(Request(tmp_path))
    write_listing(tmp_path, Listing({"task": "toy"}))
    assert advance(Request(tmp_path)).words == "The list holds no failure yet. Find some on the page Failures."
    (tmp_path / "failures.json").write_text("{")
    with pytest.raises(BadStore, match="torn"):
        advance(Request(tmp_path))


def test_corrections_that_no_window_wrote_down_are_found_in_the_session(
    studio: Application, qtbot: QtBot, folder: Path
) -> None:
    first = waiting(folder)[0]
    qtbot.keyClick(studio.window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: is_at(studio, first, points(first)[0]), timeout=WAIT_MS)
    correct(studio, qtbot)
    studio.close()
    assert read_handled(folder) == []
    answer = advance(Request(folder))
    assert answer.target is not None
    assert answer.target.key != first.key
    assert is_handled(folder, first)
    assert len(read_handled(folder)) == 1


def test_a_list_of_another_policy_is_named_before_a_search_and_on_arrival(
    studio: Application, qtbot: QtBot, folder: Path
) -> None:
    listing = read_listing(folder)
    assert listing is not None
    write_listing(folder, replace(listing, about={**listing.about, "policy": {"name": "toy", "sha256": "ab"}}))
    studio.pages.show("failures")
    page = page_of(studio)
    qtbot.waitUntil(lambda: len(page.view.model.rows) == 4 and not page.view.reading, timeout=WAIT_MS)
    page.view.search_asked.emit(3)
    assert page.job is None
    assert "of another policy than what is open" in page.view._search_words.full
    first = page.view.model.rows[0]
    qtbot.keyClick(studio.window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: is_at(studio, first, points(first)[0]), timeout=WAIT_MS)
    shown = [card.message.text for card in studio.window.toasts.cards]
    assert any("another policy" in words for words in shown), shown


def test_a_search_runs_in_the_background_and_fills_the_list(
    make_studio: Callable[..., Application], qtbot: QtBot, tmp_path: Path
) -> None:
    studio = make_studio()
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    studio.pages.show("failures")
    page = page_of(studio)
    qtbot.waitUntil(lambda: not page.view.reading, timeout=WAIT_MS)
    assert "No failure is listed yet" in page.view._words.text()
    page.view.attempts.setValue(2)
    qtbot.mouseClick(page.view.search_button, Qt.MouseButton.LeftButton)
    assert page.job is not None
    assert page.view.search_button.text() == "Stop the search"
    qtbot.waitUntil(lambda: page.job is None and not page.view.reading, timeout=120_000)
    assert page.view.listed.attempts == 2, page.view._search_words.full
    assert json.loads((tmp_path / "sessions" / "failures" / "failures.json").read_text())["about"]["task"] == "toy"


def test_a_search_takes_the_world_and_the_policy_that_are_open(studio: Application) -> None:
    opened = studio.session.opened
    assert opened is not None
    config = replace(studio.switcher.config, world_weights=Path("w.onnx"), policy_weights=Path("p.onnx"))
    words = search_arguments(opened, config, Path("out"), 7)
    assert words[:5] == ["find-failures", "--world", "toy", "--policy", "toy"]
    assert words[words.index("--attempts") + 1] == "7"
    assert words[words.index("--world-weights") + 1] == "w.onnx"
    assert words[words.index("--weights") + 1] == "p.onnx"
    identity = {"name": "toy", "sha256": opened.parts.world.spec.identity.sha256}
    policy = {"name": "toy", "sha256": "other"}
    assert other_parts({"task": "toy", "world": identity, "policy": policy}, opened) == "policy"
    assert other_parts({}, opened) == ""


def test_a_job_that_dies_says_so_and_the_list_stays(studio: Application, qtbot: QtBot, folder: Path) -> None:
    studio.pages.show("failures")
    page = page_of(studio)
    qtbot.waitUntil(lambda: len(page.view.model.rows) == 4 and not page.view.reading, timeout=WAIT_MS)
    page.view.show_search("3 of 20 attempts, 2 failures", 3, 20)
    page._end_early("The search for failures ended without a word.")
    qtbot.waitUntil(lambda: not page.view.reading, timeout=WAIT_MS)
    assert "ended without a word" in page.view._search_words.full
    assert len(page.view.model.rows) == 4
    assert page.view.search_button.text() == "Find failures"
