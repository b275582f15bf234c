import itertools
from dataclasses import replace

import pytest
from PyQt6.QtGui import QKeySequence

from app.commands import ALL, BY_NAME, COMMANDS, FAR, MOVING, hints
from core.branch_tree import Head, Marker
from core.phases import PHASES, allowed
from core.verbs import Mark, NewEpisode, RollBack, SetFreezeOnIdle, SetOutcome, SetSpeed, TakeOver
from devices.keyboard import Keyboard
from tests.app.fakes import TREE, RecordingStudio


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
        assert words in [word for _, word in hints(phase)]


def verbs_of(name: str, **changes: object) -> list[object]:
    studio = RecordingStudio(**changes)
    BY_NAME[name].act(studio)
    return list(studio.verbs)


def test_marking_says_where_and_how_it_ended() -> None:
    assert verbs_of("mark_failure") == [Mark("failure")]
    assert verbs_of("mark_failure", head=Head(4, 2)) == [Mark("failure"), SetOutcome("failure")]
    assert verbs_of("take_over") == [TakeOver()]


@pytest.mark.parametrize(
    ("name", "index", "landed"),
    [("back", 25, 24), ("forward", 25, 26), ("back_10", 4, 0), ("forward_10", 25, 30), ("to_start", 25, 0)],
)
def test_seeking_stops_at_the_ends(name: str, index: int, landed: int) -> None:
    assert verbs_of(name, head=Head(1, index)) == [RollBack(1, landed)]


def test_seeking_where_nothing_is_left_does_nothing() -> None:
    assert verbs_of("to_end", head=Head(1, 30)) == []
    assert FAR > 10**6


def test_branches_are_walked_within_the_episode_and_without_the_trash() -> None:
    assert verbs_of("branch_up", head=Head(1, 25)) == [RollBack(0, 25)]
    assert verbs_of("branch_down", head=Head(1, 25)) == [RollBack(3, 25)]
    assert verbs_of("branch_down", head=Head(3, 25)) == []


def test_the_next_scene_is_the_next_seed_of_the_task_even_after_a_scene_from_pictures() -> None:
    assert verbs_of("next_scene") == [NewEpisode(2)]


def test_speed_steps_through_the_list_and_stops() -> None:
    assert verbs_of("faster", speed=1.0) == [SetSpeed(2.0)]
    assert verbs_of("slower", speed=1.0) == [SetSpeed(0.5)]
    assert verbs_of("faster", speed=4.0) == [SetSpeed(4.0)]
    assert verbs_of("freeze_on_idle", freeze_on_idle=True) == [SetFreezeOnIdle(False)]


def test_on_to_the_next_failure_and_behind_the_last_one_to_the_next_scene() -> None:
    studio = RecordingStudio(head=Head(0, 5))
    marked = {
        0: replace(TREE.branches[0], markers=(Marker(28, "failure"), Marker(30, "note"))),
        1: replace(TREE.branches[1], markers=(Marker(30, "failure"),)),
        2: replace(TREE.branches[2], markers=(Marker(28, "failure"),)),
    }
    studio.tree = replace(TREE, branches={**TREE.branches, **marked})
    landed = []
    for _ in range(2):
        BY_NAME["next_failure"].act(studio)
        (verb,) = studio.verbs
        assert isinstance(verb, RollBack)
        landed.append((verb.branch, verb.index))
        studio.head, studio.verbs = Head(verb.branch, verb.index), []
    assert landed == [(0, 8), (1, 20)], "20 steps ahead of it, on the branch itself, nothing that is discarded"
    BY_NAME["next_failure"].act(studio)
    assert [type(verb) for verb in studio.verbs] == [NewEpisode]
