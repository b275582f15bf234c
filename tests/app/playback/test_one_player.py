"""The same commands do the same in driving, review and comparison."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from app.compare.page import ComparePage
from app.playback.player import Player
from app.review.viewer import BranchViewer
from app.studio.table import BY_NAME
from app.timeline.controller import TimelineController
from app.timeline.player import TimelinePlayer
from app.viewport.widget import Viewport
from core.branch_tree import Head
from core.events import Message
from core.store.archive import open_archive
from core.verbs import RollBack
from models.tasks.push_t.geometry import CAMERAS
from tests.app.fakes import RecordingSession
from tests.app.made_up_session import MadeUp
from tests.app.recorded_session import write_small


class Driving:
    """The player of a driven session; the head goes at once where it is sent."""

    def __init__(self, qtbot: QtBot, _folder: Path) -> None:
        self.session, self.viewport = RecordingSession(), Viewport(CAMERAS)
        qtbot.addWidget(self.viewport)
        self.past = TimelineController(self.session, self.viewport, 0.1)
        qtbot.addWidget(self.past.timeline)
        self.made = MadeUp(self.past.model, pictures=False)
        self.trunk = self.made.branch(0, None, 0, "rollout")
        self.made.run(self.trunk, "policy", 40)
        self.past.model.status(self.made.status(Head(self.trunk, 0)))
        self.studio = SimpleNamespace(player=TimelinePlayer(self))
        self.studio.player.attach(self.past)
        self.player: Player = self.studio.player.player

    def tell(self, message: Message) -> None:
        """See Teller.tell."""

    def do(self, name: str) -> None:
        """Carry out a command as the table has it, and follow its verbs."""
        act = BY_NAME[name].act
        assert act is not None
        act(self.studio)  # type: ignore[arg-type]
        for verb in self.session.verbs:
            assert isinstance(verb, RollBack)
            self.past.model.status(self.made.status(Head(verb.branch or 0, verb.index)))
        self.session.verbs.clear()

    def stop(self) -> None:
        self.studio.player.cancel()


class Review:
    """A branch of 40 steps that is reviewed."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        archive = open_archive(write_small(folder / "s", 40))
        self.view = BranchViewer()
        qtbot.addWidget(self.view)
        self.view.show_branch(archive, archive.tree(), 0)
        self.player = self.view.player

    def do(self, name: str) -> None:
        self.view.acts()[name]()

    def stop(self) -> None:
        self.view.stop()


class Compare:
    """Two branches that are compared."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        archive = open_archive(write_small(folder / "s", 40))
        self.view = ComparePage()
        qtbot.addWidget(self.view)
        self.view.set_subject(archive, archive.tree)
        self.view.before_after(0)
        qtbot.waitUntil(lambda: self.view.comparison is not None, timeout=5000)
        self.player = self.view.player

    def do(self, name: str) -> None:
        self.view.acts()[name]()

    def stop(self) -> None:
        self.view.stop()


class Deck:
    """One of the three, with a clock that the test turns."""

    def __init__(self, place: Driving | Review | Compare, monkeypatch: pytest.MonkeyPatch) -> None:
        self.do, self.player, self.now = place.do, place.player, 100.0
        monkeypatch.setattr("app.playback.player.time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(self.player, "_ready", lambda: True)
        self.player.stop()
        if self.player.head.loops:
            self.do("loop")
        self.do("to_start")
        self.first, self.last = self.player.head.first, self.player.head.last

    @property
    def at(self) -> int:
        """Nodes from the start."""
        return self.player.head.node - self.first

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.player._tick()


@pytest.fixture(params=[Driving, Review, Compare], ids=["driving", "review", "compare"])
def deck(
    request: pytest.FixtureRequest, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deck]:
    place = request.param(qtbot, tmp_path)
    yield Deck(place, monkeypatch)
    place.stop()


class TestOnePlayer:
    """What every key that plays does, wherever it plays."""

    def test_j_and_l_double_to_64_and_turn_round_and_k_stops(self, deck: Deck) -> None:
        speeds = []
        for name in ("play",) * 8 + ("play_back", "play_back", "play_slow", "play_back_slow", "play_back"):
            deck.do(name)
            speeds.append(deck.player.head.speed)
        assert speeds == [1, 2, 4, 8, 16, 32, 64, 64, -1, -2, 0.5, -0.5, -1]
        deck.do("play_stop")
        assert not deck.player.playing

    def test_time_moves_it_and_it_stops_at_the_end(self, deck: Deck) -> None:
        deck.do("play")
        deck.wait(0.5)
        assert deck.at == 5
        deck.wait(60.0)
        assert (deck.player.head.node, deck.player.playing) == (deck.last, False)

    def test_a_loop_begins_again(self, deck: Deck) -> None:
        deck.do("loop")
        deck.do("to_end")
        deck.do("play")
        deck.wait(0.15)
        assert (deck.at, deck.player.playing) == (0, True)

    def test_digits_jump_to_tenths_and_stop(self, deck: Deck) -> None:
        deck.do("play")
        for digit in (0, 5, 9):
            deck.do(f"speed_{digit}")
            assert deck.at == round((deck.last - deck.first) * digit / 10)
            assert not deck.player.playing

    def test_steps_stop_at_the_ends(self, deck: Deck) -> None:
        places = []
        for name in ("back", "forward_10", "forward", "back_10", "to_end", "forward", "to_start"):
            deck.do(name)
            places.append(deck.at)
        end = deck.last - deck.first
        assert places == [0, 10, 11, 1, end, end, 0]

    def test_a_step_while_playing_begins_where_the_playback_is(self, deck: Deck) -> None:
        deck.do("play")
        deck.wait(1.0)
        deck.do("forward")
        assert (deck.at, deck.player.playing) == (11, False)

    def test_a_range_is_played_in_a_loop_until_it_is_cleared(self, deck: Deck) -> None:
        deck.do("forward_10")
        deck.do("set_in")
        deck.do("forward_10")
        deck.do("set_out")
        deck.do("play")
        deck.wait(0.15)
        assert deck.at == 10, "behind the end comes the begin"
        deck.do("play_back")
        deck.wait(0.1)
        assert deck.at == 20
        deck.do("go_in")
        assert (deck.at, deck.player.playing) == (10, False)
        deck.do("go_out")
        assert deck.at == 20
        deck.do("clear_range")
        deck.do("go_out")
        assert deck.player.head.node == deck.last

    def test_a_range_can_be_set_while_it_plays(self, deck: Deck) -> None:
        deck.do("play")
        deck.wait(0.5)
        deck.do("set_in")
        deck.wait(0.5)
        deck.do("set_out")
        deck.wait(0.15)
        assert (deck.at, deck.player.playing) == (5, True)
