"""The bar between the pictures and the timeline: what the hands need most, one click away."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from app.commands.actions import Actions, show_one
from app.commands.command import Place
from app.widgets import theme
from app.widgets.elided import polish
from app.widgets.fitting import ShrinkingBar, show_words
from app.widgets.labels import PlainLabel
from core.events import Status

PAIRS = ((("run", "Run"), ("pause", "Pause")), (("take_over", "Take over"), ("hand_back", "Hand back")))
"""Commands that share a place, because only one of them is possible at a time."""
GROUPS = (
    (("step", ""),),
    (("mark_failure", "Failure"), ("mark_success", "Success"), ("to_failure", "Roll back")),
    (("branch_here", "Branch"), ("discard", "")),
    (("same_scene", ""), ("next_scene", "Next")),
)
"""(command, word) of the other buttons; "" shows only the icon."""


class DriveBar(ShrinkingBar):
    """Buttons of the commands; holds no state but the speed it shows."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drivebar")
        self._actions = actions
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(2)
        self._pairs: list[list[QToolButton]] = []
        self._worded: list[QToolButton] = []
        """Buttons with words, the most needed first."""
        for pair in PAIRS:
            buttons = [actions.button(name, text) for name, text in pair]
            self._pairs.append(buttons)
            for button in buttons:
                button.setObjectName("main")
                row.addWidget(button)
            self._worded += buttons
        for group in GROUPS:
            row.addWidget(self._rule())
            for name, text in group:
                button = actions.button(name, text)
                row.addWidget(button)
                if text:
                    self._worded.append(button)
        row.addStretch(1)
        self._speed = PlainLabel()
        self._speed.setObjectName("dim")
        self._speed.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._speed.setMinimumWidth(44)
        row.addWidget(self._speed)
        self.show_place(Place())

    def show_place(self, place: Place) -> None:
        """Show the buttons that are possible where the user is."""
        self._actions.show_place(place)
        before = self._paired()
        for buttons in self._pairs:
            show_one(buttons)
        if self._paired() != before:
            self.refit()

    def plans(self) -> list[Callable[[], None]]:
        """All words; without the speed; then one word less at a time, from the right; see ShrinkingBar."""
        return [
            lambda: self._show(len(self._worded), speed=True),
            *(partial(self._show, count, speed=False) for count in range(len(self._worded), -1, -1)),
        ]

    def _paired(self) -> list[bool]:
        """Which of the buttons that share a place are shown."""
        return [button.isHidden() for buttons in self._pairs for button in buttons]

    def _tighten(self, on: bool) -> None:
        """Less padding around icons without words."""
        if self.property("tight") != on:
            self.setProperty("tight", on)
            for button in self.findChildren(QToolButton):
                polish(button)
                button.updateGeometry()

    def _show(self, words: int, *, speed: bool) -> None:
        self._speed.setVisible(speed)
        self._tighten(words == 0)
        show_words(self._worded[:words], True)
        show_words(self._worded[words:], False)

    def show_status(self, status: Status) -> None:
        """The live speed."""
        words = f"{status.speed:g}× speed"
        if words != self._speed.text():
            self._speed.setText(words)
            self.refit()

    @staticmethod
    def _rule() -> QFrame:
        rule = QFrame()
        rule.setFixedSize(9, 18)
        rule.setStyleSheet(f"border-left: 1px solid {theme.LINE}; margin-left: 4px;")
        return rule
