"""Pictures over curves, with a handle between them: how review and comparison are laid out."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QSplitter, QWidget


class Over(QSplitter):
    """Three parts of the height for the upper widget, two for the lower one, which goes where both have no room."""

    def __init__(self, upper: QWidget, lower: QWidget, heights: tuple[int, int]) -> None:
        """Put two widgets over each other; heights in pixels to begin with."""
        super().__init__(Qt.Orientation.Vertical)
        self._upper, self._lower, self._wanted = upper, lower, True
        self.setChildrenCollapsible(False)
        self.addWidget(upper)
        self.addWidget(lower)
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)
        self.setSizes(list(heights))

    def show_lower(self, on: bool) -> None:
        """Whether the lower widget has something to show."""
        self._wanted = on
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The upper widget; see QWidget.minimumSizeHint."""
        return self._upper.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        needed = self._upper.minimumSizeHint().height() + self._lower.minimumSizeHint().height() + self.handleWidth()
        self._lower.setVisible(self._wanted and self.height() >= needed)
