import itertools

import pytest
from PyQt6.QtGui import QKeySequence

from app.commands.hint_line import hints
from app.commands.table import ALL, BY_NAME, COMMANDS, MOVING, reason
from core.branch_tree import Head
from core.phases import PHASES, allowed
from core.verbs import (
    Mark,
    NewEpisode,
    Replay,
    Restore,
    SetFreezeOnIdle,
    SetHidden,
    SetOutcome,
    SetPinned,
    SetSpeed,
    TakeOver,
)
from devices.keyboard.device import Keyboard
from tests.app.fakes import RecordingStudio


def meanings(phase: str) -> dict[str, list[str]]:
    """Key -> everything that it does in a phase while the keyboard is the assigned device."""
    found: dict[str, list[str]] = {}
    for command in COMMANDS:
        if phase in command.phases:
            for key in command.keys:
                found.setdefault(QKeySequence(key).toString().lower(), []).append(command.name)
    if phase in MOVING:
        for key in Keyboard.keys:
            found.setdefault(key, []).append(f"motion {key}")
    return found


@pytest.mark.parametrize("phase", sorted(ALL))
def test_no_key_has_two_meanings_in_one_phase(phase: str) -> None:
    clashes = {key: names for key, names in meanings(phase).items() if len(names) > 1}
    assert not clashes


def test_every_key_is_a_key_and_every_name_is_unique() -> None:
    assert len(BY_NAME) == len(COMMANDS)
    for command, key in itertools.chain.from_iterable([(c, k) for k in c.keys] for c in COMMANDS):
        assert QKeySequence(key).toString(), f"{command.name}: Qt knows no key {key!r}"


@pytest.mark.parametrize("phase", PHASES)
def test_commands_act_only_where_the_session_allows_their_verbs(phase: str) -> None:
    for command in COMMANDS:
        if phase in command.phases:
            studio = RecordingStudio(phase=phase)
            command.act(studio)
            assert studio.verbs or studio.asked, f"{command.name} did nothing in {phase}"
            for verb in studio.verbs:
                assert allowed(phase, verb), f"{command.name} submits {verb}, not possible in {phase}"


def test_every_phase_has_a_hint_for_its_main_keys() -> None:
    for phase, words in (("PAUSED", "run"), ("AUTONOMOUS", "take over"), ("CORRECTING", "hand back")):
        assert words in [word for _, word in hints(phase, lambda name: BY_NAME[name].keys)]


def verbs_of(name: str, **changes: object) -> list[object]:
    studio = RecordingStudio(**changes)
    BY_NAME[name].act(studio)
    return list(studio.verbs)


def test_marking_says_where_and_how_it_ended() -> None:
    assert verbs_of("mark_failure") == [Mark("failure")]
    assert verbs_of("mark_failure", head=Head(4, 2)) == [Mark("failure"), SetOutcome("failure")]
    assert verbs_of("take_over") == [TakeOver()]


def test_the_branch_in_the_trash_that_went_last_is_restored() -> None:
    assert verbs_of("restore") == [Restore(2)]
    assert verbs_of("restore", head=Head(4, 2)) == []


def test_pinning_and_hiding_turn_what_is() -> None:
    assert verbs_of("pin") == [SetPinned(True)]
    assert verbs_of("hide") == [SetHidden(True)]
    assert verbs_of("replay_here") == [Replay(1, 25)]


def test_a_command_that_is_not_possible_says_why() -> None:
    assert reason(BY_NAME["back"], "PAUSED") == ""
    assert reason(BY_NAME["back"], "CORRECTING") == "only while the world is paused"
    assert reason(BY_NAME["pause"], "PAUSED") == "only while the policy drives or you drive"
    assert reason(BY_NAME["back"], "LOADING") == "nothing is open yet"


def test_the_next_scene_is_the_next_seed_of_the_task_even_after_a_scene_from_pictures() -> None:
    assert verbs_of("next_scene") == [NewEpisode(2)]


def test_speed_steps_through_the_list_and_stops() -> None:
    assert verbs_of("faster", speed=1.0) == [SetSpeed(2.0)]
    assert verbs_of("slower", speed=1.0) == [SetSpeed(0.5)]
    assert verbs_of("faster", speed=4.0) == [SetSpeed(4.0)]
    assert verbs_of("freeze_on_idle", freeze_on_idle=True) == [SetFreezeOnIdle(False)]
