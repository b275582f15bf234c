"""Buttons that carry out verbs of the session, on any device: names, conflicts, and which were pressed.

A button is "device/button". The device is a key of devices.combine.device_key(), for example "gamepad:030000@usb-2",
or only its driver, "gamepad", for whichever pad it is; "key" is the computer's keyboard, and a pedal is a keyboard.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import combinations
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
from devices import DEVICES, DRIVERS
from devices.combine import driver_of
from devices.gamepad.layout import LAYOUTS
from devices.gamepad.state import BUTTONS
from devices.openxr.profiles import BUTTONS as VR_BUTTONS

KEY: Final = "key"
"""The device of a computer key."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """Per verb the buttons that carry it out; the names are those of the commands in the menus."""

    take_over: tuple[str, ...] = (
        "gamepad/start",
        "spacemouse/menu",
        "openxr/right_primary",
        "lerobot/is_intervention",
        "key/return",
    )
    hand_back: tuple[str, ...] = (
        "gamepad/start",
        "spacemouse/menu",
        "openxr/right_primary",
        "lerobot/intervention_over",
        "key/return",
    )
    run: tuple[str, ...] = ("gamepad/back", "spacemouse/esc", "openxr/right_secondary", "key/space")
    pause: tuple[str, ...] = (
        "gamepad/back",
        "spacemouse/esc",
        "openxr/right_secondary",
        "lerobot/terminate_episode",
        "key/space",
    )
    to_failure: tuple[str, ...] = ("gamepad/x", "spacemouse/btn_1", "openxr/left_primary", "key/backspace")
    branch_here: tuple[str, ...] = ("gamepad/y", "spacemouse/btn_2", "openxr/left_secondary", "key/ins")
    mark_success: tuple[str, ...] = (
        "gamepad/a",
        "spacemouse/btn_3",
        "openxr/right_stick_up",
        "lerobot/success",
        "key/+",
    )
    mark_failure: tuple[str, ...] = (
        "gamepad/b",
        "spacemouse/btn_4",
        "openxr/right_stick_down",
        "lerobot/failure",
        "key/-",
    )
    discard: tuple[str, ...] = ("gamepad/dpad_down", "openxr/left_stick_down", "lerobot/rerecord_episode", "key/del")
    next_failure: tuple[str, ...] = ("openxr/left_stick_up",)
    next_scene: tuple[str, ...] = ()
    back: tuple[str, ...] = ("openxr/left_stick_left", "openxr/right_stick_left")
    forward: tuple[str, ...] = ("openxr/left_stick_right", "openxr/right_stick_right")
    recentre: tuple[str, ...] = ("openxr/left_menu",)
    smaller: tuple[str, ...] = ("openxr/left_stick",)
    larger: tuple[str, ...] = ("openxr/right_stick",)

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: a name that is no button, a button that moves an arm, a button with two meanings at a time.
        """
        for verb, buttons in self.by_verb.items():
            for button in buttons:
                check_button(button, verb)
        for (one, buttons), (two, others) in combinations(self.by_verb.items(), 2):
            clash = next((f"{a!r}" for a in buttons for b in others if same_button(a, b)), None)
            if clash and (together := phases_of(one) & phases_of(two)):
                when = " and ".join(sorted(together))
                raise ValueError(f"{clash} would mean {one} and {two} in {when}; give one of them another button")

    @property
    def by_verb(self) -> dict[str, tuple[str, ...]]:
        """Name of the verb -> its buttons."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


VERBS: Final[Mapping[str, type[Verb]]] = {
    "take_over": TakeOver, "hand_back": HandBack, "run": Run, "pause": Pause, "to_failure": RollBackToFailure,
    "branch_here": BranchHere, "mark_success": Mark, "mark_failure": Mark, "discard": Discard,
    "next_failure": RollBack, "next_scene": NewEpisode, "back": RollBack, "forward": RollBack,
    "recentre": SetControl, "smaller": SetControl, "larger": SetControl,
}  # fmt: skip
"""What a binding submits, or the kind of it."""
SCRUBBING: Final = frozenset({"back", "forward", "next_failure"})
"""Only while paused, although the session would stop for them: a brushed stick must not end a rollout."""


def phases_of(verb: str) -> frozenset[Phase]:
    """The phases in which a verb is possible."""
    if verb in SCRUBBING:
        return frozenset({"PAUSED"})
    return frozenset(phase for phase, kind in TRANSITIONS if kind is VERBS[verb])


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
        for verb, buttons in bindings.by_verb.items()
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
    return next(
        (verb for verb, buttons in bindings.by_verb.items() if any(same_button(button, one) for one in buttons)), ""
    )


def check_button(button: str, where: str) -> None:
    """Refuse a name that cannot be a button for a verb.

    Raises:
        ValueError: naming `where`, the button, and what is allowed.
    """
    device, slash, name = button.rpartition("/")
    if not slash or not device or not name:
        raise ValueError(f'{where} has the button {button!r}; a button is "device/button", as "gamepad/start"')
    driver, known = driver_of(device), (*DEVICES, *DRIVERS, KEY)
    near = difflib.get_close_matches(driver, known, n=1, cutoff=0.75)
    if driver not in known and near:
        raise ValueError(f"{where}: no device is called {driver!r}. Did you mean {near[0]!r}?")
    if driver == "gamepad" and name not in BUTTONS:
        close = difflib.get_close_matches(name, BUTTONS, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(BUTTONS)}."
        raise ValueError(f"{where}: a gamepad has no button {name!r}. {hint}")
    if driver == "openxr" and name not in VR_BUTTONS:
        close = difflib.get_close_matches(name, VR_BUTTONS, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(VR_BUTTONS)}."
        raise ValueError(f"{where}: VR controllers have no button {name!r}. {hint}")
    if driver == "gamepad" and any(name in layout.modifiers for layout in LAYOUTS.values()):
        raise ValueError(f"{where}: the button {button!r} changes what a stick moves and can mean nothing else")


def same_button(one: str, other: str) -> bool:
    """Whether two names can be the same button: same device, or one says only the driver."""
    (device, _, button), (device_too, _, button_too) = one.rpartition("/"), other.rpartition("/")
    if button != button_too:
        return False
    return device == device_too or driver_of(device) == device_too or driver_of(device_too) == device
