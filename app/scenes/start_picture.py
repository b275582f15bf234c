"""The pictures of a start, one per camera, side by side; an empty slot where there is none."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QWidget

from app.timeline.paint import qimage
from app.widgets import theme
from core.camera import Camera

SIDE, GAP, NAME = 232, 12, 20
"""Width of a picture, distance to the next, height of its name, pixels."""


class StartPicture(QWidget):
    """Shows frames; decides nothing."""

    def __init__(self, cameras: Sequence[Camera]) -> None:
        super().__init__()
        self._cameras = tuple(cameras)
        self._frames: Mapping[str, NDArray[np.uint8]] = {}
        self._high = max((round(SIDE * c.height / c.width) for c in self._cameras), default=SIDE)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        count = max(1, len(self._cameras))
        return QSize(count * SIDE + (count - 1) * GAP, self._high + NAME)

    def show_frames(self, frames: Mapping[str, NDArray[np.uint8]]) -> None:
        """Show these; a camera that is missing is an empty slot."""
        self._frames = frames
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """See QWidget.paintEvent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for i, camera in enumerate(self._cameras):
            area = QRectF(i * (SIDE + GAP), 0, SIDE, self._high)
            frame = self._frames.get(camera.name)
            painter.fillRect(area, QColor(theme.WELL))
            if frame is not None:
                painter.drawImage(area, qimage(frame))
            painter.setPen(QPen(QColor(theme.LINE_STRONG), 1))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(QColor(theme.TEXT_DIM))
            words = camera.name if frame is not None else f"{camera.name}: no picture"
            painter.drawText(QRectF(area.x(), self._high, SIDE, NAME), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
