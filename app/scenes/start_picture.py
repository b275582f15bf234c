"""The pictures of a start, one per camera, side by side; an empty slot where there is none."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.timeline.paint import qimage
from app.widgets import theme
from core.camera import Camera

SIDE, LEAST, GAP, NAME = 232, 90, 12, 20
"""Width of a picture, its least, distance to the next, height of its name, pixels at text size 1."""


class StartPicture(QWidget):
    """Shows frames, as large as there is room; decides nothing."""

    def __init__(self, cameras: Sequence[Camera]) -> None:
        super().__init__()
        self._cameras = tuple(cameras)
        self._frames: Mapping[str, NDArray[np.uint8]] = {}
        self._aspect = max((c.height / c.width for c in self._cameras), default=1.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return self._size(SIDE)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.minimumSizeHint."""
        return self._size(LEAST)

    def _size(self, side: int) -> QSize:
        count = max(1, len(self._cameras))
        return QSize(count * side + (count - 1) * GAP, round(side * self._aspect) + theme.px(NAME))

    def show_frames(self, frames: Mapping[str, NDArray[np.uint8]]) -> None:
        """Show these; a camera that is missing is an empty slot."""
        self._frames = frames
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """See QWidget.paintEvent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        count = max(1, len(self._cameras))
        room = (self.height() - theme.px(NAME)) / self._aspect, (self.width() - (count - 1) * GAP) / count
        side = max(1.0, min(room))
        left = (self.width() - count * side - (count - 1) * GAP) / 2
        for i, camera in enumerate(self._cameras):
            area = QRectF(left + i * (side + GAP), 0, side, side * self._aspect)
            frame = self._frames.get(camera.name)
            painter.fillRect(area, QColor(theme.WELL))
            if frame is not None:
                painter.drawImage(area, qimage(frame))
            painter.setPen(QPen(QColor(theme.LINE_STRONG), 1))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
            painter.setFont(theme.font(theme.px(theme.SMALL)))
            painter.setPen(QColor(theme.TEXT_DIM))
            words = camera.name if frame is not None else f"{camera.name}: no picture"
            below = QRectF(area.x(), area.bottom(), side, theme.px(NAME))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
