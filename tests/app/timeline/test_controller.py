"""Looking back in a real session: frames from the disk, the film after a reopening, keys of the paused timeline."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.application import Application
from app.timeline.frame_cache import PastFrames
from app.timeline.geometry import RULER
from app.timeline.tracks import DISK, MEMORY
from core.branch_tree import Head

Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def run(studio: Application, qtbot: QtBot, steps: int) -> None:
    studio.window.run_command("run")
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index >= steps, timeout=20_000)
    studio.window.run_command("pause")
    qtbot.waitUntil(
        lambda: studio.session.status is not None and studio.session.status.phase == "PAUSED", timeout=10_000
    )
    qtbot.waitUntil(
        lambda: studio.session.status is not None and studio.session.status.recorded >= steps, timeout=10_000
    )


@pytest.fixture
def reopened(make_studio: Callable[..., Application], qtbot: QtBot) -> Application:
    """A session of at least twelve steps that was closed and opened again."""
    studio = make_studio()
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    qtbot.waitUntil(studio.window.isActiveWindow, timeout=5000)
    run(studio, qtbot, 12)
    assert studio.session.opened is not None
    studio.switcher.open(replace(studio.switcher.config, session=studio.session.opened.folder))
    qtbot.waitUntil(
        lambda: studio.session.status is not None and studio.session.status.head.index >= 12, timeout=10_000
    )
    return studio


def test_the_film_is_whole_after_a_reopening_its_first_picture_included(reopened: Application, qtbot: QtBot) -> None:
    model = reopened.timeline.model
    reopened.timeline.timeline.viewport().repaint()
    qtbot.waitUntil(lambda: model.thumbnails.at(0, 0) is not None, timeout=10_000)
    qtbot.waitUntil(lambda: not reopened.timeline.timeline.layers.wanted, timeout=10_000)


def test_scrubbing_shows_the_frame_of_the_very_step_from_the_disk(reopened: Application, qtbot: QtBot) -> None:
    past, archive = reopened.timeline, reopened.session.opened.archive if reopened.session.opened is not None else None
    assert archive is not None
    past.frames = PastFrames()
    canvas, g = past.timeline.viewport(), past.timeline.layout_now
    head = reopened.session.head
    QTest.mousePress(canvas, LEFT, pos=QPoint(round(g.x(9)), RULER // 2))
    for node in (8, 6, 4):
        QTest.mouseMove(canvas, QPoint(round(g.x(node)), RULER // 2))
    qtbot.waitUntil(lambda: reopened.viewport.view.preview == "Step 4 of A", timeout=10_000)
    for camera, frame in reopened.viewport.view.frames.items():
        assert np.array_equal(frame, archive.frame(0, 4, camera))
    assert reopened.session.head == head, "the head stays"
    past.timeline.cancel_scrub()
    assert reopened.viewport.view.preview == ""


def test_states_are_on_disk_after_a_reopening_and_in_memory_when_they_were_gone_to(
    reopened: Application, qtbot: QtBot
) -> None:
    model = reopened.timeline.model
    assert model.place(0, 5) == DISK
    reopened.timeline.seek(0, 5)
    qtbot.waitUntil(lambda: reopened.session.head == Head(0, 5), timeout=10_000)
    qtbot.waitUntil(lambda: model.place(0, 5) == MEMORY, timeout=10_000)


def test_the_keys_of_a_film_editor_move_through_the_past(reopened: Application, qtbot: QtBot) -> None:
    window, deck = reopened.window, reopened.display.player
    qtbot.keyClick(window, Key.Key_Home)
    qtbot.waitUntil(lambda: reopened.session.head == Head(0, 0), timeout=10_000)
    qtbot.keyClick(window, Key.Key_L)
    qtbot.keyClick(window, Key.Key_L)
    assert deck.player.head.speed == 2
    selected = reopened.timeline.timeline.selected_node
    qtbot.waitUntil(lambda: (selected() or Head(0, 0)).index >= 3, timeout=10_000)
    qtbot.keyClick(window, Key.Key_Space)
    assert not deck.playing
    qtbot.waitUntil(lambda: reopened.session.head is not None and reopened.session.head.index >= 3, timeout=10_000)
    assert reopened.session.status is not None
    assert reopened.session.status.phase == "PAUSED", "the key that stops the play does not start the world"
    qtbot.keyClick(window, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(window, Key.Key_I)
    assert deck.player.head.begin is not None


def test_keys_are_letters_while_the_user_types(reopened: Application, qtbot: QtBot) -> None:
    reopened.window.run_command("palette")
    field = reopened.window.palette_card.field
    qtbot.waitUntil(field.hasFocus, timeout=5000)
    head = reopened.session.head
    for letter in "jlkio.":
        qtbot.keyClick(field, letter)
    assert field.text() == "jlkio."
    assert not reopened.display.player.playing
    assert reopened.display.player.player.head.begin is None
    reopened.window.palette_card.leave()
    plain = QLineEdit(reopened.window)
    plain.show()
    plain.setFocus()
    qtbot.waitUntil(plain.hasFocus, timeout=5000)
    for letter in "l15.":
        qtbot.keyClick(plain, letter)
    assert plain.text() == "l15."
    assert not reopened.display.player.playing
    assert reopened.session.head == head


def test_a_take_over_while_playing_happens_where_the_play_is(reopened: Application, qtbot: QtBot) -> None:
    reopened.timeline.seek(0, 0)
    qtbot.waitUntil(lambda: reopened.session.head == Head(0, 0), timeout=10_000)
    reopened.window.run_command("play")
    selected = reopened.timeline.timeline.selected_node
    qtbot.waitUntil(lambda: (selected() or Head(0, 0)).index >= 4, timeout=10_000)
    reopened.window.run_command("take_over")
    qtbot.waitUntil(
        lambda: reopened.session.status is not None and reopened.session.status.phase == "CORRECTING", timeout=10_000
    )
    assert reopened.session.head is not None
    assert reopened.session.head.index >= 4


def test_going_back_to_a_failure_shows_where_it_lands(
    reopened: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reopened.window.run_command("mark_failure")
    qtbot.waitUntil(lambda: reopened.session.tree.branches[0].outcome == "failure", timeout=10_000)
    reopened.window.run_command("to_failure")
    cards = reopened.window.toasts
    qtbot.waitUntil(lambda: any("before the failure at step" in c.message.text for c in cards.cards), timeout=10_000)
    assert "of branch A." in cards.cards[-1].message.text
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("5", True))
    reopened.window.run_command("go_to_step")
    qtbot.waitUntil(lambda: reopened.session.head == Head(0, 5), timeout=10_000)


def test_the_card_under_the_pointer_goes_when_the_session_runs(studio: Application, qtbot: QtBot) -> None:
    timeline = studio.timeline.timeline
    qtbot.waitUntil(lambda: bool(timeline.model.rows), timeout=5000)
    hover = QPoint(timeline.viewport().width() // 2, RULER // 2)
    QTest.mouseMove(timeline.viewport(), hover - QPoint(2, 0))
    QTest.mouseMove(timeline.viewport(), hover)
    qtbot.waitUntil(timeline._card.isVisible, timeout=5000)
    assert timeline._card.windowFlags() & Qt.WindowType.WindowTransparentForInput, "a click goes to what it covers"
    studio.window.run_command("run")
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.phase == "AUTONOMOUS")
    qtbot.waitUntil(lambda: not timeline._card.isVisible(), timeout=5000)
