"""What the user does with devices in the window: assign, go back to automatic, calibrate."""

from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject, QTimer

from app.commands.key_bindings import put_on
from app.inputs.calibration_dialog import CalibrationDialog
from app.inputs.input_devices import AUTO, InputDevices
from app.inputs.keys_dialog import KeysDialog
from app.inputs.panel import DevicesPanel
from app.inputs.settings_window import InputSettings
from app.opening.live_session import LiveSession
from app.window.main_window import MainWindow
from core.errors import StudioError
from core.events import Message
from core.folders import config_folder
from core.verbs import Pause, SetControl, SetDevice
from devices.combine import Assignment
from devices.default_assignment import ALONE
from devices.keyboard.words import motion_words
from devices.operators import choose
from devices.profile import Profile

NAMES_MS = 100
"""Between two looks at who drives which arm, for the badges on the pictures."""


class Badges(Protocol):
    """The viewport."""

    def show_hands(self, names: tuple[str, str], scale: float) -> None:
        """What drives each arm."""


class InputController(QObject):
    """Makes the Devices page of a window and carries out what it asks for."""

    def __init__(
        self, session: LiveSession, hands: InputDevices, window: MainWindow, badges: Badges, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._hands, self._window, self._badges = session, hands, window, badges
        self.panel = DevicesPanel(hands)
        window.side_column.add("Devices", self.panel)
        self.panel.wanted.connect(self.assign)
        self.panel.automatic.connect(self.go_automatic)
        self.panel.calibrate.connect(self.calibrate)
        self.panel.settings.connect(self.show_settings)
        self.settings: InputSettings | None = None
        """The settings, while they are open."""
        self.keys: KeysDialog | None = None
        """The dialog of keys, while it is open."""
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

    def choose_device(self, name: str) -> None:
        """Open a device and let it drive corrections."""
        status = self._session.status
        if status is not None and status.phase == "CORRECTING" and name != self._hands.choice:
            self._session.submit(Pause())  # before the hands change, so that this is no loss of a device
        try:
            self._hands.assign(name)
        except StudioError as error:
            self._window.show_message(Message("error", str(error)))
            return
        self.follow_hands()

    def follow_hands(self) -> None:
        """Let the session take its readings from what drives now, with the feel of that device."""
        status, driving = self._session.status, self._hands.assigned
        if status is not None and status.phase == "CORRECTING" and status.device != driving:
            self._session.submit(Pause())
        self._session.submit(SetDevice(driving), SetControl(self._hands.control))

    def switch_arm(self) -> None:
        """Let a hand that drives one arm at a time drive the other one."""
        self._hands.switch_arm()

    def rescale(self, direction: int) -> None:
        """Let the hands move the tools more (+1) or less (-1)."""
        try:
            scale = self._hands.rescale(direction)
        except StudioError as error:
            self._window.show_message(Message("error", str(error)))
            return
        self._session.submit(SetControl(self._hands.control))
        self._window.show_message(Message("info", f"A hand that moves 10 cm moves its tool {10 * scale:g} cm."))

    def assign(self, assignment: Assignment) -> None:
        """Let the devices of an assignment drive; the keyboard alone is the keyboard."""
        status = self._session.status
        if status is not None and status.phase == "CORRECTING" and self._hands.interrupts(assignment):
            self._session.submit(Pause())  # before the hands change, so that this is no loss of a device
        try:
            if assignment == ALONE:
                self._hands.forget_arms()
                self.choose_device("keyboard")
            else:
                self._hands.assign_arms(assignment)
        except StudioError as error:
            self._window.show_message(Message("error", str(error)))
        self.follow_hands()

    def go_automatic(self) -> None:
        """Let what is plugged in drive by itself."""
        try:
            self._hands.forget_arms()
        except StudioError as error:
            self._window.show_message(Message("error", str(error)))
        self.choose_device(AUTO)

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

    def show_keys(self) -> KeysDialog:
        """The keys of every command, to be changed."""
        if self.keys is None:
            self.keys = KeysDialog(self._hands, self._window.command_actions.commands, self._window)
            self.keys.wanted.connect(self.use_keys)
            self.keys.finished.connect(self._forget_keys)
        self.keys.show()
        self.keys.raise_()
        self.keys.activateWindow()
        return self.keys

    def use_keys(self, profile: Profile) -> None:
        """Take other keys of the operator over, now, and write them to their profile."""
        self.use(profile)
        if self.settings is not None:
            self.settings.show_operator()
        try:
            self._hands.keep()
        except StudioError as error:
            if self.keys is not None:
                self.keys.say(str(error))

    def use(self, profile: Profile) -> None:
        """Take other settings of the operator over, now."""
        before = self._hands.profile
        self._hands.use(profile)
        self._session.submit(SetControl(self._hands.control))
        if (profile.bindings, profile.keys) != (before.bindings, before.keys):
            self._put_keys_on()
            self.tell()

    def change_operator(self, file: Path) -> None:
        """Another operator: their settings, keys and devices from now on, and at the next start."""
        status = self._session.status
        if status is not None and status.phase == "CORRECTING":
            self._session.submit(Pause())
        try:
            self._hands.change_operator(file)
            choose(file)
        except StudioError as error:
            self._window.show_message(Message("error", str(error)))
        self._put_keys_on()
        self._window.set_keyboard(self._hands.keyboard, motion_words(self._hands.keyboard.motions))
        if self._hands.choice == AUTO:
            self.choose_device(AUTO)
        else:
            self.follow_hands()
        self.tell()
        if self.settings is not None:
            self.settings.show_operator()

    def _put_keys_on(self) -> None:
        self.refused = put_on(self._window.command_actions, self._hands.profile, self._hands.keyboard.motions)
        self._window.keys_changed()
        if self.keys is not None:
            self.keys.show_profile()

    def _forget_keys(self) -> None:
        keys, self.keys = self.keys, None
        if keys is not None:
            keys.deleteLater()
        self._window.activateWindow()  # the keys are the window's again

    def _forget_settings(self) -> None:
        settings, self.settings = self.settings, None
        if settings is not None:
            settings.deleteLater()
        self._window.activateWindow()  # the keys are the window's again

    def _show_names(self) -> None:
        self._badges.show_hands(self._hands.arm_kinds, self._hands.control.scale)
