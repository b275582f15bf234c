"""The pages in the real window, on the toy world: turning, keys, one session under review while it is open."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.application import Application
from app.commands.command import on_page
from app.studio.table import COMMANDS
from core.store.archive import open_archive
from core.verbs import Mark, RollBack, Run
from tests.app.recorded_session import write_small

MODES = ((Qt.Key.Key_F6, "review"), (Qt.Key.Key_F7, "compare"), (Qt.Key.Key_F8, "sessions"), (Qt.Key.Key_F5, "drive"))


def drive_a_little(studio: Application, qtbot: QtBot, steps: int = 12) -> None:
    studio.session.submit(Run())
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index >= steps, timeout=20_000)
    studio.window.run_command("pause")
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.phase == "PAUSED", timeout=5000)


def test_the_function_keys_turn_the_pages_and_pause_the_world(studio: Application, qtbot: QtBot) -> None:
    studio.session.submit(Run())
    qtbot.waitUntil(
        lambda: studio.session.status is not None and studio.session.status.phase == "AUTONOMOUS", timeout=5000
    )
    for key, mode in MODES:
        qtbot.keyClick(studio.window, key)
        assert studio.pages.mode == studio.window.mode == mode
        assert (studio.window.pages.currentIndex() == 0) == (mode == "drive")
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.phase == "PAUSED", timeout=5000)


def test_the_card_of_keys_lists_those_of_the_page_and_covers_them(studio: Application, qtbot: QtBot) -> None:
    drive_a_little(studio, qtbot)
    card = studio.window.help_card
    qtbot.keyClick(studio.window, Qt.Key.Key_F6)
    page = studio.pages.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=10_000)
    qtbot.keyClick(studio.window, Qt.Key.Key_F1)
    words = {label.text() for label in card.findChildren(QLabel)}
    assert {"Accept, and go on", "Drive", "F5"} <= words
    assert "Take over" not in words, "not possible here"
    qtbot.keyClick(studio.window, Qt.Key.Key_R)
    qtbot.wait(50)
    assert [branch.review for branch in studio.session.tree.branches.values()] == ["unreviewed"], (
        "nothing behind the card"
    )
    qtbot.keyClick(studio.window, Qt.Key.Key_F1)
    qtbot.keyClick(studio.window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: [b.review for b in studio.session.tree.branches.values()] == ["rejected"], timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_F5)
    qtbot.keyClick(studio.window, Qt.Key.Key_F1)
    shown = {label.text() for label in card.findChildren(QLabel) if label.isVisible()}
    assert "Take over" in shown
    assert "Accept, and go on" not in shown


def test_on_another_page_no_key_drives(studio: Application, qtbot: QtBot) -> None:
    qtbot.keyClick(studio.window, Qt.Key.Key_F6)
    for command in COMMANDS:
        enabled = studio.window.command_actions[command.name].isEnabled()
        assert enabled == on_page(command, "review"), command.name
    assert studio.session.status is not None
    before = studio.session.status.phase
    qtbot.keyClick(studio.window, Qt.Key.Key_Return)
    qtbot.wait(50)
    assert studio.session.status.phase == before == "PAUSED"
    qtbot.keyClick(studio.window, Qt.Key.Key_Escape)
    assert studio.pages.mode == "drive"
    assert studio.window.command_actions["take_over"].isEnabled()


def test_the_open_session_is_reviewed_through_its_own_runtime(studio: Application, qtbot: QtBot) -> None:
    drive_a_little(studio, qtbot)
    qtbot.keyClick(studio.window, Qt.Key.Key_F6)
    page = studio.pages.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: studio.session.tree.branches[0].review == "accepted", timeout=5000)
    assert studio.session.tree.branches[0].reviewer == page.reviewer
    qtbot.waitUntil(lambda: page.head.progress.text() == "1 of 1 reviewed", timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: studio.session.tree.branches[0].review == "unreviewed", timeout=5000)
    assert studio.session.opened is not None
    assert studio.session.opened.folder is not None
    folder = studio.session.opened.folder
    qtbot.keyClick(studio.window, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: studio.session.tree.branches[0].review == "needs_work", timeout=5000)
    studio.close()
    assert open_archive(folder).tree().branches[0].review == "needs_work"


def test_undo_in_review_leaves_alone_what_was_not_a_verdict(studio: Application, qtbot: QtBot) -> None:
    drive_a_little(studio, qtbot)
    studio.session.submit(Mark("note", "keep me"))
    qtbot.waitUntil(lambda: bool(studio.session.tree.branches[0].markers), timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_F6)
    page = studio.pages.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_U)
    qtbot.wait(50)
    assert studio.session.tree.branches[0].markers


def test_a_session_of_the_list_is_reviewed_and_then_driven(
    make_studio: Callable[..., Application], qtbot: QtBot, tmp_path: Path
) -> None:
    small = write_small(tmp_path / "sessions" / "small", task="toy")
    studio = make_studio()
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_F8)
    browser = studio.pages.page("sessions").view
    assert browser is not None
    qtbot.waitUntil(lambda: not browser.reading and len(browser.model.rows) == 2, timeout=5000)
    names = [row.folder.name for row in browser.model.rows]
    browser.table.selectRow(names.index("small"))
    qtbot.keyClick(studio.window, Qt.Key.Key_V)
    page = studio.pages.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None and not page.reading, timeout=5000)
    assert studio.pages.mode == "review"
    assert [entry.session for entry in page.order] == [small] * 3
    qtbot.keyClick(studio.window, Qt.Key.Key_R)
    qtbot.keyClick(studio.window, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: not page.holds, timeout=5000)
    assert open_archive(small).tree().branches[0].review == "rejected"


def test_the_failure_under_the_head_is_compared_by_one_key(studio: Application, qtbot: QtBot) -> None:
    drive_a_little(studio, qtbot)
    studio.session.submit(Mark("failure"), RollBack(0, 5))
    drive = studio.window.run_command
    drive("run")
    qtbot.waitUntil(lambda: len(studio.session.tree.branches) == 2 and studio.session.length(1) > 8, timeout=10_000)
    drive("pause")
    qtbot.keyClick(studio.window, Qt.Key.Key_F7)
    page = studio.pages.page("compare").view
    assert page is not None
    qtbot.waitUntil(lambda: page.comparison is not None, timeout=5000)
    assert page.comparison is not None
    assert [b.id for b in page.comparison.branches] == [0, 1]
    assert page.comparison.anchors == (5, 5)


def test_escape_leaves_a_field_before_it_leaves_the_page(studio: Application, qtbot: QtBot) -> None:
    drive_a_little(studio, qtbot, 3)
    qtbot.keyClick(studio.window, Qt.Key.Key_F6)
    page = studio.pages.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_Slash)
    qtbot.waitUntil(page.filter_bar.field.hasFocus, timeout=5000)
    qtbot.keyClick(page.filter_bar.field, Qt.Key.Key_Escape)
    assert studio.pages.mode == "review"
    assert page.hasFocus()
    qtbot.keyClick(studio.window, Qt.Key.Key_Escape)
    assert studio.pages.mode == "drive"


def test_a_verdict_can_be_taken_back_before_it_was_carried_out(studio: Application, qtbot: QtBot) -> None:
    drive_a_little(studio, qtbot, 3)
    qtbot.keyClick(studio.window, Qt.Key.Key_F6)
    page = studio.pages.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    page.judge("accepted")
    page.undo()
    qtbot.waitUntil(lambda: len(studio.session.history.undone) == 1, timeout=5000)
    assert studio.session.tree.branches[0].review == "unreviewed"


def test_the_first_window_waits_for_no_page() -> None:
    code = "import sys, app.application; print([m for m in ('pyqtgraph', 'app.review.page') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("recording", [True, False])
def test_plots_follow_the_head(make_studio: Callable[..., Application], qtbot: QtBot, recording: bool) -> None:
    studio = make_studio() if recording else make_studio(sessions=None)
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_F9)
    plots = studio.pages.plots_dock.plots
    assert plots is not None
    if not recording:
        assert "recorded" in plots.panel.readout.words
        return
    drive_a_little(studio, qtbot)
    qtbot.waitUntil(lambda: plots.track is not None and plots.track.last >= 12, timeout=5000)
    plots.panel.sought.emit(4)
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index == 4, timeout=5000)
