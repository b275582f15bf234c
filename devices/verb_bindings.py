"""Buttons that carry out commands, on any device: names, conflicts, and which were pressed.

A button is "device/button". The device is a key of devices.combine.device_key(), for example "gamepad:030000@usb-2",
or only its driver, "gamepad", for whichever pad it is; "key" is the computer's keyboard, and a pedal is a keyboard.
"""

import difflib
from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType

from core.commands import DEVICE_COMMANDS
from core.verbs import Phase
from devices import KINDS
from devices.combine import driver_of
from devices.keyboard.kind import KEY

Bindings = Mapping[str, tuple[str, ...]]
"""Name of a command of core.commands.DEVICE_COMMANDS -> the buttons that carry it out."""


def bindings_with(changes: Bindings | None = None) -> Bindings:
    """The buttons of every command: the usual ones, and those of `changes` in their place.

    Raises:
        ValueError: a command that does not exist, a name that is no button, a button with two meanings at a time.
    """
    changes = changes or {}
    for name in changes:
        if name not in DEVICE_COMMANDS:
            near = difflib.get_close_matches(name, DEVICE_COMMANDS, n=1)
            hint = f"Did you mean {f'bindings.{near[0]}'!r}?" if near else f"Known: {', '.join(DEVICE_COMMANDS)}."
            raise ValueError(f"there is no setting {f'bindings.{name}'!r}. {hint}")
    found = {name: tuple(changes.get(name, usual_buttons(name))) for name in DEVICE_COMMANDS}
    for name, buttons in found.items():
        for button in buttons:
            check_button(button, f"bindings.{name}")
    for (one, buttons), (two, others) in combinations(found.items(), 2):
        clash = next((f"{a!r}" for a in buttons for b in others if same_button(a, b)), None)
        if clash and (together := phases_of(one) & phases_of(two)):
            when = " and ".join(sorted(together))
            raise ValueError(f"bindings: {clash} would mean {one} and {two} in {when}; give one of them another button")
    return MappingProxyType(found)


def usual_buttons(command: str) -> tuple[str, ...]:
    """The buttons of all kinds of devices that carry out a command unless the operator's profile says otherwise."""
    return tuple(button for kind in KINDS.values() for button in kind.usual_buttons(command))


def phases_of(name: str) -> frozenset[Phase]:
    """The phases in which a command is possible."""
    return DEVICE_COMMANDS[name].phases


def verbs_pressed(
    before: Mapping[str, int], now: Mapping[str, int], bindings: Bindings, phase: Phase | None = None
) -> tuple[str, ...]:
    """The verbs whose buttons were pressed between two looks at the merged press counters, in the bindings' order.

    Args:
        before: the counters of the earlier look, "device key/button" -> presses.
        now: of the later look. A device that is new in it, or counts from zero again, presses nothing by that.
        bindings: the operator's.
        phase: leaves out what is not possible in it, as one button may mean two things in different phases.
    """
    return tuple(
        verb
        for verb, buttons in bindings.items()
        if (phase is None or phase in phases_of(verb))
        and any(
            count > before.get(name, count) for button in buttons for name, count in presses_of(button, now).items()
        )
    )


def presses_of(button: str, presses: Mapping[str, int]) -> dict[str, int]:
    """The counters that a button's name means."""
    return {name: count for name, count in presses.items() if same_button(button, name)}


def verb_of(bindings: Bindings, button: str) -> str:
    """The first verb that a button means; "" where it means none."""
    return next((verb for verb, buttons in bindings.items() if any(same_button(button, one) for one in buttons)), "")


def check_button(button: str, where: str) -> None:
    """Refuse a name that cannot be a button for a verb.

    Raises:
        ValueError: naming `where`, the button, and what is allowed.
    """
    device, slash, name = button.rpartition("/")
    if not slash or not device or not name:
        raise ValueError(f'{where} has the button {button!r}; a button is "device/button", as "gamepad/start"')
    driver, known = driver_of(device), (*KINDS, KEY)
    if driver not in known and (near := difflib.get_close_matches(driver, known, n=1, cutoff=0.75)):
        raise ValueError(f"{where}: no device is called {driver!r}. Did you mean {near[0]!r}?")
    kind = KINDS.get(driver)
    if kind is None:
        return
    if kind.buttons and name not in kind.buttons:
        close = difflib.get_close_matches(name, kind.buttons, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(kind.buttons)}."
        raise ValueError(f"{where}: {kind.plural} have no button {name!r}. {hint}")
    if name in kind.modifiers:
        raise ValueError(f"{where}: the button {button!r} changes what a stick moves and can mean nothing else")


def same_button(one: str, other: str) -> bool:
    """Whether two names can be the same button: same device, or one says only the driver."""
    (device, _, button), (device_too, _, button_too) = one.rpartition("/"), other.rpartition("/")
    if button != button_too:
        return False
    return device == device_too or driver_of(device) == device_too or driver_of(device_too) == device
