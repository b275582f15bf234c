"""A small picture of how a rate device answers: the dead zone, the curve, the top speed, and the hand in it now."""

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets import theme
from core.control import ControlConfig, shaped

POINTS = 97


class ResponseCurve(QWidget):
    """Deflection to the right, speed upwards; a dot shows the live deflection."""

    def __init__(self) -> None:
        super().__init__()
        self._feel = ControlConfig()
        self._now: float | None = None
        self.setFixedHeight(120)
        self.setMinimumWidth(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("How the speed follows the deflection")

    @property
    def now(self) -> float | None:
        """The deflection that is shown, 0..1; None where no hand is."""
        return self._now

    def show_feel(self, feel: ControlConfig) -> None:
        """Draw another curve."""
        self._feel = feel
        self.update()

    def show_hand(self, deflection: float | None) -> None:
        """Where the hand is, 0..1 of full deflection; None where there is none."""
        if deflection != self._now:
            self._now = deflection
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """See QWidget.paintEvent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(theme.LINE))
        painter.setBrush(QColor(theme.WELL))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        inner = box.adjusted(12, 20, -12, -22)
        dead = QRectF(inner.left(), inner.top(), inner.width() * self._feel.dead_zone, inner.height())
        painter.fillRect(dead, QColor(theme.RAISED))
        self._words(painter, box)
        deflections = np.linspace(0.0, 1.0, POINTS)
        speeds = shaped(deflections, self._feel)
        line = QPolygonF([self._at(inner, float(x), float(y)) for x, y in zip(deflections, speeds, strict=True)])
        painter.setPen(QPen(QColor(theme.ACCENT), 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)
        if self._now is not None:
            speed = float(shaped(np.array([self._now]), self._feel)[0])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.OPERATOR))
            painter.drawEllipse(self._at(inner, min(self._now, 1.0), speed), 5.0, 5.0)

    def _words(self, painter: QPainter, box: QRectF) -> None:
        feel = self._feel
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(QColor(theme.TEXT_DIM))
        fastest = f"{100 * feel.scale * feel.linear_speed:.0f} cm/s at full deflection"
        painter.drawText(box.adjusted(12, 4, -12, 0), Qt.AlignmentFlag.AlignRight, fastest)
        bottom = Qt.AlignmentFlag.AlignBottom
        words = box.adjusted(12, 0, -12, -4)
        painter.drawText(words, bottom | Qt.AlignmentFlag.AlignLeft, "rest")
        painter.drawText(words, bottom | Qt.AlignmentFlag.AlignRight, "full deflection")

    @staticmethod
    def _at(box: QRectF, deflection: float, speed: float) -> QPointF:
        return QPointF(box.left() + deflection * box.width(), box.bottom() - speed * box.height())
