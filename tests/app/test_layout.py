"""Every page at every size and text size: nothing is cut, overlapped or off the screen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.export.dialog import ExportDialog
from app.inputs.calibration_dialog import CalibrationDialog
from app.widgets import theme
from app.widgets.screen import FRAME
from core.events import Message
from core.step_request import Parts
from core.verbs import Mark, Pause, Rename, RollBack, Run, SetNote, SetReview, SetSpeed, TakeOver
from devices.hotplug import HotplugDevices, Plugged
from models.failures.effort import Effort
from models.failures.handled import write_handled
from models.failures.queue import with_effort
from models.failures.search import SearchConfig, search
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld
from tests.app.layout_check import faults
from tests.app.post_training.test_page import finished
from tests.app.recorded_session import write_small
from tests.devices.virtual import VirtualDevice, VirtualReader

SIZES = (QSize(960, 640), QSize(1280, 800), QSize(1920, 1080), QSize(2560, 1440))
WAIT_MS = 30_000
TEXTS = (1.0, 1.5)
NAME = "around the left"
Page = tuple[str, QWidget]


def phase_is(studio: Application, phase: str) -> Callable[[], bool]:
    return lambda: studio.session.status is not None and studio.session.status.phase == phase


def record(studio: Application, qtbot: QtBot) -> None:
    """A rollout that failed, and its correction, in the session that is open."""
    studio.session.submit(Run())
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index > 4, timeout=WAIT_MS)
    studio.session.submit(Pause(), Mark("failure", "", 0, 4), RollBack(0, 3), TakeOver())
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.branch == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index > 5, timeout=WAIT_MS)
    studio.session.submit(Pause(), Rename(NAME, 1), SetReview("accepted", 1, "noa"), SetNote("best of the day", 1))
    qtbot.waitUntil(phase_is(studio, "PAUSED"), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: studio.session.tree.branches[1].note != "", timeout=WAIT_MS)


def settle() -> None:
    for _ in range(4):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def drive_pages(studio: Application, qtbot: QtBot) -> Iterator[Page]:
    window = studio.window
    yield "paused", window
    studio.session.submit(SetSpeed(0.1), RollBack(0, 1), Run())  # slowly: it must not end before it was looked at
    qtbot.waitUntil(phase_is(studio, "AUTONOMOUS"), timeout=WAIT_MS)
    yield "running", window
    studio.session.submit(Pause(), RollBack(1, 5), TakeOver())
    qtbot.waitUntil(phase_is(studio, "CORRECTING"), timeout=WAIT_MS)
    yield "correcting", window
    studio.session.submit(Pause())
    qtbot.waitUntil(phase_is(studio, "PAUSED"), timeout=WAIT_MS)
    for name in ("History", "Devices"):
        window.side_column.turn_to(name)
        yield name.lower(), window
        window.side_column.turn_to(name)
    studio.window.run_command("plots")
    yield "plots", window
    studio.window.run_command("plots")
    window.show_message(
        Message("error", "A message that is as long as a sentence about a disk that is full.", {"a": "b"})
    )
    for card in window.toasts.cards:
        yield "toast", card
        card.hide()
    window.stage.show_loading("Opening the studio", "Loading the world", [("Cancel", lambda: None)])
    yield "loading", window.stage
    words = "The weights are missing. Copy them into weights/ or choose another world. " * 3
    window.stage.show_failure("This could not be opened", words, [("Try again", lambda: None), ("Open session…", str)])
    yield "failure", window.stage
    window.stage.hide()
    studio.window.run_command("help")
    yield "help", window.help_card
    studio.window.run_command("help")
    studio.window.run_command("palette")
    yield "palette", window.palette_card
    window.palette_card.leave()


def read_pages(studio: Application, qtbot: QtBot, folder: Path) -> Iterator[Page]:
    pages, window = studio.pages, studio.window
    pages.page("review").review([folder / "one"])
    review = pages.page("review").view
    qtbot.waitUntil(lambda: review.viewer.track is not None, timeout=WAIT_MS)
    review.viewer.player.stop()
    yield "review", window
    review.acts()["judge_note"]()
    review.head.add_banner("This session is recorded by another program: labels cannot be written.")
    yield "review, note and banner", window
    review.branch_head.field.left.emit()
    studio.window.run_command("help")
    yield "review, help", window.help_card
    studio.window.run_command("help")
    review.filter_bar.field.setText("outcome:bogus")
    yield "review, no branch passes", window
    review.filter_bar.field.clear()
    review.acts()["before_after"]()
    compare = pages.page("compare").view
    qtbot.waitUntil(lambda: compare.comparison is not None and not compare.reading, timeout=WAIT_MS)
    compare.player.stop()
    yield "compare", window
    compare.acts()["four"]()
    qtbot.waitUntil(lambda: compare.comparison is not None and len(compare.comparison.branches) > 2, timeout=WAIT_MS)
    yield "compare four", window
    compare.clear("There is only one branch here; nothing to compare it with yet.")
    yield "compare nothing", window
    pages.page("sessions").open_folder(folder)
    browser = pages.page("sessions").view
    qtbot.waitUntil(lambda: not browser.reading and len(browser.model.rows) == 2, timeout=WAIT_MS)
    yield "sessions", window
    pages.show("post_training")
    training = pages.page("post_training").view
    training.read(folder)
    qtbot.waitUntil(lambda: training.form.sessions.topLevelItemCount() == 2, timeout=WAIT_MS)
    yield "post-training", window
    training.form.out.setText(str(finished(folder.parent / f"trained-{studio.window.width()}-{theme.text_scale()}")))
    qtbot.waitUntil(lambda: training.result is not None and training.result.policy is not None, timeout=WAIT_MS)
    training.outcome.say("40 of 40 scenes, less than a minute left")
    yield "post-training, done", window
    yield from failure_pages(studio, qtbot, folder)
    studio.pages.show("drive")


def failure_pages(studio: Application, qtbot: QtBot, folder: Path) -> Iterator[Page]:
    studio.pages.show("failures")
    failures = studio.pages.page("failures").view
    failures.read(folder)
    qtbot.waitUntil(lambda: not failures.reading, timeout=WAIT_MS)
    yield "failures, none", studio.window
    failures.read(folder.parent / "found")
    qtbot.waitUntil(lambda: not failures.reading and len(failures.model.rows) > 1, timeout=WAIT_MS)
    failures.show_search("12 of 40 attempts, 7 failures", 12, 40)
    yield "failures, search", studio.window
    failures.end_search("The search for failures ended without a word. The same search goes on from there.", True)
    qtbot.waitUntil(lambda: not failures.reading, timeout=WAIT_MS)
    yield "failures", studio.window


def dialogs(studio: Application, folder: Path) -> Iterator[Page]:
    scene = studio.studio.scenes.ask()
    assert scene is not None
    for number in range(3):
        scene.show_page(number)
        yield f"new scene {number}", scene
    scene.reject()
    export = ExportDialog([folder / "one"], lambda: [studio.session.tree], studio.window)
    export.show()
    yield "export", export
    export.close()
    settings = studio.input_controller.show_settings("")
    for number in range(3):
        settings.turn_to(number)
        yield f"input settings {number}", settings
    settings.close()
    keys = studio.input_controller.show_keys()
    keys.say("The key 'F12' would mean “Run” and “Save a screenshot”. Choose another key, or change the other first.")
    yield "keys", keys
    keys.close()
    about = studio.window.show_about(folder)
    yield "about", about
    about.close()
    arm = VirtualDevice("so101", hands=1, kind="position", words="SO-101 leader arm (USB 1-2)")
    leader = Plugged(arm.key, arm.found, VirtualReader(arm, 1), 1, 1)
    calibration = CalibrationDialog(leader, HotplugDevices({}), folder, studio.window)
    calibration.show()
    yield "calibration", calibration
    calibration.close()


def pages_of(studio: Application, qtbot: QtBot, folder: Path) -> Iterator[Page]:
    yield from drive_pages(studio, qtbot)
    yield from read_pages(studio, qtbot, folder)
    yield from dialogs(studio, folder)


@pytest.mark.parametrize(
    "size",
    [pytest.param(size, marks=[pytest.mark.slow] if size != SIZES[0] else []) for size in SIZES],
    ids=lambda size: f"{size.width()}x{size.height()}",
)
def test_nothing_is_cut_at(size: QSize, studio: Application, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_small(tmp_path / "recorded" / name, operator="mia")
    listed = search(
        SearchConfig(tmp_path / "found", attempts=6, failures=2, max_steps=30),
        Parts(ToyWorld(), ToyPolicy(), ToyTask()),
    )
    done = Effort(1310, (1, 2), 12, 123.0, True)
    write_handled(tmp_path / "found", with_effort([], listed.failures[0], done, 301.0))
    record(studio, qtbot)
    found: dict[str, list[str]] = {}
    try:
        for text in TEXTS:
            studio.window.set_text_size(text)
            studio.window.resize(size)
            for page, root in pages_of(studio, qtbot, tmp_path / "recorded"):
                settle()
                if isinstance(root, QDialog):  # the screen of the test is larger than the size that is tried
                    root.resize(root.size().boundedTo(size - FRAME))
                    settle()
                wrong = faults(root)
                if wrong:  # words that changed in this very moment are laid out in the next one
                    settle()
                    wrong = faults(root)
                if root.isWindow() and root.size().boundedTo(size) != root.size():
                    wrong.append(f"is {root.width()} x {root.height()}")
                if wrong:
                    found[f"{page} at {text}"] = sorted(set(wrong))
    finally:
        studio.window.set_text_size(1.0)
    assert found == {}, "\n".join(f"{page}:\n  " + "\n  ".join(wrong) for page, wrong in found.items())
