import math
from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.application import Application
from app.commands.actions import Actions
from app.commands.command import Place
from app.commands.hint_line import HintLine
from app.commands.key_caps import cap_text
from app.studio.table import COMMANDS
from app.widgets.toast import MOST, Toasts
from app.window.placeholder import Placeholder
from app.window.side_panel import SidePanel, short_hash, speed_words, trust_words
from core.events import Message
from core.identity import Identity
from models.tasks.toy.policy import load as toy_policy
from models.tasks.toy.world import load as toy_world
from tests.app.fakes import STATUS


@pytest.fixture
def ground(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    widget.show()
    return widget


def test_messages_stack_count_and_leave(ground: QWidget) -> None:
    toasts = Toasts(ground)
    for text in ("one", "two", "two", "three", "four"):
        toasts.show_message(Message("error", text))
    assert [card.message.text for card in toasts.cards] == ["two", "three", "four"]
    assert len(toasts.cards) == MOST
    assert toasts.cards[0].times == 2
    for card in toasts.cards:
        assert ground.rect().contains(card.geometry())


def test_the_hint_line_shows_what_the_keys_control(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    line = HintLine(Actions(COMMANDS, lambda command: None, window), window)
    line.show_keys(Place("drive", "CORRECTING"), True, (("WASD", "left arm"),))
    assert "Letters move the arms" in line.text
    assert "left arm" in line.text
    assert "hand back" in line.text
    line.show_keys(Place("drive", "AUTONOMOUS"), True, (("WASD", "left arm"),))
    assert "Take over, then letters move the arms" in line.text
    assert "left arm" not in line.text
    line.show_keys(Place("drive", "PAUSED"), False, (("WASD", "left arm"),))
    assert "Keys move through time" in line.text
    assert "left arm" not in line.text
    assert "run" in line.text.split()


def test_keys_are_drawn_by_their_signs() -> None:
    assert cap_text("Return") == "↵"
    assert cap_text("WASD") == "WASD"
    assert cap_text("Ctrl+Z") == "Ctrl+Z"


def test_trust_is_shown_in_words_and_unknown_is_unknown() -> None:
    assert trust_words(math.nan)[0] == "unknown"
    assert trust_words(0.2)[0] == "20 %, low"
    assert trust_words(0.95)[0] == "95 %, good"


def test_the_side_panel_names_the_parts_and_what_the_world_was_trained_on(qtbot: QtBot) -> None:
    panel = SidePanel()
    qtbot.addWidget(panel)
    world, policy = toy_world().spec, toy_policy().spec
    panel.show_world(world, "Stand-in: no weights.")
    panel.show_policy(policy)
    panel.show_status("CORRECTING", STATUS, 30)
    assert panel.world_id.text() == world.identity.sha256[:8]
    assert panel.told.text() == world.training_inputs
    assert panel.why.text() == "Stand-in: no weights."
    assert not panel.policy_why.isVisibleTo(panel)
    assert panel.driver.text() == "You drive, keyboard"
    assert panel.place.text().startswith("25 of 30")
    assert short_hash(Identity("x", "", "y")) == "no weights"


def test_the_stage_covers_its_widget_and_offers_ways_out(ground: QWidget, qtbot: QtBot) -> None:
    stage = Placeholder(ground)
    tried: list[str] = []
    stage.show_failure("No world", "It is missing. Run `make env`.", [("Try again", lambda: tried.append("again"))])
    assert "Run `make env`" in stage.words
    ground.resize(700, 500)
    qtbot.waitUntil(lambda: stage.size() == ground.size())
    from PyQt6.QtWidgets import QPushButton

    stage.findChildren(QPushButton)[0].click()
    assert tried == ["again"]


def test_an_early_space_does_not_cancel_what_is_loading(ground: QWidget, qtbot: QtBot) -> None:
    from PyQt6.QtWidgets import QPushButton

    stage, tried = Placeholder(ground), list[str]()
    stage.show_loading("Opening", "The world", [("Cancel", lambda: tried.append("cancel"))])
    ground.activateWindow()
    button = stage.findChildren(QPushButton)[0]
    assert button.focusPolicy() == Qt.FocusPolicy.NoFocus
    qtbot.keyClick(ground, Qt.Key.Key_Tab)
    qtbot.keyClick(ground.focusWidget() or ground, Qt.Key.Key_Space)
    assert not tried
    stage.show_failure("No world", "It is missing.", [("Cancel", lambda: tried.append("cancel"))])
    assert button.focusPolicy() == Qt.FocusPolicy.StrongFocus, "a failure is answered by keys too"


def test_the_side_panel_shows_how_much_is_on_disk(qtbot: QtBot) -> None:
    panel = SidePanel()
    qtbot.addWidget(panel)
    panel.show_place("A1, Correction", 12)
    panel.show_status("PAUSED", STATUS, 30)
    assert panel.branch.text() == "A1, Correction"
    assert panel.recorded.text() == "12 steps"
    panel.show_place("A1, Correction", 14)
    panel.show_status("PAUSED", STATUS, 30)
    assert panel.recorded.text() == "12 of 14 steps"
    panel.show_session(None)
    panel.show_status("PAUSED", STATUS, 30)
    assert panel.recorded.text() == "nothing"


def test_new_words_of_a_long_work_leave_its_buttons_alone(ground: QWidget) -> None:
    from PyQt6.QtWidgets import QPushButton

    stage, tried = Placeholder(ground), list[str]()
    stage.show_loading("Opening", "The world", [("Cancel", lambda: tried.append("first"))])
    button = stage.findChildren(QPushButton)[0]
    stage.show_loading("Opening", "The policy", [("Cancel", lambda: tried.append("second"))])
    button.click()
    assert tried == ["second"]
    assert "The policy" in stage.words


def test_a_speed_that_is_not_reached_is_shown() -> None:
    driving = replace(STATUS, phase="AUTONOMOUS", speed=4.0, rate_hz=11.0, frozen=False, freeze_on_idle=False)
    assert speed_words(driving, 0.1) == "4×, 1.1× reached"
    assert speed_words(replace(driving, rate_hz=39.0), 0.1) == "4×"
    assert speed_words(replace(driving, phase="PAUSED"), 0.1) == "4×"


@pytest.mark.parametrize("size", [(1920, 1080), (2560, 1440)])
def test_little_is_empty_beside_the_pictures_of_a_large_window(
    size: tuple[int, int], studio: Application, qtbot: QtBot
) -> None:
    """Two square pictures with a gap; the side column and the menu take the rest."""
    studio.window.resize(*size)
    qtbot.waitUntil(lambda: studio.window.width() == size[0], timeout=5000)
    view = studio.viewport
    empty = view.width() - 2 * view.height()
    assert empty <= 0.09 * size[0]
