"""What the buttons of a controller do, and what is printed on them.

A button is "left/x" or "right/thumbstick": the hand, then the name of the component in the interaction profile
(/user/hand/left/input/x/click without the frame around it). `button_of` takes either writing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from app.commands.command import Command
from devices.openxr.kind import Side

_PRINTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "squeeze": "Grip", "trigger": "Trigger", "thumbstick": "Stick", "trackpad": "Pad", "menu": "Menu",
        "select": "Select", "system": "System", "primary": "Primary", "secondary": "Secondary",
        "thumbrest": "Thumb rest", "x": "X", "y": "Y", "a": "A", "b": "B",
    }
)  # fmt: skip
_WAYS: Final[Mapping[str, str]] = MappingProxyType({"up": "↑", "down": "↓", "left": "←", "right": "→", "x": "↔"})
_COMPONENT = re.compile(r"(?:/user/hand/)?(left|right)(?:/input)?/([a-z_0-9]+)(?:/(?:click|value|force|touch|[xy]))?$")


@dataclass(frozen=True, slots=True)
class Controllers:
    """What is held, and what its buttons do: the input of the help card."""

    profile: str
    """Interaction profile path, "/interaction_profiles/oculus/touch_controller"; "" while unknown."""
    buttons: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """What is done -> its buttons. What is done is a command, or one of help_panel.MORE."""
    commands: Mapping[str, Command[Any]] = field(default_factory=lambda: MappingProxyType({}))
    """Name -> row of the commands, for their words and phases."""


def button_of(path: str) -> tuple[Side, str] | None:
    """(hand, component) of a button in either writing; None where it is no button of a hand."""
    found = _COMPONENT.match(path)
    if found is None:
        return None
    return ("left" if found[1] == "left" else "right"), found[2]


def printed(component: str) -> str:
    """What a component is called on the controller: "squeeze" -> "Grip", "thumbstick_left" -> "Stick ←"."""
    if component in _PRINTED:
        return _PRINTED[component]
    base, _, way = component.rpartition("_")
    if base in _PRINTED and way in _WAYS:
        return f"{_PRINTED[base]} {_WAYS[way]}"
    return component.replace("_", " ").capitalize()
