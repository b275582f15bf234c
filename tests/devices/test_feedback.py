import threading
from collections.abc import Iterator, Mapping
from itertools import combinations

import pytest

from devices.feedback import GRAMMAR, URGENCY, Cue, Feedback, Pattern, Pulse
from tests.devices.test_reader import until

HOUR = 3600.0


class Felt:
    def __init__(self) -> None:
        self.pulses: list[tuple[float, float]] = []
        self.lights: list[bool] = []

    def rumble(self, strength: float, seconds: float) -> None:
        self.pulses.append((strength, seconds))

    def light(self, on: bool) -> None:
        self.lights.append(on)


def grammar(**seconds: float) -> Mapping[Cue, Pattern]:
    """The real rhythm, no matter how long; one strength per cue tells which one was felt."""
    return {
        cue: Pattern((Pulse((n + 1) / 4, seconds.get(cue, 0.001)),) * 2, HOUR if cue == "low_trust" else 0.0, "")
        for n, cue in enumerate(URGENCY)
    }


@pytest.fixture
def felt() -> Felt:
    return Felt()


def playing(felt: Felt, words: Mapping[Cue, Pattern]) -> Iterator[Feedback]:
    feedback = Feedback(words)
    feedback.to([felt, object()])
    feedback.start()
    yield feedback
    feedback.stop()
    assert not any(thread.name == "feedback" for thread in threading.enumerate())


@pytest.fixture
def quick(felt: Felt) -> Iterator[Feedback]:
    yield from playing(felt, grammar())


@pytest.fixture
def endless(felt: Felt) -> Iterator[Feedback]:
    yield from playing(felt, grammar(take_over=HOUR, workspace_edge=HOUR, device_problem=HOUR))


def test_motor_and_light_play_one_rhythm(quick: Feedback, felt: Felt) -> None:
    quick.tell("take_over")
    until(lambda: len(felt.lights) == 4)
    assert felt.pulses == [(0.5, 0.001)] * 2
    assert felt.lights == [False, True, False, True], "a light rests lit"


def test_the_more_urgent_cue_interrupts(endless: Feedback, felt: Felt) -> None:
    endless.tell("workspace_edge")
    until(lambda: len(felt.pulses) == 1)
    endless.tell("low_trust")
    endless.tell("device_problem")
    until(lambda: len(felt.pulses) == 2)
    assert [strength for strength, _ in felt.pulses] == [0.75, 0.25], "the less urgent one is dropped"


def test_the_same_cue_is_quiet_for_a_while(quick: Feedback, felt: Felt) -> None:
    for _ in range(3):
        quick.tell("low_trust")
    quick.tell("take_over")
    until(lambda: len(felt.pulses) >= 2 and felt.pulses[-1][0] == 0.5)
    assert sum(strength == 1.0 for strength, _ in felt.pulses) <= 2


def test_it_stops_in_the_middle_of_a_pulse(endless: Feedback, felt: Felt) -> None:
    endless.tell("take_over")
    until(lambda: felt.pulses)
    endless.stop()
    endless.stop()
    assert felt.lights[-1]


def test_no_two_words_of_the_grammar_feel_alike() -> None:
    assert set(GRAMMAR) == set(URGENCY)
    for one, two in combinations(GRAMMAR.values(), 2):
        assert len(one.pulses) != len(two.pulses) or one.pulses[0].seconds >= 2 * two.pulses[0].seconds
    for pattern in GRAMMAR.values():
        assert all(0.0 < pulse.strength <= 1.0 for pulse in pattern.pulses)
        assert sum(pulse.seconds + pulse.pause for pulse in pattern.pulses) < 1.5
