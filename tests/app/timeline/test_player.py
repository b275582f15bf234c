"""Previews, the range in the ruler, jumps: on a made-up session of a trunk of 40 steps and two corrections."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from app.timeline.controller import TimelineController
from app.timeline.player import TimelinePlayer
from app.viewport.widget import Viewport
from core.branch_tree import Head, Marker
from core.events import Message
from core.verbs import RollBack
from models.tasks.push_t.geometry import CAMERAS
from tests.app.fakes import RecordingSession
from tests.app.made_up_session import MadeUp


class Table:
    """A deck with its past, and a clock that the test turns."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.studio = RecordingSession()
        self.viewport = Viewport(CAMERAS)
        qtbot.addWidget(self.viewport)
        self.past = TimelineController(self.studio, self.viewport, 0.1)
        qtbot.addWidget(self.past.timeline)
        self.made = MadeUp(self.past.model, pictures=False)
        self.trunk = self.made.branch(0, None, 0, "rollout")
        self.made.run(self.trunk, "policy", 40)
        self.made.finish(self.trunk, "failure")
        self.one = self.made.branch(0, self.trunk, 10, "correction")
        self.made.run(self.one, "operator", 8)
        self.made.run(self.one, "policy", 12)
        self.two = self.made.branch(0, self.trunk, 20, "correction")
        self.made.run(self.two, "operator", 10)
        self.words: list[str] = []
        self.deck = TimelinePlayer(self)
        self.deck.attach(self.past)
        self.now = 100.0
        monkeypatch.setattr("app.playback.player.time", SimpleNamespace(monotonic=lambda: self.now))
        self.at(self.trunk, 20)

    def tell(self, message: Message) -> None:
        self.words.append(message.text)

    def at(self, branch: int, node: int) -> None:
        self.deck.cancel()
        self.past.model.status(self.made.status(Head(branch, node)))
        self.studio.verbs.clear()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.deck.player._tick()

    def gone(self) -> list[tuple[int, int]]:
        return [(v.branch, v.index) for v in self.studio.verbs if isinstance(v, RollBack)]


@pytest.fixture
def table(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    made = Table(qtbot, monkeypatch)
    yield made
    made.deck.cancel()


def test_playing_looks_at_frames_and_the_head_goes_where_it_stops(table: Table) -> None:
    table.deck.do("play")
    table.wait(0.5)
    assert table.past.timeline.selected_node() == Head(table.trunk, 25)
    assert "Step 25 of A" in table.viewport.view.preview
    assert table.gone() == [], "the head stands still meanwhile"
    assert table.deck.stop()
    assert table.gone() == [(table.trunk, 25)]
    assert table.viewport.view.preview == ""
    assert not table.deck.stop()


def test_cancelling_shows_the_head_again_and_sends_it_nowhere(table: Table) -> None:
    table.deck.do("play")
    table.wait(0.5)
    assert table.deck.cancel()
    assert table.past.timeline.selected_node() == Head(table.trunk, 20)
    assert table.viewport.view.preview == ""
    assert table.gone() == []
    assert not table.deck.cancel()


def test_a_loop_is_played_where_the_user_asked_for_it(table: Table) -> None:
    table.deck.toggle_loop()
    assert "begins again" in table.words[-1]
    table.at(table.trunk, 40)
    table.deck.do("play")
    table.wait(0.15)
    assert table.past.timeline.selected_node() == Head(table.trunk, 0)
    table.deck.toggle_loop()
    assert "stops" in table.words[-1]
    table.wait(60.0)
    assert table.gone() == [], "the head is at the end"
    assert not table.deck.playing


def test_playing_stops_at_the_ends_and_goes_round_in_a_range(table: Table) -> None:
    table.deck.do("play")
    table.wait(60.0)
    assert not table.deck.playing
    assert table.gone() == [(table.trunk, 40)]
    table.at(table.trunk, 10)
    table.deck.do("set_in")
    table.at(table.trunk, 15)
    table.deck.do("set_out")
    assert table.past.timeline._range == (10, 15)
    table.deck.do("play")
    table.wait(0.15)
    assert table.past.timeline.selected_node() == Head(table.trunk, 10), "behind the end comes the begin"
    table.deck.do("play_back")
    table.wait(0.1)
    assert table.past.timeline.selected_node() == Head(table.trunk, 15)
    assert table.deck.playing


def test_steps_stop_at_the_ends_and_nowhere_to_go_is_no_verb(table: Table) -> None:
    for name in ("back", "forward_10", "to_start"):
        table.deck.do(name)
    assert table.gone() == [(table.trunk, n) for n in (19, 30, 0)]
    table.at(table.trunk, 40)
    table.deck.do("forward")
    assert table.gone() == []


def test_a_step_while_playing_begins_where_the_play_is(table: Table) -> None:
    table.deck.do("play")
    table.wait(1.0)
    table.deck.do("forward")
    assert table.gone() == [(table.trunk, 31)]


def events_from(table: Table, branch: int, node: int, direction: int) -> int:
    table.at(branch, node)
    table.deck.to_event(direction)
    return table.gone()[0][1]


def test_events_are_markers_forks_changes_of_the_driver_and_ends(table: Table) -> None:
    assert events_from(table, table.trunk, 0, +1) == 10, "where a branch grows"
    assert events_from(table, table.trunk, 10, +1) == 20
    assert events_from(table, table.trunk, 20, +1) == 40
    assert events_from(table, table.one, 11, +1) == 18, "the policy drives again"
    assert events_from(table, table.one, 18, -1) == 10
    table.made.tree[table.one] = replace(table.made.tree[table.one], markers=(Marker(14, "note", "contact"),))
    table.made.tell(table.one, 11)
    assert events_from(table, table.one, 11, +1) == 14


def test_failures_are_found_on_every_lane_and_around_the_end(table: Table) -> None:
    table.made.finish(table.two, "timeout")
    table.at(table.trunk, 20)
    table.deck.failure(+1)
    table.at(table.trunk, 40)
    table.deck.failure(+1)
    table.deck.failure(-1)
    assert table.gone() == [(table.two, 30), (table.two, 30)]
    table.at(table.two, 30)
    table.deck.failure(+1)
    assert table.gone() == [(table.trunk, 40)]


def test_without_a_failure_a_message_is_shown(table: Table) -> None:
    table.made.tree[table.trunk] = replace(table.made.tree[table.trunk], markers=(), outcome="open")
    table.made.tell(table.trunk, 3)
    table.deck.failure(+1)
    assert table.gone() == []
    assert "No failure" in table.words[-1]


def test_siblings_and_lanes_keep_the_step_where_they_have_it(table: Table) -> None:
    table.at(table.one, 25)
    table.deck.sibling(+1)
    assert table.gone() == [(table.two, 25)]
    table.at(table.two, 25)
    table.deck.sibling(+1)
    assert "A2 is the last branch" in table.words[-1]
    table.deck.lane(-1)
    assert table.gone() == [(table.one, 25)]
    table.at(table.trunk, 35)
    table.deck.lane(+1)
    table.deck.lane(-1)
    assert table.gone() == [(table.one, 30)]


def test_a_typed_step_is_gone_to_and_invalid_input_is_reported(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["33", "+5", "soon", None])
    monkeypatch.setattr(table.past, "ask_step", lambda: next(answers))
    for _ in range(4):
        table.deck.go_to_step()
    assert table.gone() == [(table.trunk, 33), (table.trunk, 25)]
    assert "'soon' is no step" in table.words[-1]


def test_the_mouse_takes_over_from_the_play(table: Table) -> None:
    table.deck.do("play")
    table.past.timeline.touched.emit()
    assert not table.deck.playing
    assert table.gone() == []


def test_another_session_has_no_range_and_the_step_time_of_its_own_world(table: Table, qtbot: QtBot) -> None:
    table.deck.do("set_in")
    other = TimelineController(table.studio, table.viewport, 0.05)
    qtbot.addWidget(other.timeline)
    table.deck.attach(other)
    assert table.deck.player.head.begin is None
    assert table.deck.player.dt == 0.05
