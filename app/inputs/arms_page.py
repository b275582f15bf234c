"""How hands and arms belong together: clutch, handedness, swap, mirror, one hand for both arms."""

from dataclasses import replace
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from app.inputs.device_card import tab_button
from app.inputs.input_devices import InputDevices
from app.widgets.labels import PlainLabel
from devices.combine import Assignment
from devices.default_assignment import ALONE
from devices.profile import Profile


class ArmsPage(QWidget):
    """Shows a profile and who drives; forwards what the user wants."""

    wanted = pyqtSignal(object)
    """A Profile."""
    assigned = pyqtSignal(object)
    """An Assignment."""

    def __init__(self, hands: InputDevices) -> None:
        super().__init__()
        self._hands, self._profile = hands, hands.profile
        self.clutch = choice(
            "Clutch", {"hold": "Held: squeeze to move", "toggle": "Toggled: squeeze once, again to release"}
        )
        self.handedness = choice("First arm", {"right": "Right", "left": "Left"})
        self.shared = choice(
            "One hand for both arms", {"switch": "One arm after the other", "both": "Both arms at once"}
        )
        self.swap = tab_button("Left and right change places", "", checkable=True)
        self.mirror = tab_button("Every hand moves its arm as in a mirror", "", checkable=True)
        self.who = PlainLabel()
        self.who.setObjectName("note")
        self.who.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        lines = (
            ("Clutch", self.clutch, "Of VR controllers and other hands that have one"),
            ("First arm", self.handedness, "With which a hand begins that drives one arm at a time"),
            ("One hand, two arms", self.shared, "Tab, or the button “change the arm”, changes it"),
            ("Swap", self.swap, ""),
            ("Mirror", self.mirror, ""),
        )
        row = 0
        for words, widget, note in lines:
            grid.addWidget(PlainLabel(words), row, 0)
            grid.addWidget(widget, row, 1, Qt.AlignmentFlag.AlignLeft)
            row += 1
            if note:
                small = PlainLabel(note)
                small.setObjectName("note")
                grid.addWidget(small, row, 1)
                row += 1
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(grid)
        column.addWidget(self.who)
        column.addStretch(1)
        self.clutch.activated.connect(lambda _: self._want(clutch=self.clutch.currentData()))
        self.handedness.activated.connect(lambda _: self._want(handedness=self.handedness.currentData()))
        self.shared.activated.connect(lambda _: self._assign(shared=self.shared.currentData()))
        self.swap.clicked.connect(lambda on: self._assign(swap=on))
        self.mirror.clicked.connect(lambda on: self._assign(mirror=on))

    def show_profile(self, profile: Profile) -> None:
        """Show the settings of a profile, and those of what drives now."""
        self._profile = profile
        assignment, seated = self._assignment, self._hands.seated
        put(self.clutch, profile.clutch)
        put(self.handedness, profile.handedness)
        put(self.shared, assignment.shared)
        self.swap.setChecked(assignment.swap)
        self.mirror.setChecked(assignment.mirror)
        one_hand = assignment.hands[0] is not None and assignment.hands[0] == assignment.hands[1]
        self.swap.setEnabled(seated and not one_hand)
        self.mirror.setEnabled(seated)
        self.shared.setEnabled(seated and one_hand)
        left, right = (name or "no device" for name in self._hands.arm_names)
        words = f"Now: {left} moves the left arm, {right} the right one."
        self.who.setText(words if seated else f"{words} Swap and mirror are for devices, not for the keyboard alone.")

    def look(self) -> None:
        """Follow who drives."""
        self.show_profile(self._profile)

    def restore(self) -> None:
        """Everything here as usual."""
        usual = Profile()
        self._want(clutch=usual.clutch, handedness=usual.handedness)
        if self._hands.seated:
            self._assign(swap=False, mirror=False, shared="switch")

    @property
    def _assignment(self) -> Assignment:
        return self._hands.seat.assignment if self._hands.seated else ALONE

    def _want(self, **changes: Any) -> None:
        self.wanted.emit(replace(self._profile, **changes))

    def _assign(self, **changes: Any) -> None:
        changed = replace(self._assignment, **changes)
        if changed != self._assignment:
            self.assigned.emit(changed)


def choice(name: str, words: dict[str, str]) -> QComboBox:
    """A box of choices: value -> words."""
    box = QComboBox()
    box.setAccessibleName(name)
    for value, text in words.items():
        box.addItem(text, value)
    return box


def put(box: QComboBox, value: str) -> None:
    """Show a value, unless the user just looks through the choices."""
    view = box.view()
    if view is None or not view.isVisible():
        box.setCurrentIndex(box.findData(value))
