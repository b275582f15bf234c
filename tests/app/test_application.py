import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.application import Application
from app.opening import opener as opening
from core.errors import BadCheckpoint
from core.events import Message, Status
from core.verbs import NewEpisode, Replay, RollBack, Run, StepOnce, TakeOver, Verb


def phase(studio: Application) -> str:
    return studio.session.status.phase if studio.session.status is not None else "LOADING"


def index(studio: Application) -> int:
    return studio.session.head.index if studio.session.head is not None else -1


def reach(qtbot: QtBot, studio: Application, wanted: str) -> None:
    qtbot.waitUntil(lambda: phase(studio) == wanted, timeout=5000)


def held(studio: Application) -> bool:
    """Whether any key of the keyboard device is down."""
    reading = studio.hands.keyboard.read()
    assert reading is not None
    return any(
        hand is not None and hand.linear is not None and bool(hand.linear.any())
        for hand in (reading.left, reading.right)
    )


def test_the_window_shows_frames_of_the_world_end_to_end(studio: Application, qtbot: QtBot) -> None:
    assert not studio.window.stage.isVisible()
    assert studio.window.side_panel.world.text() == "toy"
    qtbot.keyClick(studio.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: index(studio) >= 5, timeout=5000)
    assert phase(studio) == "AUTONOMOUS"
    seen: list[tuple[Status, bool]] = []
    studio.display.shown.connect(lambda status: seen.append((status, studio.viewport.drawn is status)))
    qtbot.waitUntil(lambda: len(seen) > 2, timeout=5000)
    assert all(is_drawn for _, is_drawn in seen)
    drawn = seen[-1][0]
    picture = studio.viewport.grab().toImage()
    colours = {
        picture.pixelColor(x, y).name() for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)
    }
    assert len(colours) > 20
    assert not np.array_equal(drawn.observation.frames["top"], np.zeros_like(drawn.observation.frames["top"]))


def test_keys_become_verbs_in_each_phase(studio: Application, qtbot: QtBot) -> None:
    window = studio.window
    qtbot.keyClick(window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 1)
    assert phase(studio) == "PAUSED"
    qtbot.keyClick(window, Qt.Key.Key_Space)
    reach(qtbot, studio, "AUTONOMOUS")
    qtbot.keyClick(window, Qt.Key.Key_Return)
    reach(qtbot, studio, "CORRECTING")
    qtbot.keyClick(window, Qt.Key.Key_Return)
    reach(qtbot, studio, "AUTONOMOUS")
    qtbot.keyClick(window, Qt.Key.Key_Space)
    reach(qtbot, studio, "PAUSED")
    at = index(studio)
    qtbot.keyClick(window, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: index(studio) == at - 1)
    qtbot.keyClick(window, Qt.Key.Key_L)
    qtbot.waitUntil(lambda: index(studio) == at)
    qtbot.keyClick(window, Qt.Key.Key_Minus)
    qtbot.waitUntil(lambda: any(b.outcome == "failure" for b in studio.session.tree.branches.values()))
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: all(b.outcome != "failure" for b in studio.session.tree.branches.values()))
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len({b.episode for b in studio.session.tree.branches.values()}) == 2)


def test_letters_move_the_arms_while_hands_drive_and_time_while_paused(studio: Application, qtbot: QtBot) -> None:
    window = studio.window
    qtbot.keyPress(window, Qt.Key.Key_W)
    assert not held(studio)
    qtbot.keyRelease(window, Qt.Key.Key_W)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    reach(qtbot, studio, "CORRECTING")
    assert "Letters move the arms" in window.hint_line.text
    start = studio.session.status.observation.ee_state[0] if studio.session.status is not None else 0.0
    qtbot.keyPress(window, Qt.Key.Key_W)
    assert held(studio)
    qtbot.waitUntil(
        lambda: studio.session.status is not None and studio.session.status.observation.ee_state[0] > start + 0.02
    )
    qtbot.keyRelease(window, Qt.Key.Key_W)
    assert not held(studio)


def test_losing_the_focus_and_pausing_let_every_key_go(studio: Application, qtbot: QtBot) -> None:
    window = studio.window
    qtbot.keyClick(window, Qt.Key.Key_Return)
    reach(qtbot, studio, "CORRECTING")
    qtbot.keyPress(window, Qt.Key.Key_D)
    assert held(studio)
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowDeactivate))
    assert not held(studio)
    qtbot.keyPress(window, Qt.Key.Key_D)
    assert held(studio)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    reach(qtbot, studio, "PAUSED")
    assert not held(studio)


def test_another_device_takes_the_letters_from_the_arms(studio: Application, qtbot: QtBot) -> None:
    from models.tasks.toy.operator import ToyOperator

    studio.hands.add("operator", ToyOperator())
    studio.input_controller.choose_device("operator")
    qtbot.keyClick(studio.window, Qt.Key.Key_Return)
    reach(qtbot, studio, "CORRECTING")
    qtbot.keyPress(studio.window, Qt.Key.Key_W)
    assert not held(studio)
    assert "Letters move the arms" not in studio.window.hint_line.text


def test_errors_are_shown_as_words_and_the_session_goes_on(studio: Application, qtbot: QtBot) -> None:
    studio.session.submit(RollBack(99, 3))
    qtbot.waitUntil(lambda: bool(studio.window.toasts.cards), timeout=5000)
    assert "99" in studio.window.toasts.cards[-1].message.text
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 1)


@pytest.mark.parametrize("verb", [Run(), StepOnce(), TakeOver(), Replay(0, 0)])
def test_a_stand_in_drives_only_after_its_reason_was_shown(
    make_studio: Callable[..., Application], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, verb: Verb
) -> None:
    load, why = opening.load_policy, "Stand-in: it rests. 'diffusion': <b>the disk</b> is full."
    monkeypatch.setattr(opening, "load_policy", lambda *given: (load(*given)[0], why))
    studio = make_studio()
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    assert why in [card.message.text for card in studio.window.toasts.cards]
    handed: list[Verb] = []
    assert studio.session.opened is not None
    monkeypatch.setattr(studio.session.opened.runtime, "submit", handed.append)
    studio.session.submit(verb)
    assert handed == []
    assert any(card.message.text.startswith(f"{why}\n") for card in studio.window.toasts.cards)
    studio.session.submit(verb)
    assert handed == [verb]


def test_an_unknown_device_is_refused_in_words(studio: Application) -> None:
    studio.input_controller.choose_device("spoon")
    assert "spoon" in studio.window.toasts.cards[-1].message.text
    assert studio.hands.assigned == "keyboard"


@pytest.mark.parametrize(
    ("error", "words"),
    [(BadCheckpoint("The weights are torn. Train again."), "Train again"), (ValueError("odd"), "odd")],
)
def test_a_failure_to_load_keeps_the_window_alive(
    make_studio: Callable[..., Application], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("app.opening.opener.load_world", fail)
    studio = make_studio()
    with qtbot.waitSignal(studio.switcher.failed, timeout=5000):
        studio.start()
    assert words in studio.window.stage.words
    assert studio.window.isVisible()
    monkeypatch.undo()
    studio.switcher.open(studio.switcher.config)
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    assert not studio.window.stage.isVisible()


def test_closing_while_loading_leaves_nothing_behind(make_studio: Callable[..., Application], qtbot: QtBot) -> None:
    studio = make_studio()
    studio.start()
    studio.switcher.open(studio.switcher.config)
    studio.window.close()
    assert studio.session.status is None


def test_a_start_can_be_made_from_a_step_that_was_seen(studio: Application, qtbot: QtBot) -> None:
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 1)
    assert studio.session.opened is not None
    assert studio.session.status is not None
    seed = studio.session.opened.book.add(studio.session.status.observation)
    studio.session.submit(NewEpisode(seed))
    qtbot.waitUntil(lambda: any(b.scene_seed == seed for b in studio.session.tree.branches.values()), timeout=5000)


def test_messages_of_the_runtime_reach_the_user(studio: Application, qtbot: QtBot) -> None:
    studio.bridge.emit(Message("error", "The disk is full. Free some space; nothing recorded is lost."))
    qtbot.waitUntil(lambda: any("disk is full" in card.message.text for card in studio.window.toasts.cards))


def steps_of_the_session(studio: Application) -> int:
    return studio.timeline.model.steps()


def test_another_session_that_cannot_be_opened_leaves_the_one_that_is_open(
    studio: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 1)
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "zarr.json").write_text("{")
    with qtbot.waitSignal(studio.switcher.failed, timeout=5000) as failed:
        studio.switcher.open(replace(studio.switcher.config, session=tmp_path / "torn"))
    assert "torn" in failed.args[0]
    qtbot.waitUntil(lambda: not studio.window.stage.isVisible())
    assert "goes on" in studio.window.toasts.cards[-1].message.text
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 2)


def test_opening_can_be_cancelled_and_the_session_goes_on(
    studio: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_up = threading.Event()
    load = opening.load_world

    def slow(*args: Any) -> Any:
        held_up.wait(10)
        return load(*args)

    monkeypatch.setattr(opening, "load_world", slow)
    studio.switcher.open(studio.switcher.config)
    assert phase_of_the_window(studio) == "LOADING"
    buttons = {b.text(): b for b in studio.window.stage.findChildren(QPushButton)}
    buttons["Cancel"].click()
    held_up.set()
    assert phase_of_the_window(studio) == "PAUSED"
    assert not studio.window.stage.isVisible()
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 1)


def phase_of_the_window(studio: Application) -> str:
    return studio.window.phase


def test_another_session_takes_the_place_of_the_first(studio: Application, qtbot: QtBot) -> None:
    first = studio.session.opened
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 1)
    assert first is not None
    assert first.folder is not None
    studio.switcher.open(replace(studio.switcher.config, seed=5))
    qtbot.waitUntil(lambda: studio.session.opened is not first and studio.session.status is not None, timeout=10_000)
    assert steps_of_the_session(studio) == 0
    assert studio.session.tree.branches[0].scene_seed == 5
    studio.switcher.open(replace(studio.switcher.config, session=first.folder))
    qtbot.waitUntil(lambda: steps_of_the_session(studio) == 1 and index(studio) == 1, timeout=10_000)


def test_a_session_left_by_a_killed_program_is_recovered_and_reported(
    studio: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    for wanted in (1, 2):
        qtbot.keyClick(studio.window, Qt.Key.Key_Period)
        qtbot.waitUntil(
            lambda wanted=wanted: studio.session.status is not None and studio.session.status.recorded == wanted
        )
    assert studio.session.opened is not None
    assert studio.session.opened.folder is not None
    left = shutil.copytree(studio.session.opened.folder, tmp_path / "killed")  # as kill -9 leaves it
    studio.switcher.open(replace(studio.switcher.config, session=left))
    qtbot.waitUntil(lambda: studio.session.opened is not None and studio.session.opened.folder == left, timeout=10_000)
    qtbot.waitUntil(lambda: index(studio) == 2, timeout=5000)
    assert any("2 steps were brought back" in card.message.text for card in studio.window.toasts.cards)


def test_a_failed_opening_offers_to_retry_or_to_open_another_session(
    make_studio: Callable[..., Application], qtbot: QtBot, tmp_path: Path
) -> None:
    studio = make_studio(session=tmp_path / "nowhere")
    studio.start()
    qtbot.waitUntil(lambda: "could not be opened" in studio.window.stage.words, timeout=10_000)
    ways = {button.text(): button for button in studio.window.stage.findChildren(QPushButton)}
    assert {"Try again", "Open session…", "New session"} <= set(ways)


def test_escape_cancels_an_opening_and_space_does_not(make_studio: Callable[..., Application], qtbot: QtBot) -> None:
    studio = make_studio()
    studio.start()
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=5000)
    qtbot.keyClick(studio.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    studio.switcher.open(replace(studio.switcher.config, seed=3))
    qtbot.keyClick(studio.window, Qt.Key.Key_Escape)
    assert not studio.window.stage.isVisible()
    assert studio.session.opened is not None


def test_a_session_is_reopened_with_tree_frames_and_states_and_goes_on(studio: Application, qtbot: QtBot) -> None:
    window = studio.window
    for wanted in (1, 2, 3):
        qtbot.keyClick(window, Qt.Key.Key_Period)
        qtbot.waitUntil(lambda wanted=wanted: index(studio) == wanted)
    qtbot.keyClick(window, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: index(studio) == 0)
    qtbot.keyClick(window, Qt.Key.Key_Insert)
    qtbot.waitUntil(lambda: len(studio.session.tree.branches) == 2)
    qtbot.keyClick(window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 1)
    assert studio.session.opened is not None
    lengths, folder, seen = (3, 1), studio.session.opened.folder, studio.timeline.frames.all()
    studio.switcher.open(replace(studio.switcher.config, session=folder))
    assert studio.session.status is None, "the same folder is closed first"
    qtbot.waitUntil(lambda: index(studio) == 1, timeout=10_000)
    assert tuple(branch.length for branch in studio.session.tree.branches.values()) == lengths
    assert studio.session.opened is not None
    archive = studio.session.opened.archive
    assert archive is not None
    for (branch, node), frames in seen.items():
        for camera, frame in frames.items():
            assert np.array_equal(archive.frame(branch, node, camera), frame)
    qtbot.keyClick(window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: index(studio) == 2)
    qtbot.keyClick(window, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.branch == 0)


def test_the_head_is_named_as_on_the_timeline_and_the_count_on_disk_is_shown(studio: Application, qtbot: QtBot) -> None:
    panel = studio.window.side_panel
    assert panel.branch.text() == "A, Rollout"
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: panel.recorded.text() == "1 steps", timeout=5000)
    studio.bridge.emit(Message("info", "Branch 0 timed out."))
    qtbot.waitUntil(lambda: any(c.message.text == "Branch A timed out." for c in studio.window.toasts.cards))


def test_a_screenshot_is_written_and_its_path_shown(
    studio: Application, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    qtbot.keyClick(studio.window, Qt.Key.Key_F12)
    assert "out/screenshots" in studio.window.toasts.cards[-1].message.text
    assert len(list((tmp_path / "out" / "screenshots").glob("*.png"))) == 1


def test_a_refusal_does_not_name_the_verb(studio: Application, qtbot: QtBot) -> None:
    qtbot.keyClick(studio.window, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: any("No failure is marked" in c.message.text for c in studio.window.toasts.cards))
    assert not studio.window.toasts.cards[-1].message.details


def test_a_screenshot_that_cannot_be_written_is_reported(
    studio: Application, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").write_text("a file where the folder should be")
    qtbot.keyClick(studio.window, Qt.Key.Key_F12)
    card = studio.window.toasts.cards[-1].message
    assert card.level == "error"
    assert str(tmp_path / "out" / "screenshots") in card.text


def test_a_note_lands_on_the_step_at_which_it_was_requested(
    studio: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The world does not run on while the user types."""
    studio.window.run_command("run")
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index >= 2, timeout=5000)
    seen: list[int] = []

    def slow_typist(*_: object, **__: object) -> tuple[str, bool]:
        qtbot.waitUntil(
            lambda: studio.session.status is not None and studio.session.status.phase == "PAUSED", timeout=5000
        )
        seen.append(studio.session.head.index if studio.session.head is not None else -1)
        qtbot.wait(400)
        return "slipped", True

    monkeypatch.setattr("app.timeline.controller.QInputDialog.getText", slow_typist)
    qtbot.keyClick(studio.window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: bool(studio.session.tree.branches[0].markers), timeout=5000)
    assert [(m.index, m.text) for m in studio.session.tree.branches[0].markers] == [(seen[0], "slipped")]


def test_a_branch_is_named_and_a_note_is_put_on_a_step_by_keys(
    studio: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.timeline.controller.QInputDialog.getText", lambda *_, **__: (" slipped ", True))
    qtbot.keyClick(studio.window, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: studio.session.tree.branches[0].name == "slipped")
    qtbot.keyClick(studio.window, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: [m.text for m in studio.session.tree.branches[0].markers] == ["slipped"])


def test_the_plan_is_drawn_on_request_and_the_height_of_the_hands_from_the_start(
    studio: Application, qtbot: QtBot
) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    assert studio.viewport.view.markers
    qtbot.keyClick(studio.window, Qt.Key.Key_L, control)
    qtbot.keyClick(studio.window, Qt.Key.Key_E, control)
    assert studio.window.command_actions["plan"].isChecked()
    assert not studio.viewport.view.markers
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: studio.viewport.view.plan is not None)
    qtbot.keyClick(studio.window, Qt.Key.Key_L, control)
    qtbot.keyClick(studio.window, Qt.Key.Key_E, control)
    assert studio.viewport.view.plan is None
    assert studio.viewport.view.markers


def test_an_open_session_is_remembered(studio: Application) -> None:
    folder = studio.session.folder
    assert folder is not None
    assert studio.window.recent_menu.actions() == [], "it is read when the menu opens"
    studio.window.recent_menu.fill()
    assert [action.text() for action in studio.window.recent_menu.actions()] == [folder.name]
