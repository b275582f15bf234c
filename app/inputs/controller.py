"""What the user does with devices in the window: assign, go back to automatic, calibrate."""

from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject, QTimer

from app.commands.key_bindings import put_on
from app.inputs.calibration_dialog import CalibrationDialog
from app.inputs.input_devices import AUTO, InputDevices
from app.inputs.panel import DevicesPanel
from app.inputs.settings_window import InputSettings
from app.window.main_window import MainWindow
from core.errors import StudioError
from core.events import Message, Status
from core.folders import config_folder
from core.verbs import Pause, SetControl, Verb
from devices.combine import Assignment
from devices.default_assignment import ALONE
from devices.keyboard.words import motion_words
from devices.operators import choose
from devices.profile import Profile

NAMES_MS = 100
"""Between two looks at who drives which arm, for the badges on the pictures."""


class Desk(Protocol):
    """What the desk needs of the application."""

    @property
    def status(self) -> Status | None:
        """The newest status; None while loading."""

    def submit(self, *verbs: Verb) -> None:
        """Ask the session for something."""

    def choose_device(self, name: str) -> None:
        """Let a device drive."""

    def follow_hands(self) -> None:
        """Somebody else drives now."""


class Badges(Protocol):
    """The viewport."""

    def show_hands(self, names: tuple[str, str], scale: float) -> None:
        """What drives each arm."""


class InputController(QObject):
    """Makes the Devices page of a window and carries out what it asks for."""

    def __init__(self, studio: Desk, hands: InputDevices, window: MainWindow, badges: Badges, parent: QObject) -> None:
        super().__init__(parent)
        self._studio, self._hands, self._window, self._badges = studio, hands, window, badges
        self.panel = DevicesPanel(hands)
        window.side_column.add("Devices", self.panel)
        self.panel.wanted.connect(self.assign)
        self.panel.automatic.connect(self.go_automatic)
        self.panel.calibrate.connect(self.calibrate)
        self.panel.settings.connect(self.show_settings)
        self.settings: InputSettings | None = None
        """The settings, while they are open."""
        self.refused: list[str] = []
        """Keys of the profile that would mean two things, in words."""
        self._put_keys_on()
        self._timer = QTimer(window)  # ends with the widgets that it shows names on
        self._timer.timeout.connect(self._show_names)
        self._timer.start(NAMES_MS)

    def tell(self) -> None:
        """Say what of the profile was refused, once."""
        refused, self.refused = self.refused, []
        for words in refused:
            self._window.show_message(Message("warning", words))

    def assign(self, assignment: Assignment) -> None:
        """Let the devices of an assignment drive; the keyboard alone is the keyboard."""
        status = self._studio.status
        if status is not None and status.phase == "CORRECTING" and self._hands.interrupts(assignment):
            self._studio.submit(Pause())  # before the hands change, so that this is no loss of a device
        try:
            if assignment == ALONE:
                self._hands.forget_arms()
                self._studio.choose_device("keyboard")
            else:
                self._hands.assign_arms(assignment)
        except StudioError as error:
            self._window.show_message(Message("error", str(error)))
        self._studio.follow_hands()

    def go_automatic(self) -> None:
        """Let what is plugged in drive by itself."""
        try:
            self._hands.forget_arms()
        except StudioError as error:
            self._window.show_message(Message("error", str(error)))
        self._studio.choose_device(AUTO)

    def calibrate(self, key: str) -> "CalibrationDialog | None":
        """Ask how a leader arm is built; it drives nothing meanwhile."""
        one = self._hands.plugged.all.get(key)
        if one is None:
            return None
        dialog = CalibrationDialog(one, self._hands.plugged, config_folder(), self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def show_settings(self, key: str = "") -> InputSettings:
        """The operator's settings, of a device where one is named; they stay open while hands drive."""
        if self.settings is None:
            self.settings = InputSettings(
                self._hands, config_folder(), self._window.command_actions.commands, self._window
            )
            self.settings.applied.connect(self.use)
            self.settings.assigned.connect(self.assign)
            self.settings.operator_chosen.connect(self.change_operator)
            self.settings.finished.connect(self._forget_settings)
        if key:
            self.settings.feel.choose(key)
        self.settings.show()
        self.settings.raise_()
        self.settings.activateWindow()
        return self.settings

    def use(self, profile: Profile) -> None:
        """Take other settings of the operator over, now."""
        before = self._hands.profile
        self._hands.use(profile)
        self._studio.submit(SetControl(self._hands.control))
        if (profile.bindings, profile.keys) != (before.bindings, before.keys):
            self._put_keys_on()
            self.tell()

    def change_operator(self, file: Path) -> None:
        """Somebody else sits down: their settings, keys and devices from now on, and at the next start."""
        status = self._studio.status
        if status is not None and status.phase == "CORRECTING":
            self._studio.submit(Pause())
        try:
            self._hands.change_operator(file)
            choose(file)
        except StudioError as error:
            self._window.show_message(Message("error", str(error)))
        self._put_keys_on()
        self._window.set_keyboard(self._hands.keyboard, motion_words(self._hands.keyboard.motions))
        if self._hands.choice == AUTO:
            self._studio.choose_device(AUTO)
        else:
            self._studio.follow_hands()
        self.tell()
        if self.settings is not None:
            self.settings.show_operator()

    def _put_keys_on(self) -> None:
        self.refused = put_on(self._window.command_actions, self._hands.profile, self._hands.keyboard.motions)
        self._window.keys_changed()

    def _forget_settings(self) -> None:
        settings, self.settings = self.settings, None
        if settings is not None:
            settings.deleteLater()
        self._window.activateWindow()  # the keys are the window's again

    def _show_names(self) -> None:
        self._badges.show_hands(self._hands.arm_kinds, self._hands.control.scale)
