import typing

import pytest

from core import verbs
from core.control import ControlConfig
from core.errors import IllegalVerb
from core.phases import PHASES, TRANSITIONS, after, allowed
from core.verbs import Phase, Verb

SAMPLES: dict[type[Verb], Verb] = {
    **{kind: kind() for kind in typing.get_args(Verb) if not typing.get_type_hints(kind)},
    verbs.RollBack: verbs.RollBack(0, 0),
    verbs.RollBackToFailure: verbs.RollBackToFailure(),
    verbs.Mark: verbs.Mark("failure"),
    verbs.SetOutcome: verbs.SetOutcome("failure"),
    verbs.SetReview: verbs.SetReview("accepted"),
    verbs.Rename: verbs.Rename("x"),
    verbs.Discard: verbs.Discard(),
    verbs.Restore: verbs.Restore(0),
    verbs.SetNote: verbs.SetNote("x"),
    verbs.SetColor: verbs.SetColor(1),
    verbs.SetPinned: verbs.SetPinned(True),
    verbs.SetHidden: verbs.SetHidden(True),
    verbs.RemoveMarker: verbs.RemoveMarker("failure", 0, 0),
    verbs.BranchHere: verbs.BranchHere(),
    verbs.Continue: verbs.Continue(),
    verbs.Replay: verbs.Replay(),
    verbs.Propose: verbs.Propose(),
    verbs.JumpInHistory: verbs.JumpInHistory(0),
    verbs.NewEpisode: verbs.NewEpisode(),
    verbs.SetSpeed: verbs.SetSpeed(1.0),
    verbs.SetFreezeOnIdle: verbs.SetFreezeOnIdle(True),
    verbs.SetDevice: verbs.SetDevice("keyboard"),
    verbs.SetControl: verbs.SetControl(ControlConfig()),
}

DRIVING: dict[type[Verb], dict[Phase, Phase]] = {
    verbs.Run: {"PAUSED": "AUTONOMOUS"},
    verbs.Pause: {"AUTONOMOUS": "PAUSED", "CORRECTING": "PAUSED"},
    verbs.StepOnce: {"PAUSED": "PAUSED"},
    verbs.TakeOver: {"AUTONOMOUS": "CORRECTING", "PAUSED": "CORRECTING"},
    verbs.HandBack: {"CORRECTING": "AUTONOMOUS"},
}


def test_every_verb_is_sampled() -> None:
    assert set(SAMPLES) == set(typing.get_args(Verb))


@pytest.mark.parametrize("kind", DRIVING)
@pytest.mark.parametrize("phase", PHASES)
def test_driving_verbs_follow_the_table(kind: type[Verb], phase: Phase) -> None:
    verb = SAMPLES[kind]
    if phase in DRIVING[kind]:
        assert allowed(phase, verb)
        assert after(phase, verb) == DRIVING[kind][phase]
    else:
        assert not allowed(phase, verb)
        with pytest.raises(IllegalVerb, match=kind.__name__):
            after(phase, verb)


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if kind not in DRIVING])
def test_all_other_verbs_are_possible_everywhere(kind: type[Verb]) -> None:
    stops = {verbs.RollBack, verbs.RollBackToFailure, verbs.Continue, verbs.NewEpisode, verbs.SameScene}
    for phase in PHASES:
        expected = "PAUSED" if kind in stops else "AUTONOMOUS" if kind is verbs.Replay else phase
        assert after(phase, SAMPLES[kind]) == expected


def test_the_refusal_names_the_phases_where_it_is_possible() -> None:
    with pytest.raises(IllegalVerb, match="HandBack is not possible while paused; it is possible while you drive"):
        after("PAUSED", verbs.HandBack())


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS["PAUSED", verbs.Run] = "PAUSED"  # type: ignore[index]
