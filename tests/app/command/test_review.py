"""`main.py review`: a window without a world."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

import main
from app.command.review import add_arguments, begin
from app.command.review_window import ReviewWindow
from app.pages.sessions import Sessions
from app.widgets import theme
from core.store.archive import open_archive
from tests.app.recorded_session import write_small


@pytest.fixture
def window(qtbot: QtBot) -> ReviewWindow:
    window = ReviewWindow("noa")
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    return window


def test_sessions_are_reviewed_at_once_and_closing_keeps_the_labels(
    window: ReviewWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    session = write_small(tmp_path / "s")
    begin(window, [session])
    page = window.turner.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_A)
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert window.turner.mode == "compare"
    window.close()
    branch = open_archive(session).tree().branches[0]
    assert (branch.review, branch.reviewer) == ("accepted", "noa")


def test_a_folder_of_sessions_is_listed_to_be_reviewed_and_nothing_offers_to_drive(
    window: ReviewWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    write_small(tmp_path / "s")
    begin(window, [tmp_path])
    page = window.turner.page("sessions").view
    assert page is not None
    qtbot.waitUntil(lambda: not page.reading and page.chosen is not None, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert window.turner.mode == "sessions"
    assert not [button for button in page.findChildren(QPushButton) if "Drive" in button.text() and button.isVisible()]
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert window.turner.mode == "review"
    window.close()


def test_selected_sessions_are_reviewed_together_and_exported_together(
    window: ReviewWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    sessions = [write_small(tmp_path / name) for name in ("a", "b")]
    begin(window, [tmp_path])
    page = window.turner.page("sessions")
    assert isinstance(page, Sessions)
    qtbot.waitUntil(lambda: not page.view.reading and page.view.chosen is not None, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    window.run_command("export_selected")
    assert page.export is not None
    assert page.export.dialog is not None
    assert page.export.dialog.sessions == tuple(sessions[::-1])
    page.export.dialog.close()
    window.run_command("open_to_review")
    review = window.turner.page("review").view
    assert review is not None
    qtbot.waitUntil(lambda: review.current is not None, timeout=5000)
    assert review.sources == tuple(sessions[::-1])
    assert len(review.order) == 6
    for entry in (review.order[0], review.order[-1]):
        review.select(entry.key)
        assert review.head.place.toolTip() == f"{entry.session.name}, one of 2 sessions"
    window.close()


def test_help_palette_and_text_size_are_there_and_nothing_that_needs_a_session(
    window: ReviewWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    begin(window, [write_small(tmp_path / "s")])
    page = window.turner.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    words = {label.text() for label in window.help_card.findChildren(QLabel)}
    assert {"Accept, and go on", "Sessions", "All keys"} <= words
    assert not {"Drive", "Devices", "Open session…", "Take over", "Open for driving"} & words
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert page.head.progress.text() == "0 of 3 reviewed", "the card covers the page"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.help_card.isHidden()
    qtbot.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(window.palette_card.field, "accept")
    assert window.palette_card.names[0] == "judge_accept"
    qtbot.keyClick(window.palette_card.field, Qt.Key.Key_Return)
    assert page.head.progress.text() == "1 of 3 reviewed"
    try:
        qtbot.keyClick(window, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
        assert theme.text_scale() > 1.0
    finally:
        window.set_text_size(1.0)
    window.close()


def test_the_keys_of_the_operators_profile_hold(qtbot: QtBot, tmp_path: Path) -> None:
    profile = tmp_path / "operator.toml"
    profile.write_text('[keys]\njudge_accept = ["Y"]\ntake_over = ["T"]\nplot = ["R"]\njudge_rejct = ["X"]\n')
    window = ReviewWindow("noa", profile=profile)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    told = [label.text() for label in window.findChildren(QLabel)]
    assert any("'judge_rejct', which is no command" in words for words in told)
    assert any("would mean “Next plot of the action” and “Reject, and go on”" in words for words in told)
    assert not any("'take_over'" in words for words in told), "a command of another window"
    begin(window, [write_small(tmp_path / "s")])
    page = window.turner.page("review").view
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert page.head.progress.text() == "0 of 3 reviewed"
    qtbot.keyClick(window, Qt.Key.Key_Y)
    assert page.head.progress.text() == "1 of 3 reviewed"
    assert page.verdicts._buttons["judge_accept"].text() == "Accept  Y"
    window.close()


def test_a_missing_folder_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["review", str(tmp_path / "nowhere")]) == 1
    assert "There is no folder" in capsys.readouterr().err
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert parser.parse_args([]).folder == [Path("sessions")]


def test_review_loads_no_world_and_no_learning_library() -> None:
    code = "import sys, app.command.review_window, app.review.page, app.compare.page, app.sessions.page;"
    code += "print([m for m in ('torch', 'onnxruntime', 'mujoco', 'OpenGL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
