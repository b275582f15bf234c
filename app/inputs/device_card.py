"""One device in the Devices panel: what it is, how it is, and what it may drive."""

import time

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout

from app.widgets.elided import Elided, polish
from app.widgets.labels import PlainLabel, plain_tip
from core.reading import DeviceReading
from devices import KINDS
from devices.combine import Assignment, driver_of
from devices.discovery import Named
from devices.feedback import Rumbling, Shining
from devices.hotplug import Plugged
from devices.reader import Reader


def small_button(words: str, tip: str, *, checkable: bool = False) -> QToolButton:
    """A button that never takes the focus, so that keys keep their meaning."""
    button = QToolButton()
    button.setObjectName("choice")
    button.setText(words)
    button.setToolTip(tip)
    button.setCheckable(checkable)
    button.setFocusPolicy(button.focusPolicy().NoFocus)
    return button


def tab_button(words: str, tip: str, *, checkable: bool = False) -> QToolButton:
    """The same in a dialog, where Tab reaches it."""
    button = small_button(words, tip, checkable=checkable)
    button.setFocusPolicy(button.focusPolicy().TabFocus)
    return button


class DeviceCard(QFrame):
    """Shows one device and forwards what the user wants of it."""

    arm_wanted = pyqtSignal(int)
    """0 left, 1 right, 2 both."""
    tested = pyqtSignal()
    calibrated = pyqtSignal()
    tuned = pyqtSignal()

    def __init__(self, one: Plugged | None) -> None:
        """A card; None is the keyboard."""
        super().__init__()
        self.setObjectName("devicecard")
        self.key = one.key if one is not None else "keyboard"
        self.name, self.state, self.why = Elided(), PlainLabel(), PlainLabel()
        self.name.setObjectName("devicename")
        self.state.setObjectName("note")
        self.why.setObjectName("why")
        self.why.setWordWrap(True)
        self.why.setTextInteractionFlags(self.why.textInteractionFlags().TextSelectableByMouse)
        self.arms = [
            small_button("Left", "Drive the left arm", checkable=True),
            small_button("Right", "Drive the right arm", checkable=True),
            small_button("Both", "Drive both arms", checkable=True),
        ]
        self.test = small_button("Test", "Rumble or blink, to see which one it is")
        self.tune = small_button("Feel…", "Scale, curve, dead zone, speeds")
        self.calibrate = small_button("Calibrate…", "Sweep, centre, push forward: three minutes")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(4)
        column.addWidget(self.name)
        column.addWidget(self.state)
        column.addWidget(self.why)
        for buttons in (self.arms, (self.test, self.tune, self.calibrate)):
            row = QHBoxLayout()
            row.setSpacing(4)
            for button in buttons:
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        for number, button in enumerate(self.arms):
            button.clicked.connect(lambda _checked=False, number=number: self.arm_wanted.emit(number))
        self.test.clicked.connect(self.tested)
        self.tune.clicked.connect(self.tuned)
        self.calibrate.clicked.connect(self.calibrated)
        self.calibrate.setVisible(one is not None and is_leader(one.key))
        self.test.setVisible(one is not None and isinstance(one.device, Rumbling | Shining))

    def show_device(self, one: Plugged, reading: DeviceReading | None) -> None:
        """The newest of a device."""
        name, _, place = one.words.partition(" (")
        kind = one.device.kind_words if isinstance(one.device, Named) else ""
        self.name.show_text(kind or name)
        self.name.setToolTip(plain_tip(one.words))
        place = place.removesuffix(")").split(", ")[-1]
        state = state_words(one, reading)
        self._show("on" if one.connected else "off", f"{place} · {state}" if place else state, one.why)
        if self.calibrate.property("needed") != (needed := "alibrate" in one.why):
            self.calibrate.setProperty("needed", needed)
            polish(self.calibrate)
        self.test.setEnabled(one.connected)

    def show_keyboard(self) -> None:
        """The keyboard is always here."""
        self.name.show_text("Keyboard")
        self._show("on", "WASD and IJKL move the arms", "")

    def show_assignment(self, assignment: Assignment, seated: bool) -> None:
        """Which arms it drives; `seated` False: something else drives, chosen in the menu."""
        drives = [hand is not None and hand[0] == self.key for hand in assignment.hands] if seated else [False, False]
        for button, on in zip(self.arms, (*drives, all(drives)), strict=True):
            button.setChecked(on)

    def _show(self, state: str, words: str, why: str) -> None:
        self.state.setText(words)
        self.state.setToolTip("Samples per second, and the age of the newest one")
        self.why.setText(why)
        self.why.setVisible(bool(why))
        if self.property("state") != state:
            self.setProperty("state", state)
            polish(self)


def is_leader(key: str) -> bool:
    """Whether a device, or a kind of devices, is a leader arm that is calibrated here."""
    kind = KINDS.get(driver_of(key))
    return kind is not None and bool(kind.servos)


def state_words(one: Plugged, reading: DeviceReading | None) -> str:
    """Rate and age, or what keeps it."""
    if one.held:
        return "lent to the calibration"
    if not one.present:
        return "unplugged"
    if not one.connected or reading is None:
        return "opening …" if not one.why else "cannot be read"
    rate = one.device.rate_hz if isinstance(one.device, Reader) else 0.0
    age = 1000 * max(0.0, time.monotonic() - reading.time)
    return f"{rate:.0f} Hz · {age:.0f} ms old"
