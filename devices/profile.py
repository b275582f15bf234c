"""How one operator works: who drives what, how it feels, which buttons mean what. One TOML file each.

Everything has a default, so that a file names only what is different. An error names the file, the key and what is
allowed, through core/config.py.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from core import config
from core.control import ControlConfig
from core.errors import BadConfig
from devices import KINDS
from devices.arm_switching import ClutchMode
from devices.combine import Assignment, Side, driver_of
from devices.keyboard.device import motions_of
from devices.verb_bindings import Bindings, bindings_with, check_button, verb_of

FEEL: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "scale": (0.05, 4.0),
        "dead_zone": (0.0, 0.9),
        "curve": (0.0, 1.0),
        "linear_speed": (0.005, 1.0),
        "angular_speed": (0.05, 6.0),
        "gripper_speed": (0.1, 20.0),
        "max_linear_speed": (0.01, 2.0),
        "max_angular_speed": (0.1, 12.0),
    }
)
"""Lowest and highest value of each setting of core.control.ControlConfig that an operator has of a device."""


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
    switch: str = ""
    """Button that changes the arm of a hand that drives one at a time; "": the usual one of its device."""
    feel: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: MappingProxyType({}))
    """By device key or driver, the settings of FEEL that are different; the rest is that of usual_feel()."""
    bindings: Bindings = field(default_factory=bindings_with)
    """Buttons of the commands that devices carry out; a command that is not named has its usual ones."""
    motion_keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Key -> the usual key whose motion it takes over, for example t = "w"."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Keys of any other command of the window by its name, for example go_to_step = ["Ctrl+J"]; [] for none."""

    def __post_init__(self) -> None:
        """Refuse a feel out of range, a switch button that cannot be one, and keys with two meanings.

        Raises:
            ValueError: naming the setting and its range, or the button and what it means already.
        """
        for device, settings in self.feel.items():
            for name, value in settings.items():
                _check_feel(device, name, value)
        object.__setattr__(self, "bindings", bindings_with(self.bindings))
        for key, motion in motions_of(self.motion_keys).items():
            for verb, buttons in self.bindings.items():
                if f"key/{key}" in buttons:
                    raise ValueError(
                        f"the key {key!r} moves the {motion.words} and cannot mean {verb}; choose another one"
                    )
        for where, switch in (("switch", self.switch), ("assignment.switch", self.assignment.switch)):
            if not switch:
                continue
            check_button(switch, where)
            if meant := verb_of(self.bindings, switch):
                raise ValueError(f"{switch!r} would change the arm and mean {meant}; give one of them another button")

    @property
    def first_arm(self) -> Literal[0, 1]:
        """0 left, 1 right: see handedness."""
        return 0 if self.handedness == "left" else 1

    def feel_of(self, key: str) -> ControlConfig:
        """How a device feels: what is said of it, then of its driver, then what such devices are usually like."""
        driver = driver_of(key)
        return replace(usual_feel(driver), **{**self.feel.get(driver, {}), **self.feel.get(key, {})})

    def control(self) -> ControlConfig:
        """For the session. Where two unlike devices drive, the larger dead zone and the gentler rest hold for both."""
        feels = [self.feel_of(key) for key in self.assignment.driving] or [ControlConfig()]
        return ControlConfig(
            **{name: (max if name == "dead_zone" else min)(getattr(feel, name) for feel in feels) for name in FEEL}
        )


def usual_feel(key: str) -> ControlConfig:
    """The settings of a device, or of all devices of a kind, that no profile has changed."""
    kind = KINDS.get(driver_of(key))
    return ControlConfig(**kind.feel) if kind is not None else ControlConfig()


def _check_feel(device: str, name: str, value: float) -> None:
    where = f"feel.{device}.{name}"
    if name not in FEEL:
        near = difflib.get_close_matches(name, FEEL, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(FEEL)}."
        raise ValueError(f"there is no {where}. {hint}")
    low, high = FEEL[name]
    if not low <= value <= high:
        raise ValueError(f"{where} is {value}; it should be {low} .. {high}")


def load(path: Path) -> Profile:
    """An operator's profile.

    Raises:
        BadConfig: naming the file, the key and what is allowed.
    """
    return config.load(Profile, path)


def load_or_default(path: Path | None) -> tuple[Profile, str]:
    """The operator's profile; where the file is torn the default one, and why, in words."""
    if path is None or not path.exists():
        return Profile(), ""
    try:
        return load(path), ""
    except BadConfig as error:
        return Profile(), f"{error} The default profile is used until that is mended."


def save(profile: Profile, path: Path) -> None:
    """Write a profile, whole or not at all; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    config.save(profile, path)
