"""The losses of a training against its steps: one line per source, and the validation."""

import numpy as np
from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.playback import plot_style as style
from app.post_training.reading import Row
from app.widgets import theme
from app.widgets.fitting import TEXT_CHANGES

COLOURS = {
    "chunk demonstrations": theme.POLICY,
    "chunk corrections": theme.OPERATOR,
    "chunk own successes": theme.SUCCESS,
    "chunk further demonstrations": theme.REPLAY,
    "loss": theme.ACCENT,
}
"""Figure of a history -> its colour; others are not drawn."""
NAMES = {"loss": "validation"}


class Curves(QWidget):
    """Grows while a training runs."""

    def __init__(self) -> None:
        super().__init__()
        self._canvas = style.canvas()
        self._plot = style.dressed(self._canvas.addPlot(), "Loss", "")
        self._legend = self._plot.addLegend(offset=(-8, 4), labelTextColor=theme.TEXT_DIM)
        self._lines: dict[str, object] = {}
        self.points: dict[str, list[tuple[float, float]]] = {}
        """Figure -> (step, value), as it is drawn."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._canvas)
        self._fit()

    def show_history(self, history: tuple[Row, ...]) -> None:
        """Draw these rows in place of what is there."""
        self.points = {}
        for name in list(self._lines):
            self._plot.removeItem(self._lines.pop(name))
        for row in history:
            self._take(row)
        self._draw()

    def add(self, row: Row) -> None:
        """One more row; a step that is trained again replaces what came after it."""
        self._take(row)
        self._draw()

    def _take(self, row: Row) -> None:
        for name in COLOURS.keys() & row.keys():
            kept = [point for point in self.points.get(name, []) if point[0] < row["step"]]
            self.points[name] = [*kept, (row["step"], row[name])]

    def _draw(self) -> None:
        for name, points in self.points.items():
            if name not in self._lines:
                line = style.curve(COLOURS[name], 1 if name == "loss" else 0)
                self._plot.addItem(line)
                self._legend.addItem(line, NAMES.get(name, name.removeprefix("chunk ")))
                self._lines[name] = line
            steps, values = np.array(points).T
            style.put(self._lines[name], steps, values)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(theme.px(200))
        style.resize_text(self._plot)
