"""One setting of a device: its name, a slider, the number with its unit, and the way back to the usual value."""

import math
from dataclasses import dataclass

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QDoubleSpinBox, QGridLayout, QSlider, QToolButton

from app.widgets.labels import PlainLabel

STEPS = 1000


@dataclass(frozen=True, slots=True)
class Shape:
    """How a setting is shown."""

    words: str
    tip: str
    unit: str
    factor: float = 1.0
    """Shown number = value x factor."""
    decimals: int = 0
    step: float = 1.0
    """Of the number."""
    bend: float = 1.0
    """2: the slider gives the lower half of its way to the lowest quarter of the values."""


class SettingRow(QObject):
    """Five widgets in a row of a grid; forwards what the user wants."""

    changed = pyqtSignal(float)
    """The value that the user wants, in the setting's own unit."""
    reset = pyqtSignal()
    """The usual value is wanted."""

    def __init__(self, grid: QGridLayout, row: int, shape: Shape, span: tuple[float, float]) -> None:
        super().__init__(grid)
        self._shape, self._span, self._quiet, self._usual = shape, span, False, True
        self.name = PlainLabel(shape.words)
        self.name.setToolTip(shape.tip)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setToolTip(shape.tip)
        self.slider.setAccessibleName(shape.words)
        self.number = QDoubleSpinBox()
        self.number.setDecimals(shape.decimals)
        self.number.setRange(span[0] * shape.factor, span[1] * shape.factor)
        self.number.setSingleStep(shape.step)
        self.number.setSuffix(shape.unit)
        self.number.setObjectName("setting")
        self.number.setKeyboardTracking(False)
        self.number.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setAccessibleName(shape.words)
        self.back = QToolButton()
        self.back.setObjectName("small")
        self.back.setText("reset")
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(policy)
        self.back.setToolTip("Back to the usual value")
        for column, widget in enumerate((self.name, self.slider, self.number, self.back)):
            grid.addWidget(widget, row, column)
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)
        self.back.clicked.connect(self.reset)

    @property
    def value(self) -> float:
        """What is shown, in the setting's own unit."""
        return self.number.value() / self._shape.factor

    def show_value(self, value: float, *, usual: bool) -> None:
        """Show a value, and whether it is the usual one."""
        self._quiet = True
        self.number.setValue(value * self._shape.factor)
        if not self.slider.isSliderDown():
            self.slider.setValue(self._place(value))
        self._quiet = False
        self._usual = usual
        self.back.setVisible(not usual and not self.name.isHidden())

    def set_visible(self, on: bool) -> None:
        """Show or hide the whole row."""
        for widget in (self.name, self.slider, self.number):
            widget.setVisible(on)
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(on)
        self.back.setSizePolicy(policy)
        self.back.setVisible(on and not self._usual)

    def _place(self, value: float) -> int:
        low, high = self._span
        return round(STEPS * math.pow((value - low) / (high - low), 1.0 / self._shape.bend))

    def _slid(self, at: int) -> None:
        if not self._quiet:
            low, high = self._span
            value = low + (high - low) * (at / STEPS) ** self._shape.bend
            self.changed.emit(round(value * self._shape.factor, self._shape.decimals) / self._shape.factor)

    def _typed(self, number: float) -> None:
        if not self._quiet:
            self.changed.emit(number / self._shape.factor)
