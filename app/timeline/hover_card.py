"""The small card under the pointer of the timeline: the picture of a step and what is known of it."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QSize, Qt
from PyQt6.QtGui import QPixmap
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.timeline.paint import qimage
from app.widgets.labels import PlainLabel

PICTURE = 112
"""Height of the picture, pixels."""


class HoverCard(QFrame):
    """A tool-tip window that ignores mouse events."""

    def __init__(self, parent: QWidget) -> None:
        flags = Qt.WindowType
        super().__init__(parent, flags.ToolTip | flags.FramelessWindowHint | flags.WindowTransparentForInput)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setObjectName("hovercard")
        self._picture, self._title, self._text = PlainLabel(), PlainLabel(), PlainLabel()
        self._title.setObjectName("hovertitle")
        self._text.setObjectName("note")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        row, column = QHBoxLayout(self), QVBoxLayout()
        row.setContentsMargins(8, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self._picture)
        row.addLayout(column)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addStretch(1)
        self._pixels: NDArray[np.uint8] | None = None

    @property
    def words(self) -> str:
        """All words of the card."""
        return f"{self._title.text()}\n{self._text.text()}"

    def present(self, title: str, text: str, pixels: NDArray[np.uint8] | None, above: QPoint) -> None:
        """Show the card with its lower edge at a global place, pushed into the screen."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._picture.setVisible(pixels is not None)
        if pixels is not None and pixels is not self._pixels:
            self._picture.setPixmap(self._scaled(pixels))
        self._pixels = pixels
        size: QSize = self.sizeHint()
        screen = self.screen()
        area = screen.availableGeometry() if screen is not None else self.geometry()
        x = max(area.left() + 4, min(above.x() - size.width() // 2, area.right() - size.width() - 4))
        y = above.y() - size.height()
        y = y if y > area.top() else above.y() + 36
        self.setGeometry(x, y, size.width(), size.height())
        if not self.isVisible():
            self.show()

    def _scaled(self, pixels: NDArray[np.uint8]) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap.fromImage(qimage(pixels)).scaledToHeight(
            round(PICTURE * ratio), Qt.TransformationMode.SmoothTransformation
        )
        picture.setDevicePixelRatio(ratio)
        return picture
