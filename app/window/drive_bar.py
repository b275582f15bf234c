"""The bar between the pictures and the timeline: what the hands need most, one click away."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from app.commands.actions import Actions, show_one
from app.commands.command import Place
from app.widgets import theme
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


class DriveBar(QFrame):
    """Buttons of the commands; holds no state but the speed it shows."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drivebar")
        self._actions = actions
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(2)
        self._pairs: list[list[QToolButton]] = []
        for pair in PAIRS:
            buttons = [actions.button(name, text) for name, text in pair]
            self._pairs.append(buttons)
            for button in buttons:
                button.setObjectName("main")
                row.addWidget(button)
        for group in GROUPS:
            row.addWidget(self._rule())
            for name, text in group:
                row.addWidget(actions.button(name, text))
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
        for buttons in self._pairs:
            show_one(buttons)

    def show_status(self, status: Status) -> None:
        """The live speed."""
        self._speed.setText(f"{status.speed:g}× speed")

    @staticmethod
    def _rule() -> QFrame:
        rule = QFrame()
        rule.setFixedSize(13, 18)
        rule.setStyleSheet(f"border-left: 1px solid {theme.LINE}; margin-left: 6px;")
        return rule
