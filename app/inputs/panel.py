"""The Devices page beside the pictures: what moves each arm now, and everything that could."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.inputs.arm_row import ArmRow
from app.inputs.device_card import DeviceCard, small_button
from app.inputs.input_devices import InputDevices
from app.widgets import theme
from app.window.side_panel import WIDTH, Section
from core.reading import DeviceReading
from devices.combine import Assignment
from devices.default_assignment import ALONE, KEYBOARD, natural, with_arm
from devices.feedback import Rumbling, Shining
from devices.hotplug import Plugged
from devices.identify_sides import Sides, looked

REFRESH_MS = 50
EMPTY = (
    "Plug in a SpaceMouse, a gamepad or a leader arm: it appears here within a second and drives by itself. "
    "Two of a kind drive an arm each."
)
NO_ACCESS = (
    "Plugged in, but not here? Run “main.py doctor”: it names the permission or library that is missing, and the "
    "command that installs it."
)


class DevicesPanel(QScrollArea):
    """Looks at the hands while it is seen; decides nothing."""

    wanted = pyqtSignal(object)
    """An Assignment that the user wants."""
    automatic = pyqtSignal()
    """Whatever is plugged in should drive."""
    calibrate = pyqtSignal(str)
    """Key of the leader arm to calibrate."""
    settings = pyqtSignal(str)
    """Key of the device whose settings are wanted; "" for the operator's."""

    def __init__(self, hands: InputDevices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidepanel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumWidth(WIDTH)
        self.setFocusPolicy(self.focusPolicy().NoFocus)
        self.setHorizontalScrollBarPolicy(self.horizontalScrollBarPolicy().ScrollBarAlwaysOff)
        self._hands = hands
        self._headset: Callable[[], str] = lambda: ""
        self._sides: Sides | None = None
        self.cards: dict[str, DeviceCard] = {}
        content = QWidget()
        content.setObjectName("sidecontent")
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(16, 14, 16, 14)
        self._column.setSpacing(8)
        self.setWidget(content)
        self._build_arms()
        self._build_devices()
        self._column.addStretch(1)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(REFRESH_MS)
        self.refresh()

    def _build_arms(self) -> None:
        box = Section("What moves the arms")
        self.arms = (ArmRow("Left arm", theme.LEFT), ArmRow("Right arm", theme.RIGHT))
        for row in self.arms:
            box.column.addWidget(row)
            box.column.addSpacing(4)
        self.swap = small_button("Swap", "Left and right change places")
        self.mirror = small_button("Mirror", "Every hand moves its arm as in a mirror", checkable=True)
        self.both = small_button(
            "Both arms at once", "Off: one arm after the other; Tab or a button changes it", checkable=True
        )
        self.auto = small_button("Automatic", "Let what is plugged in drive by itself", checkable=True)
        row_ = QHBoxLayout()
        row_.setSpacing(4)
        for button in (self.auto, self.swap, self.mirror):
            row_.addWidget(button)
        row_.addStretch(1)
        box.column.addLayout(row_)
        self.tune = small_button("Settings…", "Feel, buttons and arms of the operator, and who it is")
        self.tune.clicked.connect(lambda: self.settings.emit(""))
        more = QHBoxLayout()
        more.setSpacing(4)
        for button in (self.tune, self.both):
            more.addWidget(button)
        more.addStretch(1)
        box.column.addLayout(more)
        self._column.addWidget(box)
        self._column.addSpacing(8)
        self.swap.clicked.connect(lambda: self._want(swap=not self._assignment.swap))
        self.mirror.clicked.connect(lambda on: self._want(mirror=on))
        self.both.clicked.connect(lambda on: self._want(shared="both" if on else "switch"))
        self.auto.clicked.connect(self.automatic)

    def tell_of_headset(self, words: Callable[[], str]) -> None:
        """Say how it is with the headset; `words` are "" where there is nothing to say."""
        self._headset = words

    def _build_devices(self) -> None:
        self._vr = Section("VR headset")
        self.headset = self._vr.note()
        self._column.addWidget(self._vr)
        self._column.addSpacing(8)
        self._box = Section("Devices")
        self.empty, self.problems = self._box.note(), self._box.note()
        self.empty.setText(f"{EMPTY}\n\n{NO_ACCESS}")
        self.problems.setObjectName("why")
        self.problems.setTextInteractionFlags(self.problems.textInteractionFlags().TextSelectableByMouse)
        self.question = self._box.note()
        self.question.setObjectName("question")
        self.nudge = small_button("Which is the left one? …", "Find out by moving one of them", checkable=True)
        self.nudge.clicked.connect(self._ask)
        self._box.column.addWidget(self.nudge)
        self._column.addWidget(self._box)
        self._add_card(None)

    @property
    def _assignment(self) -> Assignment:
        return self._hands.seat.assignment if self._hands.seated else ALONE

    def refresh(self) -> None:
        """The newest of everything; cheap, and only while the page is visible."""
        if not self.isVisible() and self.cards:
            return
        known, readings = self._hands.plugged.all, self._hands.plugged.readings()
        for key, one in known.items():
            if key not in self.cards:
                self._add_card(one)
            self.cards[key].show_device(one, readings.get(key))
        seated = self._hands.seated or self._hands.assigned == KEYBOARD
        for card in self.cards.values():
            card.show_assignment(self._assignment, seated)
        self.cards[KEYBOARD].show_keyboard()
        words = self._headset()
        self._vr.setVisible(bool(words))
        self.headset.setVisible(bool(words))
        self.headset.setText(words)
        self._show_arms()
        self._show_choices(known)
        self._look_for_sides(readings)

    def _show_arms(self) -> None:
        reading = self._hands.read()
        names = self._hands.arm_names
        for arm, row in enumerate(self.arms):
            row.show_arm(names[arm], reading.arm(arm) if reading is not None else None, here=reading is not None)

    def _show_choices(self, known: Mapping[str, Plugged]) -> None:
        assignment, seated = self._assignment, self._hands.seated
        one_hand = assignment.hands[0] is not None and assignment.hands[0] == assignment.hands[1]
        self.swap.setEnabled(seated and not one_hand)
        self.mirror.setEnabled(seated)
        self.mirror.setChecked(assignment.mirror)
        self.both.setVisible(seated and one_hand)
        self.both.setChecked(assignment.shared == "both")
        self.auto.setChecked(self._hands.choice == "auto" and self._hands.profile.assignment == ALONE)
        self.empty.setVisible(not known)
        words = "\n".join(dict.fromkeys(self._hands.plugged.problems.values()))
        self.problems.setText(words)
        self.problems.setVisible(bool(words))
        self.nudge.setVisible(len(self._alike()) > 1)

    def _add_card(self, one: Plugged | None) -> None:
        card = DeviceCard(one)
        self.cards[card.key] = card
        card.arm_wanted.connect(lambda arm, key=card.key: self._give(key, arm))
        card.tested.connect(lambda key=card.key: self._test(key))
        card.tuned.connect(lambda key=card.key: self.settings.emit(key))
        card.calibrated.connect(lambda key=card.key: self.calibrate.emit(key))
        at = self._box.column.count() - 1 if one is None else self._box.column.indexOf(self.cards[KEYBOARD])
        self._box.column.insertWidget(at, card)

    # -- what the user wants ---------------------------------------------------------------------------------------

    def _want(self, **changes: object) -> None:
        self.wanted.emit(replace(self._assignment, **changes))  # type: ignore[arg-type]  # checked by the callers

    def _give(self, key: str, arm: int) -> None:
        """An arm, or both, for a device; an arm that it drives already, once more, is taken from it."""
        one = self._hands.plugged.all.get(key)
        assignment = self._assignment
        if arm == 2:
            self.wanted.emit(ALONE if one is None else natural([one.found], self._hands.profile.handedness))
            return
        hand = assignment.hands[arm]
        takes = hand is not None and hand[0] == key
        hands = 2 if one is None else one.found.hands
        self.wanted.emit(with_arm(assignment, arm, None if takes else key, hands))

    def _test(self, key: str) -> None:
        one = self._hands.plugged.all.get(key)
        if one is None:
            return
        if isinstance(one.device, Rumbling):
            one.device.rumble(0.7, 0.4)
        elif isinstance(one.device, Shining):
            self._hands.feedback.to([one.device])
            self._hands.feedback.tell("take_over")

    # -- the nudge -------------------------------------------------------------------------------------------------

    def _alike(self) -> tuple[str, ...]:
        """Connected devices of the kind of which there are several."""
        kinds: dict[str, list[str]] = {}
        for one in self._hands.plugged.connected():
            kinds.setdefault(one.found.driver, []).append(one.key)
        return tuple(next((keys for keys in kinds.values() if len(keys) > 1), []))

    def _ask(self, on: bool) -> None:
        self._sides = Sides(self._alike()) if on else None
        self.question.setVisible(on)

    def _look_for_sides(self, readings: Mapping[str, DeviceReading | None]) -> None:
        if self._sides is None:
            return
        self._sides = looked(self._sides, readings, time.monotonic())
        self.question.setText(self._sides.words)
        if self._sides.done:
            found, self._sides = self._sides, None
            self.nudge.setChecked(False)
            self.question.hide()
            self.wanted.emit(replace(self._assignment, left=found.left, right=found.right, left_hand="left",
                                     right_hand="right", swap=False, switch=""))  # fmt: skip
