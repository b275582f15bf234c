"""The page Post-training, with jobs that only say what a real one says; one test runs the real command."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.post_training.page import Arena, PostTrainingPage
from app.post_training.words import card_words, comparison_words, time_left
from app.widgets.numbers import grouped
from tests.models.post_training.toy_data import write_base, write_demos, write_session

LOSSES = {"chunk corrections": 0.4, "chunk demonstrations": 0.2}


class FakeJob(QObject):
    """A job that does nothing but what the test emits."""

    progressed, said, done, failed = pyqtSignal(object), pyqtSignal(str), pyqtSignal(object), pyqtSignal(str)

    def __init__(self, words: Sequence[str], parent: QWidget, what: str, saves: bool) -> None:
        super().__init__(parent)
        self.words, self.what, self.saves, self.calls = list(words), what, saves, list[str]()

    def start(self) -> None:
        self.calls.append("start")

    def cancel(self) -> None:
        self.calls.append("cancel")

    def stop(self) -> None:
        self.calls.append("stop")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    write_session(folder / "sessions" / "monday", corrections=2)
    write_base(folder / "base.safetensors")
    write_demos(folder / "demos")
    return folder


def page_on(qtbot: QtBot, recorded: Path, out: Path, start: Any = FakeJob) -> PostTrainingPage:
    page = PostTrainingPage(start)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    page.form.offer_base(recorded / "base.safetensors")
    page.form.demos.setText(str(recorded / "demos"))
    page.form.out.setText(str(out))
    page.read(recorded / "sessions")
    qtbot.waitUntil(lambda: not page._reading.waiting and not page._looking.waiting, timeout=30_000)
    return page


@pytest.fixture
def page(
    qtbot: QtBot, recorded: Path, tmp_path: Path, make_studio: Callable[..., Application]
) -> "Any":  # make_studio brings the style
    page = page_on(qtbot, recorded, tmp_path / "out")
    yield page
    page.stop()


def finished(out: Path) -> Path:
    """A folder as a finished post-training leaves it."""
    out.mkdir(parents=True)
    (out / "history.jsonl").write_text(json.dumps({"step": 50, **LOSSES}) + "\ntorn")
    (out / "policy.safetensors").touch()
    branch = {"session": "monday", "branch": 3, "rows": 21}
    sources = {
        "demonstrations": {"share": 0.65, "rows": 1200},
        "corrections": {"share": 0.35, "rows": 21, "branches": [branch]},
    }
    card = {
        "base": {"weights": "base.safetensors", "sha256": "0123456789"},
        "lineage": {
            "base": {"weights": "base.safetensors", "sha256": "0123456789"}, "sources": sources,
            "selection": {"part": "operator"}, "weighting": {"kind": "uniform"},
        },
        "training": {"steps": 5000, "rate": 5e-5},
        "commit": "abcdef0123456",
    }  # fmt: skip
    (out / "policy.json").write_text(json.dumps(card))
    return out


def test_the_sessions_are_listed_with_what_they_hold(page: PostTrainingPage) -> None:
    [found] = page.form.chosen
    assert found.accepted == 2
    assert found.steps > 0
    assert page.form.summary.text() == f"1 session: 2 accepted, {found.steps} operator steps"
    assert page.go.isEnabled()
    item = page.form.sessions.topLevelItem(0)
    assert item is not None
    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert not page.go.isEnabled()
    assert page.words.text() == "Tick at least one session with accepted corrections."


def test_a_running_training_shows_step_time_and_curves(page: PostTrainingPage, qtbot: QtBot) -> None:
    page.form.share.setValue(20)
    qtbot.mouseClick(page.go, Qt.MouseButton.LeftButton)
    job: Any = page.job
    assert job.calls == ["start"]
    assert job.saves
    assert job.words[0] == "post-train"
    assert "--share=0.2" in job.words
    assert not page.form.steps.isEnabled()
    for step, event, figures in ((50, "losses", LOSSES), (100, "losses", LOSSES), (100, "validation", {"loss": 0.3})):
        job.progressed.emit(
            {"step": step, "steps": 5000, "event": event, "figures": figures, "minutes_left": 7.2, "phase": "act"}
        )
    assert page.words.text() == f"Step 100 of {grouped(5000)}, 7 min left"
    assert page.bar.value() == 100
    assert page.curves.points["chunk corrections"] == [(50.0, 0.4), (100.0, 0.4)]
    assert page.curves.points["loss"] == [(100.0, 0.3)]


def test_a_stopped_training_can_go_on(page: PostTrainingPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.begin()
    job: Any = page.job
    page.cancel()
    assert job.calls == ["start", "cancel"]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "history.jsonl").write_text(json.dumps({"step": 50, **LOSSES}) + "\n")
    job.failed.emit("")
    assert page.words.text().startswith("Stopped.")
    qtbot.waitUntil(lambda: page.go.text() == "Go on", timeout=30_000)
    assert page.form.steps.isEnabled()


def test_a_refusal_is_shown_in_the_words_of_the_command_and_nothing_is_lost(page: PostTrainingPage) -> None:
    page.form.steps.setValue(77)
    page.begin()
    job: Any = page.job
    job.failed.emit("out holds a post-training from other data. Name a new folder with --out.")
    assert page.words.text() == "⚠  out holds a post-training from other data. Name a new folder with --out."
    assert page.words.property("failed")
    assert page.form.steps.value() == 77
    assert len(page.form.chosen) == 1
    assert page.go.isEnabled()


def test_the_result_has_a_card_and_is_held_against_the_old_policy(
    page: PostTrainingPage, qtbot: QtBot, tmp_path: Path
) -> None:
    page.form.out.setText(str(finished(tmp_path / "done")))
    qtbot.waitUntil(lambda: page.result is not None and page.result.policy is not None, timeout=30_000)
    assert "corrections: 21 steps of 1 branch in 1 session, 35% of every batch" in page.outcome.card.text()
    page.compare()
    assert "Open a world first" in page.outcome.verdict.text()
    page.arena = Arena("toy", "toy", None)
    qtbot.mouseClick(page.outcome.compare, Qt.MouseButton.LeftButton)
    job: Any = page.comparison
    assert job.words[:2] == ["compare-policies", "--old=base.safetensors"]
    assert "--world=toy" in job.words
    sides = [{"success": True, "steps": 9, "progress": 1.0}, {"success": False, "steps": 30, "progress": 0.5}]
    seeds = [{"seed": 4, "old": sides[0], "new": sides[0]}, {"seed": 7, "old": sides[1], "new": sides[0]}]
    job.progressed.emit({"attempts": 2, "of": 40, "minutes_left": 0.1, "seeds": seeds})
    assert page.outcome.verdict.text() == "2 of 40 scenes, less than a minute left"
    result = {"attempts": 2, "both": 1, "only_old": 0, "only_new": 1, "neither": 0, "gain": 0.5, "p": 1.0}
    job.done.emit({**result, "interval": [0.0, 1.0], "seeds": seeds})
    assert page.comparison is None
    first = page.outcome.table.topLevelItem(0)
    assert first is not None
    assert (first.text(0), first.text(1)) == ("7", "only new")
    assert "McNemar p = 1.000" in page.outcome.verdict.text()
    with qtbot.waitSignal(page.drive_asked) as asked:
        page.outcome.table.itemActivated.emit(first, 0)
    assert asked.args == [tmp_path / "done" / "policy.safetensors", 7]


def test_words() -> None:
    assert time_left(0.4) == "less than a minute left"
    assert time_left(125) == "2 h 5 min left"
    assert card_words({}) == ""
    counts = {"attempts": 4, "both": 1, "only_old": 2, "only_new": 1, "neither": 0}
    words = comparison_words({**counts, "gain": -0.25, "interval": [-0.75, 0.25], "p": 1.0})
    assert "Difference −25 points (95 % interval −75 to +25)" in words


def test_a_tiny_post_training_runs_beside_the_window(
    studio: Application, qtbot: QtBot, recorded: Path, tmp_path: Path
) -> None:
    studio.window.run_command("mode_post_training")
    page = studio.pages.page("post_training").view
    page.form._typed_base = True
    page.form.base.setText(str(recorded / "base.safetensors"))
    page.form.demos.setText(str(recorded / "demos"))
    page.form.out.setText(str(tmp_path / "made"))
    page.form.steps.setValue(4)
    page.read(recorded / "sessions")
    qtbot.waitUntil(lambda: not page._reading.waiting and bool(page.form.chosen), timeout=30_000)
    studio.window.run_command("start_training")
    qtbot.waitUntil(lambda: page.job is None, timeout=120_000)
    assert page.words.text().startswith("✓  The policy is"), page.words.text()
    qtbot.waitUntil(lambda: page.result is not None and page.result.policy is not None, timeout=30_000)
    assert page.curves.points["chunk corrections"]
    before = studio.session.opened
    qtbot.mouseClick(page.outcome.drive, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: studio.session.opened not in (None, before), timeout=60_000)
    assert studio.session.opened is not None
    assert studio.session.opened.parts.policy.spec.identity.name == "diffusion"
    assert studio.pages.mode == "drive"
