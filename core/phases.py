"""Who may do what when: the phases of a session as a transition table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.errors import IllegalVerb
from core.verbs import (
    BranchHere,
    Continue,
    Discard,
    HandBack,
    JumpInHistory,
    Mark,
    NewEpisode,
    Pause,
    Phase,
    Propose,
    Redo,
    RemoveMarker,
    Rename,
    Replay,
    Restore,
    RollBack,
    RollBackToFailure,
    Run,
    SameScene,
    SetColor,
    SetControl,
    SetDevice,
    SetFreezeOnIdle,
    SetHidden,
    SetNote,
    SetOutcome,
    SetPinned,
    SetReview,
    SetSpeed,
    StepOnce,
    TakeOver,
    Undo,
    Verb,
)

PHASES: Final[tuple[Phase, ...]] = ("AUTONOMOUS", "PAUSED", "CORRECTING")

_STAY: Final = (
    BranchHere,
    Mark,
    RemoveMarker,
    SetOutcome,
    SetReview,
    Rename,
    SetNote,
    SetColor,
    SetPinned,
    SetHidden,
    Discard,
    Restore,
    Propose,
    Undo,
    Redo,
    JumpInHistory,
    SetSpeed,
    SetFreezeOnIdle,
    SetDevice,
    SetControl,
)
"""Verbs that leave the phase alone (Discard, Undo, Redo and JumpInHistory pause where they move the head)."""
_STOP: Final = (RollBack, RollBackToFailure, Continue, NewEpisode, SameScene)
"""Verbs that move the head and wait for the operator."""


def _table() -> Mapping[tuple[Phase, type[Verb]], Phase]:
    table: dict[tuple[Phase, type[Verb]], Phase] = {
        ("PAUSED", Run): "AUTONOMOUS",
        ("PAUSED", StepOnce): "PAUSED",
        ("PAUSED", TakeOver): "CORRECTING",
        ("AUTONOMOUS", TakeOver): "CORRECTING",
        ("AUTONOMOUS", Pause): "PAUSED",
        ("CORRECTING", Pause): "PAUSED",
        ("CORRECTING", HandBack): "AUTONOMOUS",
    }
    for phase in PHASES:
        table |= {(phase, verb): phase for verb in _STAY}
        table |= {(phase, verb): "PAUSED" for verb in _STOP}
        table[phase, Replay] = "AUTONOMOUS"
    return MappingProxyType(table)


TRANSITIONS: Final = _table()
"""(phase, verb type) -> next phase; what is absent is not allowed."""

_NAMES: Final[Mapping[Phase, str]] = MappingProxyType(
    {"AUTONOMOUS": "while the policy drives", "PAUSED": "while paused", "CORRECTING": "while you drive"}
)


def allowed(phase: Phase, verb: Verb) -> bool:
    """Whether a verb may be submitted in a phase."""
    return (phase, type(verb)) in TRANSITIONS


def after(phase: Phase, verb: Verb) -> Phase:
    """The phase after a verb.

    Raises:
        IllegalVerb: naming the verb, the phase and where it is allowed.
    """
    if not allowed(phase, verb):
        where = " or ".join(_NAMES[p] for p in PHASES if allowed(p, verb))
        raise IllegalVerb(f"{type(verb).__name__} is not possible {_NAMES[phase]}; it is possible {where}.")
    return TRANSITIONS[phase, type(verb)]
