"""`main.py review`: a window without a world."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

import main
from app.command.review import add_arguments, begin
from app.command.review_window import ReviewWindow
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
    page = window.pages.review
    assert page is not None
    qtbot.waitUntil(lambda: page.current is not None, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_A)
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert window.pages.mode == "compare"
    window.close()
    branch = open_archive(session).tree().branches[0]
    assert (branch.review, branch.reviewer) == ("accepted", "noa")


def test_a_folder_of_sessions_is_listed_and_driving_says_how(
    window: ReviewWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    write_small(tmp_path / "s")
    begin(window, [tmp_path])
    page = window.pages.browser
    assert page is not None
    qtbot.waitUntil(lambda: not page.reading and page.chosen is not None, timeout=5000)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert any("main.py run --session" in card.message.text for card in window._toasts.cards)
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert window.pages.mode == "review"
    window.close()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
