"""Rows that are too narrow for their words leave some of them out, whole: no word is cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import QEvent, QSize, Qt, QTimer
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLayout, QSizePolicy, QToolButton, QWidget

from app.widgets.labels import PlainLabel, plain_tip

TEXT_CHANGES = (QEvent.Type.StyleChange, QEvent.Type.FontChange)
"""What a widget gets when the text size changes."""


def fit(row: QLayout, width: int, plans: Sequence[Callable[[], None]]) -> None:
    """Carry out plans, the fullest first, until the row fits into a width; the last one stays in any case."""
    for plan in plans:
        plan()
        row.invalidate()
        if row.sizeHint().width() <= width:
            return


class ShrinkingBar(QFrame):
    """A bar that shows less where it is too narrow; a subclass says in which order."""

    def plans(self) -> Sequence[Callable[[], None]]:
        """What is shown, the fullest first; each plan undoes the one before."""
        return ()

    def refit(self) -> None:
        """Show as much as fits; call it when what is shown has changed."""
        layout = self.layout()
        if layout is not None and self.isVisibleTo(self.window()):
            fit(layout, self.width(), self.plans())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        super().resizeEvent(event)
        if event is not None and event.oldSize().width() != event.size().width():
            self.refit()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            QTimer.singleShot(0, self.refit)  # when the buttons have the new style too

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Any width; see QWidget.minimumSizeHint."""
        return QSize(0, super().minimumSizeHint().height())


class HeadBar(ShrinkingBar):
    """The line at the top of a page; what may go where it is too narrow, first to last."""

    def __init__(self, may_go: Sequence[QWidget]) -> None:
        super().__init__()
        self.setObjectName("pagebar")
        self._may_go = tuple(may_go)

    def plans(self) -> list[Callable[[], None]]:
        """See ShrinkingBar."""
        return [partial(self._leave_out, count) for count in range(len(self._may_go) + 1)]

    def _leave_out(self, count: int) -> None:
        for place, part in enumerate(self._may_go):
            part.setVisible(place >= count)


def show_words(buttons: Sequence[QToolButton], on: bool) -> None:
    """Buttons with their words beside the icon, or with the icon alone."""
    style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if on else Qt.ToolButtonStyle.ToolButtonIconOnly
    for button in buttons:
        button.setToolButtonStyle(style)


@dataclass(frozen=True, slots=True)
class _Group:
    """Widgets that are shown or left out together."""

    parts: tuple[QWidget, ...]
    kept: bool

    def width(self, spacing: int) -> int:
        """Pixels with the gap to the next group."""
        return sum(part.sizeHint().width() + spacing for part in self.parts)


class FittingRow(QWidget):
    """Groups of widgets in a row; where they do not fit, the last ones that may go are left out."""

    GAP = 6
    """Pixels between two widgets, and once more behind a group."""

    def __init__(self) -> None:
        super().__init__()
        self._groups: list[_Group] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 0)
        self._row.setSpacing(self.GAP)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def add(self, *parts: QWidget, kept: bool = False) -> None:
        """Add a group at the end; `kept` ones are never left out."""
        for part in parts:
            self._row.insertWidget(self._row.count() - 1, part, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.insertSpacing(self._row.count() - 1, self.GAP)
        self._groups.append(_Group(parts, kept))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent | None) -> bool:
        """A part has another size; see QWidget.event."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        room = self.width() - 2 * 12
        widths = [group.width(self.GAP) + 2 * self.GAP for group in self._groups]
        used = sum(width for group, width in zip(self._groups, widths, strict=True) if group.kept)
        full = False
        for group, width in zip(self._groups, widths, strict=True):
            if not group.kept:
                full = full or used + width > room  # an order that has gaps would be another order
                used += 0 if full else width
            for part in group.parts:
                if part.isVisibleTo(self) != (group.kept or not full):
                    part.setVisible(group.kept or not full)


class Wording(PlainLabel):
    """A label with several wordings of the same; it shows the longest that fits."""

    def __init__(self) -> None:
        super().__init__()
        self._wordings: tuple[str, ...] = ("",)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_wordings(self, *wordings: str) -> None:
        """Longest first."""
        if wordings != self._wordings:
            self._wordings = wordings
            self.setToolTip(plain_tip(wordings[0]))
            self._choose()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._choose()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            self._choose()

    def _choose(self) -> None:
        measure, room = self.fontMetrics().horizontalAdvance, self.contentsRect().width()
        self.setText(next((words for words in self._wordings if measure(words) <= room), ""))
