"""Pictures over curves, with a handle between them: how review and comparison are laid out."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QSplitter, QWidget


def over(upper: QWidget, lower: QWidget, heights: tuple[int, int]) -> QSplitter:
    """Three parts of the height for the upper one, two for the lower one; heights in pixels to begin with."""
    splitter = QSplitter(Qt.Orientation.Vertical)
    splitter.setChildrenCollapsible(False)
    splitter.addWidget(upper)
    splitter.addWidget(lower)
    splitter.setStretchFactor(0, 3)
    splitter.setStretchFactor(1, 2)
    splitter.setSizes(list(heights))
    return splitter
