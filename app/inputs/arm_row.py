"""One arm in the Devices panel: who drives it, whether the hand is engaged, and its axes as they move."""

from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.inputs.axis_bars import AxisBars
from app.widgets.elided import Elided
from app.widgets.labels import PlainLabel, plain_tip
from core.reading import ArmReading


class ArmRow(QWidget):
    """Shows the device and hand of one arm."""

    def __init__(self, title: str, colour: str) -> None:
        super().__init__()
        self.title, self.driver, self.bars = PlainLabel(title), Elided(), AxisBars(colour)
        self.title.setStyleSheet(f"color: {colour}; font-weight: 600;")
        self.driver.setObjectName("dim")
        self.driver.setAlignment(self.driver.alignment().AlignRight | self.driver.alignment().AlignVCenter)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.driver, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.bars)

    def show_arm(self, name: str, hand: ArmReading | None, *, here: bool) -> None:
        """Show the device that drives the arm ("" for none), its hand, and whether it gives readings."""
        words = name.partition(" (")[0] or "holds still"
        if name and not here:
            words = "no reading"
        elif name and hand is not None and not hand.valid:
            words = "track lost"
        elif name and hand is not None and not hand.clutch:
            words = "clutch open"
        self.driver.show_text(words)
        self.driver.setToolTip(plain_tip(name))
        self.bars.show_hand(hand)
