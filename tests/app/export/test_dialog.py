import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.export.controller import ExportController
from app.export.dialog import ExportDialog
from core.branch_tree import Branches, BranchTree
from core.events import Message
from models.datasets.export.options import REVIEWS
from tests.models.datasets.reading import lines, robomimic, same
from tests.models.datasets.recorded import expected, record


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path, make_studio: Callable[..., Application]) -> ExportDialog:
    """On a recorded session; make_studio brings the style."""
    session, _ = record(tmp_path / "sessions" / "monday")
    dialog = ExportDialog([tmp_path / "sessions" / "monday"], lambda: [session.tree])
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choose(dialog: ExportDialog, format: str) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(format))


def test_an_export_runs_beside_the_window(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    choose(dialog, "robomimic")
    assert dialog.words.text() == "2 branches of 5, 25 steps."
    assert dialog.out.text() == str(tmp_path / "exports" / "monday-robomimic")
    dialog.window_steps.setValue(2)
    asked = dialog.options()
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert dialog.job is not None
    assert not dialog.format.isEnabled()
    qtbot.waitUntil(lambda: dialog.job is None, timeout=30_000)
    assert dialog.words.text() == f"✓  2 episodes, 25 steps are in {asked.out}."
    same(robomimic(asked.out), expected(asked))
    dialog.refresh()
    assert "holds an export already" in dialog.words.text()
    assert not dialog.go.isEnabled()
    dialog.replace.setChecked(True)
    assert dialog.go.isEnabled()


def test_a_refusal_of_the_job_is_shown_in_its_words(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.what.setCurrentIndex(dialog.what.findData("corrections"))
    dialog.outcome.setCurrentIndex(dialog.outcome.findText("Successes"))
    (dialog.sessions[0] / "journal").mkdir(exist_ok=True)
    for root in ("zarr.json", "checks/zarr.json"):
        (dialog.sessions[0] / root).write_text("{")
    dialog.begin()
    qtbot.waitUntil(lambda: dialog.job is None, timeout=30_000)
    assert "is damaged" in dialog.words.text()
    assert dialog.words.property("failed")
    assert dialog.go.isEnabled()


def test_stopping_leaves_what_is_gone_on_with(dialog: ExportDialog, qtbot: QtBot) -> None:
    choose(dialog, "robomimic")
    dialog.begin()
    assert dialog.job is not None
    dialog.cancel()
    qtbot.waitUntil(lambda: dialog.job is None, timeout=30_000)
    assert dialog.words.text().startswith("Stopped.")
    assert not dialog.options().out.exists()
    dialog.begin()
    qtbot.waitUntil(lambda: dialog.job is None, timeout=30_000)
    assert len(lines(dialog.options().out)) == 2


def test_the_words_follow_the_choice(dialog: ExportDialog, tmp_path: Path) -> None:
    dialog.review.setCurrentIndex(dialog.review.findData(REVIEWS))
    assert dialog.words.text().startswith("5 branches of 5")
    dialog.outcome.setCurrentIndex(dialog.outcome.findText("Failures and timeouts"))
    assert dialog.words.text().startswith("1 branch of 5, 12 steps")
    [tree] = dialog.trees()
    none = BranchTree(Branches(replace(branch, review="rejected") for branch in tree.branches.values()))
    dialog.trees = lambda: [none]
    dialog.review.setCurrentIndex(0)
    assert dialog.words.text() == "⚠  None of 5 branches fits. Accept the good ones first, or take more above."
    assert not dialog.go.isEnabled()
    dialog.trees = lambda: [tree]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    dialog.out.setText(str(tmp_path / "mine"))
    dialog._on_typed()
    dialog.outcome.setCurrentIndex(0)
    assert "holds something else" in dialog.words.text()
    choose(dialog, "robomimic")
    assert dialog.out.text() == str(tmp_path / "mine"), "a folder that was typed stays"


def test_several_sessions_become_one_export(
    qtbot: QtBot, tmp_path: Path, make_studio: Callable[..., Application]
) -> None:
    folders = [tmp_path / "sessions" / name for name in ("monday", "tuesday")]
    trees = [record(folder)[0].tree for folder in folders]
    dialog = ExportDialog(folders, lambda: trees)
    qtbot.addWidget(dialog)
    dialog.show()
    choose(dialog, "robomimic")
    assert dialog.words.text() == "4 branches of 10, 50 steps."
    assert dialog.out.text() == str(tmp_path / "exports" / "monday-and-1-more-robomimic")
    dialog.begin()
    qtbot.waitUntil(lambda: dialog.job is None, timeout=30_000)
    assert dialog.words.text() == f"✓  4 episodes, 50 steps are in {dialog.options().out}."
    assert json.loads((dialog.options().out / "export.json").read_text())["sessions"] == [str(f) for f in folders]


def test_other_sessions_get_another_dialog_once_the_first_export_is_over(
    qtbot: QtBot, tmp_path: Path, make_studio: Callable[..., Application]
) -> None:
    folders = [tmp_path / "sessions" / name for name in ("monday", "tuesday")]
    trees = [record(folder)[0].tree for folder in folders]
    window, told = QWidget(), list[Message]()
    qtbot.addWidget(window)
    export = ExportController(window, told.append)
    export.show(folders[:1], lambda: trees[:1])
    first = export.dialog
    assert first is not None
    first.begin()
    export.show(folders, lambda: trees)
    assert export.dialog is first, "what is exported goes on"
    assert "still running" in told[0].text
    qtbot.waitUntil(lambda: first.job is None, timeout=30_000)
    export.show(folders[:1], lambda: trees[:1])
    assert export.dialog is first, "the fields stay as they were"
    export.show(folders, lambda: trees)
    assert export.dialog is not first
    assert export.dialog.sessions == tuple(folders)
    export.stop()


def test_the_menu_exports_a_session_that_is_being_recorded(studio: Application, qtbot: QtBot) -> None:
    for wanted in (1, 2, 3):
        qtbot.keyClick(studio.window, Qt.Key.Key_Period)
        qtbot.waitUntil(lambda wanted=wanted: studio.session.head is not None and studio.session.head.index == wanted)
    studio.window.run_command("export")
    dialog = studio.export.dialog
    assert dialog is not None
    assert "None of 1 branches fits" in dialog.words.text()
    studio.window.run_command("accept")
    qtbot.waitUntil(lambda: dialog.words.text() == "1 branch of 1, 3 steps.")
    choose(dialog, "robomimic")
    dialog.begin()
    dialog.hide()
    with qtbot.waitSignal(dialog.ended, timeout=30_000) as told:
        pass
    assert told.args[0] == "info", told.args
    manifest = json.loads((dialog.options().out / "export.json").read_text())
    assert (manifest["episodes"], manifest["steps"], manifest["finished"]) == (1, 3, True)


def test_the_dialog_is_as_small_as_before_once_the_text_is(studio: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: studio.session.folder is not None, timeout=10_000)
    studio.window.run_command("export")
    dialog = studio.export.dialog
    assert dialog is not None
    before = dialog.size()
    studio.window.set_text_size(1.5)
    qtbot.waitUntil(lambda: dialog.height() > before.height(), timeout=5000)
    studio.window.set_text_size(1.0)
    qtbot.waitUntil(lambda: dialog.size() == before, timeout=5000)
