"""What the browser and `main.py sessions` say of a folder."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

import main
from app.sessions.page import BrowserPage
from app.sessions.rows import passes, read_row
from app.sessions.words import cells, state_words, when_words
from app.widgets.numbers import grouped
from core.command.folders import size_words
from core.recorder import Recorder
from core.store.folders import session_folders
from tests.app.page_keys import with_keys
from tests.app.recorded_session import write_small

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "sessions"
    write_small(folder / "a-good", operator="mia")
    write_small(folder / "b-broken").joinpath("zarr.json").write_text('{"zarr_format": 3, "attr')
    (folder / "b-broken" / "checks" / "zarr.json").unlink()  # its copy
    write_small(folder / "c-other", 20, task="rope", operator="noa")
    (folder / "a-good.scenes").mkdir()
    (folder / "notes.txt").write_text("not a session")
    (folder / "foreign").mkdir()
    (folder / "foreign" / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group", "attributes": {}}')
    return folder


def test_only_sessions_are_listed_and_broken_ones_are(folder: Path) -> None:
    shutil.copytree(folder / "a-good", folder / "a-good.before-repair-2")
    assert [path.name for path in session_folders(folder)] == ["a-good", "b-broken", "c-other"]


def test_one_session_can_be_named_itself(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["sessions", "--json", str(folder / "a-good")]) == 0
    assert [row["steps"] for row in json.loads(capsys.readouterr().out)] == [30]


def test_numbers_are_counted_on_the_disk(folder: Path) -> None:
    row = read_row(folder / "a-good")
    assert (row.task, row.operators, row.episodes, row.branches) == ("push_t", ("mia",), 1, 3)
    assert row.steps == 12 + 8 + 10
    assert row.outcomes == {"failure": 2, "success": 1}
    assert row.reviews == {"unreviewed": 3}
    assert row.size == sum(path.stat().st_size for path in (folder / "a-good").rglob("*") if path.is_file())
    assert row.thumbnail is not None
    assert row.thumbnail.shape == (64, 64, 3)
    assert row.opened > 1.7e9
    assert cells(row)[5] == "0 of 3"


def test_what_only_the_journal_holds_is_counted_too(folder: Path) -> None:
    recorder = Recorder(folder / "a-good", sync=False)
    recorder.branch(recorder.archive.tree().branches[0].__class__(3, 0, 4, 4, 0, "correction", 0, 0))
    recorder.flush()
    row = read_row(folder / "a-good")
    assert row.here
    assert row.busy is None
    assert state_words(row) == "open here"
    recorder.abandon()
    assert read_row(folder / "a-good").branches == 3, "a branch without a step is not one to review"


def test_a_wrong_stored_counter_is_not_trusted(folder: Path) -> None:
    root = folder / "a-good" / "zarr.json"
    values = json.loads(root.read_text())
    values["attributes"]["committed"]["nodes"] += 500
    root.write_text(json.dumps(values))
    row = read_row(folder / "a-good")
    assert row.broken or row.steps == 30


def test_a_broken_session_is_listed_with_its_error(folder: Path) -> None:
    row = read_row(folder / "b-broken")
    assert "zarr.json is damaged" in state_words(row)
    assert row.size > 0
    assert row.branches == 0


def test_words_of_the_table() -> None:
    assert [size_words(size) for size in (7, 999, 1_400, 123_456, 2_500_000_000)] == [
        "7 bytes", "999 bytes", "1.4 kB", "123 kB", "2.5 GB"
    ]  # fmt: skip
    assert grouped(1234567) == "1\N{THIN SPACE}234\N{THIN SPACE}567"
    assert when_words(float("nan")) == ""


def test_words_filter_rows(folder: Path) -> None:
    row = read_row(folder / "c-other")
    assert passes(row, "rope NOA")
    assert not passes(row, "rope mia")
    assert passes(row, "")


def test_the_command_prints_a_table_and_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["sessions", str(folder)]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["Session", "Task", "Operator", "Branches", "Outcomes", "Reviewed", "Steps", "Size",
                                "Last", "opened"]  # fmt: skip
    assert "1 success, 2 failure" in table[1]
    assert table[3].strip().startswith("broken: zarr.json is damaged")
    assert main.main(["sessions", str(folder), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["branches"] for row in rows] == [3, 0, 3]
    assert rows[0]["outcomes"] == {"success": 1, "failure": 2, "timeout": 0, "open": 0}
    assert rows[1]["broken"]
    assert rows[2]["operators"] == ["noa"]


def test_a_missing_or_empty_folder_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["sessions", str(tmp_path / "nowhere")]) == 1
    assert "There is no folder" in capsys.readouterr().err
    assert main.main(["sessions", str(tmp_path)]) == 0
    assert "no session" in capsys.readouterr().out


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[BrowserPage]:
    page = BrowserPage()
    qtbot.addWidget(page)
    with_keys(page, "sessions")
    page.resize(1200, 700)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow, timeout=10_000)
    page.setFocus()
    yield page
    page.stop()


def names(page: BrowserPage) -> list[str]:
    return [row.folder.name for row in page.model.rows]


def test_the_page_lists_filters_and_opens(page: BrowserPage, qtbot: QtBot, folder: Path) -> None:
    page.read(folder)
    qtbot.waitUntil(lambda: not page.reading, timeout=5000)
    page.grab()
    assert names(page) == ["c-other", "b-broken", "a-good"], "the newest name first"
    with qtbot.waitSignal(page.drive_asked, timeout=5000) as driven:
        qtbot.keyClick(page, Qt.Key.Key_Return)
    assert driven.args == [folder / "c-other"]
    qtbot.keyClick(page, Qt.Key.Key_Down)
    assert "damaged" in page._about.text()
    with qtbot.assertNotEmitted(page.drive_asked), qtbot.assertNotEmitted(page.review_asked):
        qtbot.keyClick(page, Qt.Key.Key_Return)
        qtbot.keyClick(page, Qt.Key.Key_V)
    qtbot.keyClick(page, Qt.Key.Key_Slash)
    qtbot.keyClicks(page.field, "mia")
    assert names(page) == ["a-good"]
    qtbot.keyClick(page.field, Qt.Key.Key_Return)
    assert page.hasFocus()
    with qtbot.waitSignal(page.review_asked, timeout=5000) as reviewed:
        qtbot.keyClick(page, Qt.Key.Key_V)
    assert reviewed.args == [[folder / "a-good"]]
    page.field.clear()
    with qtbot.waitSignal(page.review_asked, timeout=5000) as reviewed:
        qtbot.keyClick(page, Qt.Key.Key_A, CTRL | SHIFT)
    assert reviewed.args == [[folder / "c-other", folder / "a-good"]]


def click(
    page: BrowserPage, qtbot: QtBot, row: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    place = page.table.visualRect(page.model.index(row, 0)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, held, place)


def selected(page: BrowserPage) -> list[str]:
    return [row.folder.name for row in page.selected]


def test_several_sessions_are_selected_as_in_any_list(page: BrowserPage, qtbot: QtBot, folder: Path) -> None:
    page.read(folder)
    qtbot.waitUntil(lambda: not page.reading, timeout=5000)
    click(page, qtbot, 0)
    click(page, qtbot, 2, CTRL)
    assert selected(page) == ["c-other", "a-good"]
    click(page, qtbot, 2, CTRL)
    assert selected(page) == ["c-other"]
    click(page, qtbot, 0)
    click(page, qtbot, 2, SHIFT)
    assert selected(page) == ["c-other", "b-broken", "a-good"]
    qtbot.keyClick(page, Qt.Key.Key_Up)
    assert selected(page) == ["b-broken"]
    qtbot.keyClick(page, Qt.Key.Key_Down, SHIFT)
    assert selected(page) == ["b-broken", "a-good"]
    qtbot.keyClick(page, Qt.Key.Key_Up, SHIFT)
    qtbot.keyClick(page, Qt.Key.Key_Up, SHIFT)
    assert selected(page) == ["c-other", "b-broken"], "extended from where it began"
    qtbot.keyClick(page, Qt.Key.Key_A, CTRL)
    assert selected(page) == ["c-other", "b-broken", "a-good"]


def test_a_selection_of_several_is_reviewed_and_exported_without_the_broken_ones(
    page: BrowserPage, qtbot: QtBot, folder: Path
) -> None:
    page.read(folder)
    qtbot.waitUntil(lambda: not page.reading, timeout=5000)
    click(page, qtbot, 0)
    assert page._buttons["open_to_drive"].isEnabled()
    qtbot.keyClick(page, Qt.Key.Key_A, CTRL)
    words = "3 sessions are selected: 6 branches, 76 steps. 1 cannot be read and is left out."
    assert page._about.text() == words
    assert not page._buttons["open_to_drive"].isEnabled()
    with qtbot.assertNotEmitted(page.drive_asked):
        qtbot.keyClick(page, Qt.Key.Key_Return)
    with qtbot.waitSignal(page.review_asked, timeout=5000) as reviewed:
        qtbot.keyClick(page, Qt.Key.Key_V)
    assert reviewed.args == [[folder / "c-other", folder / "a-good"]]
    with qtbot.waitSignal(page.export_asked, timeout=5000) as exported:
        qtbot.keyClick(page, Qt.Key.Key_E, CTRL | SHIFT)
    assert [row.folder.name for row in exported.args[0]] == ["c-other", "a-good"]


def test_a_selection_stays_while_the_list_is_filtered_and_read_again(
    page: BrowserPage, qtbot: QtBot, folder: Path
) -> None:
    write_small(folder / "d-more", operator="mia")
    page.read(folder)
    qtbot.waitUntil(lambda: not page.reading, timeout=5000)
    click(page, qtbot, 0)
    click(page, qtbot, 3, CTRL)
    page.field.setText("mia")
    assert selected(page) == ["d-more", "a-good"]
    page.field.setText("rope")
    assert selected(page) == ["c-other"], "what is not shown is not selected"


def test_columns_sort_by_number_not_by_text(page: BrowserPage, qtbot: QtBot, folder: Path) -> None:
    page.read(folder)
    qtbot.waitUntil(lambda: not page.reading, timeout=5000)
    page.table.sortByColumn(6, Qt.SortOrder.AscendingOrder)
    assert [row.steps for row in page.model.rows] == sorted(row.steps for row in page.model.rows)


def test_a_session_that_is_recorded_elsewhere_is_reviewed_but_not_driven(
    page: BrowserPage, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Recorder(folder / "c-other", sync=False)
    monkeypatch.setattr("app.sessions.rows.os.getpid", lambda: 1)
    try:
        page.read(folder)
        qtbot.waitUntil(lambda: not page.reading, timeout=5000)
        assert "another program" in page._about.text()
        with qtbot.assertNotEmitted(page.drive_asked):
            qtbot.keyClick(page, Qt.Key.Key_Return)
        with qtbot.waitSignal(page.review_asked, timeout=5000):
            qtbot.keyClick(page, Qt.Key.Key_V)
    finally:
        other.close()


def test_an_empty_or_missing_folder_is_reported(page: BrowserPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.read(tmp_path)
    qtbot.waitUntil(lambda: not page.reading, timeout=5000)
    assert "no session" in page._words.text()
    page.read(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: "There is no folder" in page._words.text(), timeout=5000)
