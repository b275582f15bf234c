"""How a device feels: sliders with numbers, and the answer to the hand as a picture."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from app.inputs.input_devices import InputDevices
from app.inputs.leader_rows import LeaderRows
from app.inputs.response_curve import ResponseCurve
from app.inputs.setting_row import SettingRow, Shape
from app.widgets.device_words import device_words, plural_words
from app.widgets.labels import PlainLabel
from core.reading import DeviceReading
from devices import KINDS
from devices.combine import driver_of
from devices.keyboard.kind import KEYBOARD
from devices.profile import FEEL, Profile
from devices.profile_edits import is_usual, with_feel, with_usual_feel

SHAPES: Final[Mapping[str, Shape]] = {
    "scale": Shape("Scale", "Tool metres per hand metre; multiplies the speed of sticks, pucks and keys",
                   " ×", decimals=2, step=0.05, bend=2.0),
    "dead_zone": Shape("Dead zone", "How much of the deflection counts as rest", " %", 100.0),
    "curve": Shape("Curve", "0 %: the speed follows the deflection; 100 %: fine near rest, fast at the end",
                   " %", 100.0),
    "linear_speed": Shape("Speed", "Of the tool at full deflection", " cm/s", 100.0, decimals=1, step=1.0, bend=2.0),
    "angular_speed": Shape("Turning", "Of the tool at full deflection", " °/s", 180.0 / np.pi, step=5.0, bend=2.0),
    "gripper_speed": Shape("Gripper", "Of gripper buttons, in openings per second", " /s", decimals=1, step=0.5,
                           bend=2.0),
    "max_linear_speed": Shape("Fastest", "What is faster than this is held back", " cm/s", 100.0, step=5.0, bend=2.0),
    "max_angular_speed": Shape("Fastest turning", "What is faster than this is held back", " °/s", 180.0 / np.pi,
                               step=10.0, bend=2.0),
}  # fmt: skip
WHERE_ONLY: Final = ("scale", "max_linear_speed", "max_angular_speed")
"""Settings of devices that measure a pose; settings of deflection do not apply to them."""


class FeelPage(QWidget):
    """Shows the feel of one device of a profile; forwards what the user wants of it."""

    wanted = pyqtSignal(object)
    """A Profile."""
    trouble = pyqtSignal(str)
    """Something could not be written, in words."""

    def __init__(self, hands: InputDevices, folder: Path) -> None:
        super().__init__()
        self._hands, self._profile = hands, hands.profile
        self._choices: list[str] = []
        self.device = QComboBox()
        self.device.setAccessibleName("Device")
        self.device.activated.connect(lambda _: self.show_profile(self._profile))
        self.curve = ResponseCurve()
        self.note = PlainLabel()
        self.note.setObjectName("note")
        self.note.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self.rows = {name: SettingRow(grid, row, shape, FEEL[name]) for row, (name, shape) in enumerate(SHAPES.items())}
        for name, one in self.rows.items():
            one.changed.connect(lambda value, name=name: self._want(name, value))
            one.reset.connect(lambda name=name: self._forget(name))
        self.leader = LeaderRows(hands, folder)
        self.leader.trouble.connect(self.trouble)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for part in (self.device, self.curve):
            column.addWidget(part)
        column.addLayout(grid)
        column.addWidget(self.leader)
        column.addWidget(self.note)
        column.addStretch(1)
        self._offer()
        self.choose(next(iter(hands.seat.assignment.driving), "keyboard") if hands.seated else "keyboard")

    @property
    def key(self) -> str:
        """The device, or the driver of all such devices."""
        return str(self.device.currentData())

    def choose(self, key: str) -> None:
        """Show a device; if it has no settings, the settings of its kind."""
        wanted = key if key in self._profile.feel and key in self._choices else driver_of(key)
        if wanted in self._choices:
            self.device.setCurrentIndex(self._choices.index(wanted))
        self.show_profile(self._profile)

    def show_profile(self, profile: Profile) -> None:
        """Show the settings of a profile."""
        self._profile = profile
        feel, where = profile.feel_of(self.key), self._says_where()
        for name, row in self.rows.items():
            row.set_visible(not where or name in WHERE_ONLY)
            row.show_value(getattr(feel, name), usual=is_usual(profile, self.key, name))
        self.curve.setVisible(not where)
        self.curve.show_feel(feel)
        self.leader.show_device(self.key)
        alone = self.key != driver_of(self.key)
        self.note.setText(
            f"Holds for this device alone; its other settings are those of all {plural_words(driver_of(self.key))}."
            if alone else "What you change holds at once, also while you drive."
        )  # fmt: skip

    def look(self) -> None:
        """Show the newest readings; called regularly while the page is visible."""
        self._offer()
        keys = self._hands.readings()
        mine = [reading for key, reading in keys.items() if reading and self.key in (key, driver_of(key))]
        self.curve.show_hand(max((deflection(reading) for reading in mine), default=None))

    def restore(self) -> None:
        """Everything of this device as usual."""
        self.wanted.emit(with_usual_feel(self._profile, self.key))

    def _says_where(self) -> bool:
        known = [one.device.kind for one in self._hands.plugged.all.values() if self.key in (one.key, one.found.driver)]
        if known:
            return all(kind == "position" for kind in known)
        kind = KINDS.get(driver_of(self.key))
        return kind is not None and kind.reading == "position"

    def _offer(self) -> None:
        """The kinds of devices, and every device that is here."""
        here = {
            one.key: one for one in self._hands.plugged.all.values() if one.present or one.key in self._profile.feel
        }
        kinds = dict.fromkeys([*KINDS, *(one.found.driver for one in here.values())])
        choices = [entry for kind in kinds for entry in (kind, *(k for k, one in here.items() if driver_of(k) == kind))]
        if choices == self._choices:
            return
        now = self.key if self._choices else ""
        self._choices = choices
        self.device.clear()
        for key in choices:
            self.device.addItem(f"    only {here[key].words}" if key in here else all_of(key), key)
        self.device.setCurrentIndex(choices.index(now) if now in choices else 0)

    def _want(self, name: str, value: float) -> None:
        low, high = FEEL[name]
        self.wanted.emit(with_feel(self._profile, self.key, name, min(max(value, low), high)))

    def _forget(self, name: str) -> None:
        mine = {other: value for other, value in self._profile.feel.get(self.key, {}).items() if other != name}
        others = {key: values for key, values in self._profile.feel.items() if key != self.key}
        self.wanted.emit(replace(self._profile, feel=others | ({self.key: mine} if mine else {})))


def all_of(driver: str) -> str:
    """Words for all devices of a driver."""
    return device_words(driver) if driver == KEYBOARD.name else f"All {plural_words(driver)}"


def deflection(reading: DeviceReading) -> float:
    """The largest deflection of a rate device, 0..1; 0 of any other."""
    hands = [hand for hand in (reading.left, reading.right) if hand is not None]
    rates = [rate for hand in hands for rate in (hand.linear, hand.angular) if rate is not None]
    return min(1.0, max((float(np.abs(rate).max()) for rate in rates), default=0.0))
