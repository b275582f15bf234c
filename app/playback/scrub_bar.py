"""A thin strip of steps to scrub on: who drove, where it forked, what was marked, where the head is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets import theme

BESIDE, RIGHT = 7, 11
"""Pixels beside the strip and the axis of the plots below it, which is scaled with the text."""
AXIS: Final = 44
"""Width of that axis at text size 1."""
COLOURS: Final = (theme.POLICY, theme.OPERATOR, theme.REPLAY)
"""By the codes of core.step.SOURCES."""
MARKS: Final = {"failure": theme.FAILURE, "success": theme.SUCCESS, "note": theme.TEXT}


def left_edge() -> int:
    """Pixel of the first step: above the first one of the plots."""
    return BESIDE + theme.px(AXIS)


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled place."""

    at: int
    kind: str
    """"failure", "success" or "note"."""


class ScrubBar(QWidget):
    """Shows a range of steps; a press or drag asks for one."""

    sought = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(30)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._first, self._last, self._at, self._fork = 0, 1, 0, 0
        self._rows: list[tuple[int, NDArray[np.int8]]] = []
        self._marks: tuple[Mark, ...] = ()
        self._played: tuple[int | None, int | None] = (None, None)

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return QSize(400, 30)

    def show_range(self, first: int, last: int, fork: int, marks: Sequence[Mark] = ()) -> None:
        """First and last step; where it forked, first for nowhere."""
        self._first, self._last, self._fork, self._marks = first, max(first + 1, last), fork, tuple(marks)
        self.update()

    def show_played(self, begin: int | None, end: int | None) -> None:
        """First and last step of the range that is played; None for an end of the strip."""
        if (begin, end) != self._played:
            self._played = (begin, end)
            self.update()

    def show_drivers(self, rows: Sequence[tuple[int, NDArray[np.int8]]]) -> None:
        """Per row of the strip: the step of its first code, and codes of core.step.SOURCES; -1 is no source."""
        self._rows = list(rows)
        self.update()

    def show_head(self, at: int) -> None:
        """Move the head."""
        if at != self._at:
            self._at = at
            self.update()

    def event_from(self, at: int, direction: int) -> int:
        """The nearest fork, marker or end before (-1) or behind (+1) a step."""
        events = {self._first, self._last, self._fork, *(mark.at for mark in self._marks)}
        beyond = [e for e in events if (e - at) * direction > 0 and self._first <= e <= self._last]
        return min(beyond, key=lambda e: abs(e - at), default=at)

    def pixel(self, at: float) -> float:
        """Pixel of a step."""
        return left_edge() + (at - self._first) / (self._last - self._first) * (self.width() - left_edge() - RIGHT)

    def step_at(self, x: float) -> int:
        """The step nearest to a pixel."""
        part = (x - left_edge()) / max(1, self.width() - left_edge() - RIGHT)
        return max(self._first, min(self._last, round(self._first + part * (self._last - self._first))))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """See QWidget.mousePressEvent."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.sought.emit(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """See QWidget.mouseMoveEvent."""
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.sought.emit(self.step_at(event.position().x()))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """See QWidget.paintEvent."""
        painter = QPainter(self)
        thick = max(10, 5 * len(self._rows))
        track = QRectF(left_edge(), 15 - thick / 2, self.width() - left_edge() - RIGHT, thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(track, QColor(theme.RAISED))
        height = track.height() / max(1, len(self._rows))
        for place, (start, codes) in enumerate(self._rows):
            self._strip(painter, start, codes, track.y() + place * height, height - (1 if len(self._rows) > 1 else 0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._first < self._fork <= self._last:
            x = self.pixel(self._fork)
            painter.setPen(QPen(QColor(theme.TEXT), 1.2, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, 3), QPointF(x, 27))
        for mark in self._marks:
            self._mark(painter, mark)
        self._range(painter, track)
        x = self.pixel(self._at)
        painter.setPen(QPen(QColor(theme.ACCENT), 2))
        painter.drawLine(QPointF(x, 4), QPointF(x, 26))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.ACCENT))
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 1), QPointF(x + 5, 1), QPointF(x, 8)]))
        painter.end()

    def _strip(self, painter: QPainter, start: int, codes: NDArray[np.int8], y: float, height: float) -> None:
        """Runs of one driver as bars; code i leads to step start + i, so its bar ends there."""
        if len(codes) == 0:
            return
        painter.setClipRect(QRectF(left_edge(), y, self.width() - left_edge() - RIGHT, height))
        edges = np.flatnonzero(np.diff(codes)) + 1
        for first, last in zip((0, *edges), (*edges, len(codes)), strict=True):
            code = int(codes[first])
            if 0 <= code < len(COLOURS):
                left, right = self.pixel(start + first - 1), self.pixel(start + last - 1)
                painter.fillRect(QRectF(left, y, max(1.0, right - left), height), theme.faded(COLOURS[code], 0.75))
        painter.setClipping(False)

    def _range(self, painter: QPainter, track: QRectF) -> None:
        """A line under the range that is played, with a foot at both ends."""
        begin, end = self._played
        if (begin, end) == (None, None):
            return
        left = self.pixel(self._first if begin is None else max(self._first, begin))
        right = self.pixel(self._last if end is None else min(self._last, end))
        y = track.bottom() + 2
        painter.setPen(QPen(QColor(theme.ACCENT), 2))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, track.top()), QPointF(x, y))

    def _mark(self, painter: QPainter, mark: Mark) -> None:
        """A cross for a failure, a disc for a success, a square for a note: never by colour alone."""
        x, y, r = self.pixel(mark.at), 15.0, 4.0
        colour = QColor(MARKS.get(mark.kind, theme.TEXT))
        painter.setPen(QPen(QColor(theme.WELL), 4))
        painter.setBrush(QColor(theme.WELL))
        painter.drawEllipse(QPointF(x, y), r, r)
        painter.setBrush(Qt.BrushStyle.NoBrush if mark.kind == "failure" else colour)
        painter.setPen(QPen(colour, 2))
        if mark.kind == "failure":
            painter.drawLine(QPointF(x - r, y - r), QPointF(x + r, y + r))
            painter.drawLine(QPointF(x - r, y + r), QPointF(x + r, y - r))
        elif mark.kind == "success":
            painter.drawEllipse(QPointF(x, y), r - 0.5, r - 0.5)
        else:
            painter.drawRect(QRectF(x - r + 1, y - r + 1, 2 * r - 2, 2 * r - 2))
