"""What the user does with devices in the window: assign, go back to automatic, calibrate."""

from typing import Protocol

from PyQt6.QtCore import QObject, QTimer

from app.calibration_dialog import CalibrationDialog
from app.devices_panel import DevicesPanel
from app.hands import AUTO, Hands
from app.key_bindings import put_on
from app.main_window import MainWindow
from core.errors import StudioError
from core.events import Message
from devices.leader.settings import own_folder
from devices.seat import Assignment
from devices.seating import ALONE

NAMES_MS = 100
"""Between two looks at who drives which arm, for the badges on the pictures."""


class Desk(Protocol):
    """What the desk needs of the application."""

    def choose_device(self, name: str) -> None:
        """Let a device drive."""

    def follow_hands(self) -> None:
        """Somebody else drives now."""


class Badges(Protocol):
    """The viewport."""

    def show_hands(self, names: tuple[str, str], scale: float) -> None:
        """What drives each arm."""


class HandDesk(QObject):
    """Makes the Devices page of a window and carries out what it asks for."""

    def __init__(self, studio: Desk, hands: Hands, window: MainWindow, badges: Badges, parent: QObject) -> None:
        super().__init__(parent)
        self._studio, self._hands, self._window, self._badges = studio, hands, window, badges
        self.panel = DevicesPanel(hands)
        window.side_column.add("Devices", self.panel)
        self.panel.wanted.connect(self.assign)
        self.panel.automatic.connect(self.go_automatic)
        self.panel.calibrate.connect(self.calibrate)
        self.refused = put_on(window.command_actions.by_name, hands.profile, hands.keyboard.motions)
        """Keys of the profile that would mean two things, in words."""
        window.keys_changed()
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
        dialog = CalibrationDialog(one, self._hands.plugged, own_folder(), self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _show_names(self) -> None:
        self._badges.show_hands(self._hands.arm_kinds, self._hands.control.scale)
