"""Curves of one path: progress and trust above, a group of the action below, both under one head."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.playback import plot_style as style
from app.playback.curves import GROUPS, UNITS, Curve, action_curves, gauge_curves, span, words_at
from app.playback.tracks import Track
from app.widgets import theme
from app.widgets.fitting import TEXT_CHANGES
from app.widgets.labels import STRONG, ColouredLabel, Part

GAUGES = (theme.ACCENT, theme.SUCCESS)
"""Colours of progress and trust."""
ARM_COLOURS = (theme.LEFT, theme.RIGHT)
BESIDE = 1100
"""Width from which the values are beside the buttons, pixels at text size 1."""
LEAST = {"Position": 4.0, "Rotation": 10.0, "Gripper": 10.0}
"""Smallest height of a plot in its unit, so that noise is not blown up to a drama."""


class PlotPanel(QWidget):
    """Shows a track; a click or drag asks for a node."""

    sought = pyqtSignal(int)
    """A node was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._track: Track | None = None
        self._group, self._node, self._first = GROUPS[0], 0, 0
        self._curves: list[Curve] = []
        self._canvas = style.canvas()
        self._gauges = style.dressed(self._canvas.addPlot(row=0, col=0), "Progress, trust", "%")
        self._actions = style.dressed(self._canvas.addPlot(row=1, col=0), "Position", UNITS["Position"])
        self._gauges.getAxis("bottom").setStyle(showValues=False)
        style.in_percent(self._gauges)
        self._actions.setXLink(self._gauges)
        self._heads = [style.head_line() for _ in range(2)]
        self._hovers = [style.head_line(theme.TEXT_FAINT) for _ in range(2)]
        self._forks = [style.head_line(theme.TEXT) for _ in range(2)]
        for place, plot in enumerate((self._gauges, self._actions)):
            for line in (self._forks[place], self._hovers[place], self._heads[place]):
                plot.addItem(line, ignoreBounds=True)
            self._hovers[place].hide()
            self._forks[place].setPen(style.pen(theme.TEXT, axis=2, width=1.2))
        self._gauge_lines = [style.curve(colour, axis) for axis, colour in enumerate(GAUGES)]
        for line in self._gauge_lines:
            self._gauges.addItem(line)
        self._action_lines = {(arm, axis): style.curve(ARM_COLOURS[arm], axis) for arm in range(2) for axis in range(3)}
        for line in self._action_lines.values():
            self._actions.addItem(line)
        self._bar = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lay_out()
        self._canvas.viewport().installEventFilter(self)
        self._canvas.viewport().setMouseTracking(True)
        self.show_track(None)

    def _lay_out(self) -> None:
        bar, choices = self._bar, QHBoxLayout()
        bar.setContentsMargins(10, 4, 10, 0)
        bar.setSpacing(4)
        self._choice: list[QToolButton] = []
        """No QButtonGroup: Tab would reach the chosen one only."""
        for name in GROUPS:
            button = QToolButton()
            button.setObjectName("choice")
            button.setText(name)
            button.setCheckable(True)
            button.setChecked(name == self._group)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, name=name: self.show_group(name))
            self._choice.append(button)
            choices.addWidget(button)
        self.readout = ColouredLabel()
        self.readout.setObjectName("note")
        self.readout.setWordWrap(True)
        choices.addStretch(1)
        bar.addLayout(choices)
        bar.addWidget(self.readout, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._canvas, 1)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """The values go below the buttons where they do not fit beside; see QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            self._arrange()
            for plot in (self._gauges, self._actions):
                style.resize_text(plot)

    def _arrange(self) -> None:
        wide = self.width() >= theme.px(BESIDE)
        self._bar.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What Tab reaches, in reading order."""
        return tuple(self._choice)

    @property
    def group(self) -> str:
        """Which part of the action is shown."""
        return self._group

    @property
    def shown_range(self) -> tuple[float, float]:
        """First and last node that are seen."""
        low, high = self._gauges.viewRange()[0]
        return float(low), float(high)

    def show_track(self, track: Track | None, first: int = 0) -> None:
        """Show another path from a node on, or none; the same path that has grown keeps its zoom."""
        before, self._track = self._track, track
        same = before is not None and track is not None and before.branch == track.branch
        whole = not same or before is None or self.shown_range[1] >= before.last
        last = max(track.last, 1) if track is not None else 1
        for plot in (self._gauges, self._actions):
            plot.setLimits(xMin=0, xMax=max(last, 5), minXRange=5)
        if whole:
            self._first = min(first, last - 1)
            self.fit()
        for fork in self._forks:
            fork.setValue(track.fork if track is not None else 0)
            fork.setVisible(track is not None and track.fork > 0)
        self._fill()

    def show_group(self, name: str) -> None:
        """Show another part of the action."""
        self._group = name
        style.retitle(self._actions, name, UNITS[name])
        for button in self._choice:
            button.setChecked(button.text() == name)
        self._fill()

    def next_group(self) -> None:
        """Show the next part of the action, behind the last one the first."""
        self.show_group(GROUPS[(GROUPS.index(self._group) + 1) % len(GROUPS)])

    def set_head(self, node: int) -> None:
        """Move the head."""
        if node != self._node:
            self._node = node
            for line in self._heads:
                line.setValue(node)
            self._say()

    def fit(self) -> None:
        """Show the path from its first node of interest to its end."""
        last = max(self._track.last, 1) if self._track is not None else 1
        self._gauges.setXRange(self._first, last, padding=0)

    def _fill(self) -> None:
        for line in self._action_lines.values():
            line.setData([], [])
        if self._track is None or self._track.last < 0:
            self._curves = []
            for line in self._gauge_lines:
                line.setData([], [])
            self._say()
            return
        nodes = np.arange(self._track.last + 1, dtype=np.float64)
        gauges, actions = gauge_curves(self._track), action_curves(self._track, self._group)
        self._curves = [*gauges, *actions]
        for line, curve in zip(self._gauge_lines, gauges, strict=True):
            _put(line, nodes, curve)
        for curve in actions:
            _put(self._action_lines[curve.arm, curve.axis], nodes, curve)
        self._actions.setYRange(*span(actions, LEAST[self._group]), padding=0)
        self._say()

    def _say(self, node: int | None = None) -> None:
        """The values under the cursor, else at the head; each with the dashes and the colour of its line."""
        if not self._curves:
            self.readout.show_words("No steps" if self._track is not None else "")
            return
        at = self._node if node is None else node
        parts: list[list[Part]] = [[(f"Step {at}", STRONG)]]
        for place, curve in enumerate(self._curves):
            colour = GAUGES[place] if curve.arm < 0 else ARM_COLOURS[curve.arm]
            dashes = style.DASH_WORDS[curve.axis]
            parts.append([(dashes, colour), (words_at(curve, at), "")])
        self.readout.show_parts(parts)

    # The mouse: hovering reads, a press or drag with the left button seeks, the wheel zooms, a double click fits.

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """See QObject.eventFilter."""
        if event is None:
            return False
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.fit()
            return True
        elif isinstance(event, QMouseEvent) and event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress):
            node = self._node_at(event.position())
            self._hover(node)
            if node is not None and event.buttons() & Qt.MouseButton.LeftButton:
                self.sought.emit(node)
                return True  # dragging seeks; panning is for the wheel and the middle button
        return False

    def _hover(self, node: int | None) -> None:
        for line in self._hovers:
            line.setVisible(node is not None)
            if node is not None:
                line.setValue(node)
        self._say(node)

    def _node_at(self, place: QPointF) -> int | None:
        if self._track is None or self._track.last < 0:
            return None
        scene = self._canvas.mapToScene(place.toPoint())
        for plot in (self._gauges, self._actions):
            box = plot.getViewBox()
            if box.sceneBoundingRect().contains(scene):
                x = box.mapSceneToView(scene).x()
                return None if math.isnan(x) else max(0, min(self._track.last, round(x)))
        return None


def _put(line: Any, nodes: NDArray[np.float64], curve: Curve) -> None:
    """Give a line its points; a curve of which nothing is known has none."""
    if curve.known:
        style.put(line, nodes, curve.values)
    else:
        line.setData([], [])
