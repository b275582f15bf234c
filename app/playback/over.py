"""Pictures over curves, with a handle between them: how review and comparison are laid out."""

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QSplitter, QWidget

from app.widgets import theme
from app.widgets.fitting import TEXT_CHANGES

LEAST = 165
"""Height of the lower widget at which curves can be read, pixels at text size 1."""


class Over(QSplitter):
    """Three parts of the height for the upper widget, two for the lower one, which is hidden without room for both."""

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

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            self._fit()

    def event(self, event: QEvent | None) -> bool:
        """A part needs another height; see QWidget.event."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        least = max(theme.px(LEAST), self._lower.minimumSizeHint().height())
        self._lower.setMinimumHeight(least)
        above = max(self._upper.minimumHeight(), self._upper.minimumSizeHint().height())
        self._lower.setVisible(self._wanted and self.height() >= above + least + self.handleWidth())
