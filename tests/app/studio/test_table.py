import itertools

import pytest
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.commands.actions import Actions
from app.commands.command import ALL, DRIVE, EVERY_PAGE, MOVING, Place, possible, reason, together
from app.commands.hint_line import hints
from app.commands.key_bindings import conflict
from app.studio.table import BY_NAME, COMMANDS
from core.branch_tree import Head
from core.phases import PHASES, allowed
from core.verbs import (
    Mark,
    NewEpisode,
    Replay,
    Restore,
    SetFreezeOnIdle,
    SetHidden,
    SetPinned,
    SetSpeed,
    TakeOver,
)
from devices.keyboard.device import Keyboard
from tests.app.fakes import RecordingStudio

PAGES = sorted(set().union(*(command.pages for command in COMMANDS)) - EVERY_PAGE)
PLACES = [*(Place(DRIVE, phase) for phase in sorted(ALL)), *(Place(page, "PAUSED") for page in PAGES)]
TIMELINE = (
    "J", "K", "L", "Left", "Right", "Shift+Left", "Shift+Right", "Ctrl+Left", "Ctrl+Right", "Home", "End", "F", "G",
    "Ctrl+Z", "Ctrl+Y", *"0123456789",
)  # fmt: skip
"""Keys that move through time: they mean the same on every page that has something to move through."""


def meanings(place: Place) -> dict[str, list[str]]:
    """Key -> everything that it does in a place while the keyboard is the assigned device."""
    found: dict[str, list[str]] = {}
    for command in COMMANDS:
        if possible(command, place):
            for key in command.keys:
                found.setdefault(QKeySequence(key).toString().lower(), []).append(command.name)
    if place.page == DRIVE and place.phase in MOVING:
        for key in Keyboard.keys:
            found.setdefault(key, []).append(f"motion {key}")
    return found


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.page}-{place.phase}")
def test_no_key_has_two_meanings_in_one_phase_or_page(place: Place) -> None:
    clashes = {key: names for key, names in meanings(place).items() if len(names) > 1}
    assert not clashes


def test_commands_that_are_never_possible_together_are_those_that_share_no_place() -> None:
    for one, other in itertools.combinations(COMMANDS, 2):
        for page in (DRIVE, *PAGES):
            here = [place for place in PLACES if place.page == page]
            shared = any(possible(one, place) and possible(other, place) for place in here)
            assert together(one, other, page) == shared, (one.name, other.name)


@pytest.mark.parametrize("page", ["review", "compare"])
def test_a_key_of_the_timeline_means_the_same_on_every_page(page: str) -> None:
    paused, here = meanings(Place(DRIVE, "PAUSED")), meanings(Place(page))
    for key in (QKeySequence(key).toString().lower() for key in TIMELINE):
        assert here.get(key, paused[key]) == paused[key], key


def test_a_verdict_is_one_plain_letter() -> None:
    names = ("judge_accept", "judge_reject", "judge_needs_work", "judge_note")
    assert [BY_NAME[name].keys for name in names] == [("A",), ("R",), ("W",), ("N",)]


def test_a_key_that_would_mean_two_things_on_a_page_is_refused_in_words() -> None:
    assert "Reject, and go on" in conflict("judge_accept", ("R",), {}, COMMANDS, "review")
    assert "All keys" in conflict("judge_accept", ("F1",), {}, COMMANDS, "review")
    assert conflict("judge_accept", ("H",), {}, COMMANDS, "review") == "", "hiding a branch is not possible there"


def test_every_key_is_a_key_and_every_name_is_unique() -> None:
    assert len(BY_NAME) == len(COMMANDS)
    for command, key in itertools.chain.from_iterable([(c, k) for k in c.keys] for c in COMMANDS):
        assert QKeySequence(key).toString(), f"{command.name}: Qt knows no key {key!r}"


@pytest.mark.parametrize("phase", PHASES)
def test_commands_act_only_where_the_session_allows_their_verbs(phase: str) -> None:
    for command in COMMANDS:
        if phase in command.phases:
            studio = RecordingStudio(phase=phase)
            assert command.act is not None
            command.act(studio)
            assert studio.verbs or studio.asked, f"{command.name} did nothing in {phase}"
            for verb in studio.verbs:
                assert allowed(phase, verb), f"{command.name} submits {verb}, not possible in {phase}"


def test_every_place_has_a_hint_for_its_main_keys(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(COMMANDS, lambda command: None, window)
    for phase, words in (("PAUSED", "run"), ("AUTONOMOUS", "take over"), ("CORRECTING", "hand back")):
        assert words in [word for _, word in hints(Place(DRIVE, phase), actions)]  # type: ignore[arg-type]
    assert {"accept": ("A",), "branches": ("Up", "Down")}.items() <= {
        word: keys for keys, word in hints(Place("review"), actions)
    }.items()


def verbs_of(name: str, **changes: object) -> list[object]:
    studio = RecordingStudio(**changes)
    act = BY_NAME[name].act
    assert act is not None
    act(studio)
    return list(studio.verbs)


def test_marking_is_one_verb_whatever_the_outcome_of_the_branch() -> None:
    assert verbs_of("mark_failure") == [Mark("failure")]
    assert verbs_of("mark_success", head=Head(4, 2)) == [Mark("success")], "branch 4 had timed out"
    assert verbs_of("take_over") == [TakeOver()]


def test_the_branch_in_the_trash_that_went_last_is_restored() -> None:
    assert verbs_of("restore") == [Restore(2)]
    assert verbs_of("restore", head=Head(4, 2)) == []


def test_pinning_and_hiding_turn_what_is() -> None:
    assert verbs_of("pin") == [SetPinned(True)]
    assert verbs_of("hide") == [SetHidden(True)]
    assert verbs_of("replay_here") == [Replay(1, 25)]


def test_an_unavailable_command_gives_the_reason() -> None:
    assert reason(BY_NAME["back"], Place(DRIVE, "PAUSED")) == ""
    assert reason(BY_NAME["back"], Place(DRIVE, "CORRECTING")) == "only while the world is paused"
    assert reason(BY_NAME["pause"], Place(DRIVE, "PAUSED")) == "only while the policy drives or you drive"
    assert reason(BY_NAME["back"], Place(DRIVE, "LOADING")) == "nothing is open yet"
    assert reason(BY_NAME["back"], Place("sessions")) == "only on the page Compare or Review or Drive"
    assert reason(BY_NAME["judge_accept"], Place(DRIVE, "PAUSED")) == "only on the page Review"


def test_the_next_scene_is_the_next_seed_of_the_task_even_after_a_scene_from_pictures() -> None:
    assert verbs_of("next_scene") == [NewEpisode(2)]


def test_speed_steps_through_the_list_and_stops() -> None:
    assert verbs_of("faster", speed=1.0) == [SetSpeed(2.0)]
    assert verbs_of("slower", speed=1.0) == [SetSpeed(0.5)]
    assert verbs_of("faster", speed=4.0) == [SetSpeed(4.0)]
    assert verbs_of("freeze_on_idle", freeze_on_idle=True) == [SetFreezeOnIdle(False)]
