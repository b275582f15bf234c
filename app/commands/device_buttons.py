"""Buttons of devices for commands: those of the profile, and the usual ones of rows that it does not list."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.commands.command import Command
from core.verbs import Phase
from devices.verb_bindings import Bindings, same_button, verbs_pressed

Rows = Sequence[Command[Any]]


def all_buttons(bindings: Bindings, rows: Rows) -> Bindings:
    """Name of a command -> its buttons; a button that the profile gives to another command stays with that one."""
    taken = [button for buttons in bindings.values() for button in buttons]
    more = {
        row.name: tuple(button for button in row.buttons if not any(same_button(button, one) for one in taken))
        for row in rows
        if row.buttons and row.name not in bindings
    }
    return {**bindings, **more}


def commands_pressed(
    before: Mapping[str, int], now: Mapping[str, int], bindings: Bindings, rows: Rows, phase: Phase
) -> tuple[str, ...]:
    """The commands that are possible in a phase and whose buttons were pressed between two looks.

    Args:
        before: Press counters of the earlier look, "device key/button" -> presses.
        now: Of the later one.
        bindings: Of the operator's profile.
        rows: Of the table of commands.
        phase: Of the session.
    """
    possible = {row.name for row in rows if phase in row.phases}
    return tuple(name for name in verbs_pressed(before, now, all_buttons(bindings, rows)) if name in possible)
