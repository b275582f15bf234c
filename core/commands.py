"""What devices need to know of the user's commands: name, phases, kind of verb, usual buttons.

Words, keys, menus and what a command does are in app/commands/table.py, which takes name, phases and buttons of these
commands from here, since devices must not import the application.
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
    buttons: tuple[str, ...] = ()
    """Buttons that carry it out unless the operator's profile says otherwise, as "gamepad/start" or "key/space"."""


def phases_of_verb(verb: type[Verb]) -> frozenset[Phase]:
    """The phases in which the session accepts a verb."""
    return frozenset(phase for phase, kind in TRANSITIONS if kind is verb)


def _row(name: str, verb: type[Verb], *buttons: str, phases: frozenset[Phase] | None = None) -> DeviceCommand:
    return DeviceCommand(name, verb, phases_of_verb(verb) if phases is None else phases, buttons)


_PAUSED: Final[frozenset[Phase]] = frozenset({"PAUSED"})
"""Of commands that move through time, although the session would stop for them: a brushed stick ends no rollout."""

DEVICE_COMMANDS: Final[dict[str, DeviceCommand]] = {row.name: row for row in (
    _row("take_over", TakeOver, "gamepad/start", "spacemouse/menu", "openxr/right_primary", "lerobot/is_intervention",
         "key/return"),
    _row("hand_back", HandBack, "gamepad/start", "spacemouse/menu", "openxr/right_primary",
         "lerobot/intervention_over", "key/return"),
    _row("run", Run, "gamepad/back", "spacemouse/esc", "openxr/right_secondary", "key/space"),
    _row("pause", Pause, "gamepad/back", "spacemouse/esc", "openxr/right_secondary", "lerobot/terminate_episode",
         "key/space"),
    _row("to_failure", RollBackToFailure, "gamepad/x", "spacemouse/btn_1", "openxr/left_primary", "key/backspace"),
    _row("branch_here", BranchHere, "gamepad/y", "spacemouse/btn_2", "openxr/left_secondary", "key/ins"),
    _row("mark_success", Mark, "gamepad/a", "spacemouse/btn_3", "openxr/right_stick_up", "lerobot/success", "key/+"),
    _row("mark_failure", Mark, "gamepad/b", "spacemouse/btn_4", "openxr/right_stick_down", "lerobot/failure", "key/-"),
    _row("discard", Discard, "gamepad/dpad_down", "openxr/left_stick_down", "lerobot/rerecord_episode", "key/del"),
    _row("next_failure", RollBack, "openxr/left_stick_up", phases=_PAUSED),
    _row("next_scene", NewEpisode),
    _row("back", RollBack, "openxr/left_stick_left", "openxr/right_stick_left", phases=_PAUSED),
    _row("forward", RollBack, "openxr/left_stick_right", "openxr/right_stick_right", phases=_PAUSED),
    _row("recentre", SetControl, "openxr/left_menu"),
    _row("smaller", SetControl, "openxr/left_stick"),
    _row("larger", SetControl, "openxr/right_stick"),
)}  # fmt: skip
"""Name -> command, in the order in which settings list them."""
