"""Settings that only leader arms have: their clutch and their orientation on the table."""

from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from app.inputs.device_card import is_leader
from app.inputs.input_devices import InputDevices
from app.inputs.setting_row import SettingRow, Shape
from app.widgets.labels import PlainLabel
from core.errors import StudioError
from devices.combine import driver_of
from devices.leader.arm import Leader
from devices.leader.clutch import ClutchMode
from devices.leader.settings import PortSettings, load_leaders, save_leader

CLUTCHES: Final[dict[ClutchMode, str]] = {
    "always": "Counts from the take-over on",
    "motion": "Counts from the first clear motion on",
    "held": "Counts while the key C, or a pedal, is held",
}
YAW: Final = Shape("Stands turned", "By how much its front is turned to the left of the robot's, seen from above. "
                   "The calibration measures it with a push forward.", " °")  # fmt: skip
CHOOSE: Final = "Clutch and orientation on the table are settings of one arm: choose it above."
CALIBRATE: Final = "Calibrate it on the Devices page; then its clutch and orientation on the table are set here."
SAVE_MS = 300


class LeaderRows(QWidget):
    """Hidden for everything that is no leader arm. Its settings are in leaders.toml, since they are of a port."""

    trouble = pyqtSignal(str)
    """It could not be read or written, in words; "" where it could."""

    def __init__(self, hands: InputDevices, folder: Path) -> None:
        super().__init__()
        self._hands, self._folder, self._key = hands, folder, ""
        self._settings: PortSettings | None = None
        self._unsaved = False
        self.clutch, self.note = QComboBox(), PlainLabel()
        for mode in get_args(ClutchMode):
            self.clutch.addItem(CLUTCHES[mode], mode)
        self.clutch.setAccessibleName("Clutch of the leader arm")
        self.clutch.activated.connect(lambda _: self._want(clutch=self.clutch.currentData()))
        self.note.setObjectName("note")
        self.note.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self.yaw = SettingRow(grid, 0, YAW, (-180.0, 180.0))
        self.yaw.changed.connect(lambda value: self._want(yaw=value))
        self.yaw.reset.connect(lambda: self._want(yaw=0.0))
        self._clutch_name = PlainLabel("Clutch")
        grid.addWidget(self._clutch_name, 1, 0)
        grid.addWidget(self.clutch, 1, 1, 1, 3, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid)
        column.addWidget(self.note)
        self._saving = QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.timeout.connect(self.save)

    def show_device(self, key: str) -> None:
        """Show a device; what was changed of another one is written first."""
        if key == self._key and (self._settings is not None or not self.isHidden()):
            return
        self.save()
        self._key, self._settings = key, None
        self.setVisible(is_leader(key))
        if is_leader(key) and key != driver_of(key):
            try:
                self._settings = load_leaders(self._folder).ports.get(self._port)
            except StudioError as error:
                self.trouble.emit(str(error))
        self._show()

    def save(self) -> None:
        """Write what was changed; idempotent."""
        self._saving.stop()
        if not self._unsaved or self._settings is None:
            return
        self._unsaved = False
        try:
            save_leader(self._folder, self._port, self._settings)
        except (StudioError, OSError) as error:
            self.trouble.emit(f"The settings of the leader arm could not be written: {error}")

    @property
    def _port(self) -> str:
        return self._key.partition(":")[2]

    def _show(self) -> None:
        settings = self._settings
        self.yaw.set_visible(settings is not None)
        self._clutch_name.setVisible(settings is not None)
        self.clutch.setVisible(settings is not None)
        self.note.setVisible(settings is None)
        self.note.setText(CALIBRATE if self._port else CHOOSE)
        if settings is not None:
            self.yaw.show_value(settings.yaw, usual=settings.yaw == 0.0)
            self.clutch.setCurrentIndex(self.clutch.findData(settings.clutch))

    def _want(self, **changes: object) -> None:
        if self._settings is None:
            return
        self._settings = replace(self._settings, **changes)  # type: ignore[arg-type]  # of the two settings here
        one = self._hands.plugged.all.get(self._key)
        if one is not None and isinstance(one.device, Leader):  # at once; the file is read at the next connect
            one.device.mount.turn_to(self._settings.yaw)
            one.device.clutch.mode = self._settings.clutch
        self._show()
        self._unsaved = True
        self._saving.start(SAVE_MS)
