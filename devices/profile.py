"""How one operator works: who drives what, how it feels, which buttons mean what. One TOML file each.

Everything has a default, so that a file names only what is different. An error names the file, the key and what is
allowed, through core/config.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from core import config
from core.control import ControlConfig
from devices.keyboard import motions_of
from devices.seat import Assignment, Side, driver_of
from devices.seat_turns import ClutchMode
from devices.verb_bindings import Bindings, check_button

RANGES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "scale": (0.05, 4.0),
        "dead_zone": (0.0, 0.9),
        "curve": (0.0, 1.0),
        "linear_speed": (0.005, 1.0),
        "angular_speed": (0.05, 6.0),
        "gripper_speed": (0.1, 20.0),
    }
)
"""Lowest and highest value of each setting of a Feel."""


@dataclass(frozen=True, slots=True)
class Feel:
    """How a device feels; see core.control.ControlConfig."""

    scale: float = 1.0
    """Tool metres per hand metre of a position device; multiplies the speed of a rate device."""
    dead_zone: float = 0.08
    """Fraction of full deflection that counts as rest."""
    curve: float = 0.3
    """0 straight .. 1 cubic."""
    linear_speed: float = 0.2
    """Metres per world second at full deflection."""
    angular_speed: float = 0.8
    """Radians per world second at full deflection."""
    gripper_speed: float = 2.0
    """Openings per world second."""

    def __post_init__(self) -> None:
        """Refuse what is out of range.

        Raises:
            ValueError: naming the setting and its range.
        """
        for name, (low, high) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} is {getattr(self, name)}; it should be {low} .. {high}")


FEELS: Final[Mapping[str, Feel]] = MappingProxyType(
    {
        "keyboard": Feel(dead_zone=0.0, curve=0.0),
        "spacemouse": Feel(dead_zone=0.08, curve=0.4),
        "gamepad": Feel(dead_zone=0.15, curve=0.5, linear_speed=0.15),
    }
)
"""Of drivers whose hands need other settings than Feel(): sticks wear out and rest beside their centre."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One operator's settings."""

    name: str = "operator"
    """What the operator is called."""
    handedness: Side = "right"
    """The arm with which a hand begins that drives one arm at a time."""
    clutch: ClutchMode = "hold"
    """Whether a clutch is held, or toggled by squeezing it once."""
    assignment: Assignment = field(default_factory=lambda: Assignment("keyboard", "keyboard"))
    """Who drives what."""
    feel: Mapping[str, Feel] = field(default_factory=lambda: MappingProxyType({}))
    """By device key or driver; what is not here is FEELS, then Feel()."""
    bindings: Bindings = field(default_factory=Bindings)
    """Buttons of the session's verbs."""
    motion_keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Key -> the usual key whose motion it takes over, for example t = "w"."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Keys of any other command of the window by its name, for example go_to_step = ["Ctrl+J"]; [] for none."""

    def __post_init__(self) -> None:
        """Refuse a switch button that cannot be one, and keys with two meanings.

        Raises:
            ValueError: it is no button, moves something, or is a verb's.
        """
        for key, motion in motions_of(self.motion_keys).items():
            for verb, buttons in self.bindings.by_verb.items():
                if f"key/{key}" in buttons:
                    raise ValueError(
                        f"the key {key!r} moves the {motion.words} and cannot mean {verb}; choose another one"
                    )
        if not self.assignment.switch:
            return
        check_button(self.assignment.switch, "assignment.switch")
        for verb, buttons in self.bindings.by_verb.items():
            if self.assignment.switch in buttons:
                raise ValueError(
                    f"{self.assignment.switch!r} would change the arm and mean {verb}; give one of them another button"
                )

    @property
    def first_arm(self) -> Literal[0, 1]:
        """0 left, 1 right: see handedness."""
        return 0 if self.handedness == "left" else 1

    def feel_of(self, key: str) -> Feel:
        """How a device feels: by its key, else by its driver, else as such devices do."""
        return self.feel.get(key) or self.feel.get(driver_of(key)) or FEELS.get(driver_of(key), Feel())

    def control(self) -> ControlConfig:
        """For the session. Where two unlike devices drive, the larger dead zone and the gentler rest hold for both."""
        feels = [self.feel_of(key) for key in self.assignment.driving] or [Feel()]
        merged = {
            setting.name: (max if setting.name == "dead_zone" else min)(getattr(feel, setting.name) for feel in feels)
            for setting in fields(Feel)
        }
        return replace(ControlConfig(), **merged)


def load(path: Path) -> Profile:
    """An operator's profile.

    Raises:
        BadConfig: naming the file, the key and what is allowed.
    """
    return config.load(Profile, path)


def save(profile: Profile, path: Path) -> None:
    """Write a profile, whole or not at all; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    config.save(profile, path)
