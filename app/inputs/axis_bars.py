"""The six axes and the gripper of one hand as bars that move with it."""

from typing import Final

import numpy as np
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets import theme
from core.geometry import relative_rotation
from core.reading import ArmReading

AXES: Final = (("x", "y", "z"), ("roll", "pitch", "yaw"))
"""Left and right column; x forward, y left, z up, and turns about them."""
FULL_MOVE, FULL_TURN = 0.30, 1.5
"""Metres and radians from where it connected that fill a bar of a position device."""
ROW, GAP, LABEL = 17, 14, 34
_UPRIGHT = np.array([0.0, 0.0, 0.0, 1.0])


def fractions(hand: ArmReading | None) -> tuple[float, ...] | None:
    """x, y, z, roll, pitch, yaw of a hand in -1..1, robot base axes; None where there is no hand or no track."""
    if hand is None or not hand.valid:
        return None
    if hand.linear is not None or hand.angular is not None:
        linear = np.zeros(3) if hand.linear is None else hand.linear
        angular = np.zeros(3) if hand.angular is None else hand.angular
    else:
        linear = np.zeros(3) if hand.position is None else hand.position / FULL_MOVE
        orientation = _UPRIGHT if hand.orientation is None else hand.orientation
        angular = relative_rotation(orientation, _UPRIGHT) / FULL_TURN
    return tuple(float(value) for value in np.clip(np.concatenate([linear, angular]), -1.0, 1.0))


class AxisBars(QWidget):
    """Draws the six axes of a hand; an absent hand is dim."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = QColor(colour)
        self._values: tuple[float, ...] | None = None
        self._gripper: float | None = None
        self._rate = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def values(self) -> tuple[float, ...] | None:
        """What is drawn, see fractions()."""
        return self._values

    def show_hand(self, hand: ArmReading | None) -> None:
        """Show where a hand is."""
        values = fractions(hand)
        gripper = None if hand is None or not hand.valid else hand.gripper
        rate = 0.0 if values is None or hand is None else hand.gripper_rate
        if (values, gripper, rate) != (self._values, self._gripper, self._rate):
            self._values, self._gripper, self._rate = values, gripper, rate
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return QSize(200, 4 * ROW)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """See QWidget.paintEvent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(theme.SMALL)
        painter.setFont(font)
        width = (self.width() - GAP) / 2
        for column, names in enumerate(AXES):
            for row, name in enumerate(names):
                value = self._values[3 * column + row] if self._values is not None else None
                self._bar(painter, column * (width + GAP), row * ROW, width, name, value)
        if self._gripper is None:
            rate = None if self._values is None else self._rate
            self._bar(painter, 0, 3 * ROW, self.width(), "grip", rate)
        else:
            self._grip(painter, 3 * ROW, self._gripper)
        painter.end()

    def _bar(self, painter: QPainter, x: float, y: float, width: float, name: str, value: float | None) -> None:
        """A name and a bar that grows from its middle."""
        self._name(painter, x, y, name, value is not None)
        track = QRectF(x + LABEL, y + ROW / 2 - 2.5, width - LABEL, 5)
        self._track(painter, track)
        middle = track.center().x()
        if value:
            size = abs(value) * track.width() / 2
            painter.setBrush(self._colour)
            painter.drawRoundedRect(QRectF(middle if value > 0 else middle - size, track.y(), size, 5), 1.5, 1.5)
        painter.setBrush(QColor(theme.LINE_STRONG if value is None else theme.TEXT_DIM))
        painter.drawRect(QRectF(middle - 0.5, track.y() - 2, 1, 9))

    def _grip(self, painter: QPainter, y: float, opening: float) -> None:
        """How far the operator's trigger is open."""
        self._name(painter, 0, y, "grip", True)
        track = QRectF(LABEL, y + ROW / 2 - 2.5, self.width() - LABEL, 5)
        self._track(painter, track)
        painter.setBrush(self._colour)
        painter.drawRoundedRect(QRectF(track.x(), track.y(), max(2.0, opening * track.width()), 5), 2.5, 2.5)

    @staticmethod
    def _name(painter: QPainter, x: float, y: float, name: str, here: bool) -> None:
        painter.setPen(QColor(theme.TEXT_DIM if here else theme.TEXT_FAINT))
        painter.drawText(QRectF(x, y, LABEL, ROW), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(Qt.PenStyle.NoPen)

    @staticmethod
    def _track(painter: QPainter, track: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.LINE))
        painter.drawRoundedRect(track, 2.5, 2.5)
