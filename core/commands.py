"""What devices need to know of the user's commands: name, phases, kind of verb.

Words, keys, menus and what a command does are in app/studio/table.py, which takes name and phases of these commands
from here, since devices must not import the application. The usual buttons are in the kind.py of each device.
"""

from dataclasses import dataclass
from typing import Final

from core.phases import TRANSITIONS
from core.verbs import (
    BranchHere,
    Discard,
    HandBack,
    Mark,
    NewEpisode,
    Pause,
    Phase,
    RollBack,
    RollBackToFailure,
    Run,
    SetControl,
    TakeOver,
    Verb,
)


@dataclass(frozen=True, slots=True)
class DeviceCommand:
    """One command that a button of a device can carry out."""

    name: str
    """Stable identifier; profiles store it."""
    verb: type[Verb]
    """What the command submits, or the kind of it."""
    phases: frozenset[Phase]
    """Where the command is possible."""


def phases_of_verb(verb: type[Verb]) -> frozenset[Phase]:
    """The phases in which the session accepts a verb."""
    return frozenset(phase for phase, kind in TRANSITIONS if kind is verb)


def _row(name: str, verb: type[Verb], phases: frozenset[Phase] | None = None) -> DeviceCommand:
    return DeviceCommand(name, verb, phases_of_verb(verb) if phases is None else phases)


_PAUSED: Final[frozenset[Phase]] = frozenset({"PAUSED"})
"""Of commands that move through time, although the session would stop for them: a brushed stick ends no rollout."""

DEVICE_COMMANDS: Final[dict[str, DeviceCommand]] = {row.name: row for row in (
    _row("take_over", TakeOver),
    _row("hand_back", HandBack),
    _row("run", Run),
    _row("pause", Pause),
    _row("to_failure", RollBackToFailure),
    _row("branch_here", BranchHere),
    _row("mark_success", Mark),
    _row("mark_failure", Mark),
    _row("discard", Discard),
    _row("next_failure", RollBack, _PAUSED),
    _row("correct_next", RollBack),
    _row("other_point", RollBack, _PAUSED),
    _row("next_scene", NewEpisode),
    _row("back", RollBack, _PAUSED),
    _row("forward", RollBack, _PAUSED),
    _row("recentre", SetControl),
    _row("smaller", SetControl),
    _row("larger", SetControl),
)}  # fmt: skip
"""Name -> command, in the order in which settings list them."""
