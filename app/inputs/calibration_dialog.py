"""Calibrate a leader arm: say which arm it is, sweep every joint, hold the centre pose."""

import re
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.inputs.calibration_worker import CalibrationWorker, Run, Shown
from app.widgets import theme
from app.widgets.labels import PlainLabel
from app.widgets.meter import Meter
from devices import KINDS
from devices.hotplug import HotplugDevices, Plugged
from devices.leader.driver import LeaderDriver
from devices.leader.run import CalibrationRun
from devices.leader.table import arm_table, arm_tables

ENOUGH_DEGREES = 90.0
"""A joint whose meter is full; most joints go further."""


class CalibrationDialog(QDialog):
    """The arm is lent to it from the first press to the end."""

    def __init__(
        self, one: Plugged, plugged: HotplugDevices, folder: Path, parent: QWidget | None = None,
        begin: Callable[[str], Run] | None = None,
    ) -> None:  # fmt: skip
        """Show the first page.

        Args:
            one: The leader arm.
            plugged: Where it is borrowed.
            folder: Of the operator, where the calibration goes.
            parent: The window.
            begin: Opens a run for an arm by the name of its table; the real one by default.
        """
        super().__init__(parent)
        self.setWindowTitle("Calibrate")
        self.setMinimumWidth(520)
        self._one, self._plugged = one, plugged
        self._begin = begin or (lambda arm: CalibrationRun(one.found.key, arm, folder))
        self._worker: CalibrationWorker | None = None
        self.title, self.words, self.trouble = PlainLabel(one.words), PlainLabel(), PlainLabel()
        self.stage = PlainLabel()
        self.stage.setObjectName("question")
        self.stage.hide()
        self.title.setObjectName("stagetitle")
        self.title.setWordWrap(True)
        self.words.setWordWrap(True)
        self.trouble.setObjectName("why")
        self.trouble.setWordWrap(True)
        self.arm, self.forward, self.leave = QComboBox(), QPushButton("Start"), QPushButton("Cancel")
        for name in arms_of(one.found.driver):
            self.arm.addItem(arm_table(name).words, name)
        self.leave.setAutoDefault(False)
        self.forward.setDefault(True)
        self.forward.clicked.connect(self._go_on)
        self.leave.clicked.connect(self.reject)
        self._meters: dict[str, Meter] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(20)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        for part in (self.title, self.stage, self.words, self.arm):
            column.addWidget(part)
        column.addLayout(self._grid)
        column.addWidget(self.trouble)
        ways = QHBoxLayout()
        ways.addStretch(1)
        ways.addWidget(self.leave)
        ways.addWidget(self.forward)
        column.addLayout(ways)
        self.words.setText(
            "Which arm is it? Give it power and hold it by the handle: nothing is written into its motors, it can be "
            "moved freely. It takes about three minutes, and drives nothing meanwhile."
        )
        self.trouble.hide()

    def _go_on(self) -> None:
        if self._worker is not None:
            self._worker.next()
            return
        arm = str(self.arm.currentData())
        self.arm.hide()
        self.words.setText("Opening the arm …")
        self.forward.setText("Next")

        def begin() -> Run:
            self._plugged.hold(self._one.key)
            return self._begin(arm)

        self._worker = CalibrationWorker(begin, self)
        self._worker.shown.connect(self.show_progress)
        self._worker.start()

    def show_progress(self, shown: Shown) -> None:
        """Show the step of the calibration and its progress."""
        self.stage.setText(shown.title)
        self.stage.setVisible(bool(shown.title))
        words = spoken(shown.instruction)
        self.words.setText(words + (f"\n{shown.saved}" if shown.saved is not None else ""))
        self.trouble.setText(spoken(shown.trouble) if not shown.over else shown.trouble)
        self.trouble.setVisible(bool(shown.trouble))
        for meter in self._meters.values():
            meter.setVisible(bool(shown.progress))
        for number, (name, degrees) in enumerate(shown.progress.items()):
            if name not in self._meters:
                self._meters[name] = Meter(name.replace("_", " "))
                self._grid.addWidget(self._meters[name], number // 2, number % 2)
            enough = degrees >= ENOUGH_DEGREES
            colour = theme.SUCCESS if enough else theme.ACCENT
            self._meters[name].show_value(min(1.0, degrees / ENOUGH_DEGREES), f"{degrees:.0f}°", colour)
        if shown.over:
            self.forward.hide()
            self.leave.setText("Close")

    def done(self, code: int) -> None:
        """Give the arm back; see QDialog.done."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()
            self._plugged.release(self._one.key)
        super().done(code)


def spoken(words: str) -> str:
    """The words with the names of motors as a person says them."""
    return re.sub(r"(?<=[a-z])_(?=[a-z])", " ", words)


def arms_of(driver: str) -> list[str]:
    """Names of the joint tables of arms on such a bus that can be calibrated, the commonest first."""
    servos = KINDS[driver].servos if driver in KINDS else ""
    names = {table.name for table in arm_tables().values() if table.protocol == servos and table.needs_calibration}
    usual = next((one.usual_arm for one in LeaderDriver.__subclasses__() if one.kind.name == driver), "")
    return sorted(names, key=lambda name: (name != usual, name))
