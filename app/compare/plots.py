"""Curves of a comparison over the offset from the fork, and the paths of the end effectors from above."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.compare.alignment import place
from app.compare.differences import Difference, difference
from app.compare.reading import Comparison
from app.playback import plot_style as style
from app.widgets import theme
from app.widgets.fitting import TEXT_CHANGES
from app.widgets.labels import STRONG, ColouredLabel, Part
from core.action import ARMS, POSITION, arm_slice

MOST = 4
LETTERS = tuple(arm[0].upper() for arm in ARMS)


class ComparePlots(QWidget):
    """Shows a comparison; a click or drag asks for an offset."""

    sought = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison: Comparison | None = None
        self._differences: list[Difference] = []
        self._offset = 0
        self._canvas = style.canvas()
        self._apart = style.dressed(
            self._canvas.addPlot(row=0, col=0), "Commanded positions apart from the reference", "cm"
        )
        self._progress = style.dressed(self._canvas.addPlot(row=1, col=0), "Progress", "%")
        self._above = style.dressed(self._canvas.addPlot(row=0, col=1, rowspan=2), "Paths from above", "cm")
        self._canvas.ci.layout.setColumnStretchFactor(0, 3)
        self._canvas.ci.layout.setColumnStretchFactor(1, 1)
        self._above.setAspectLocked(True)
        self._above.setDownsampling(auto=False)  # x is no time here
        self._above.setClipToView(False)
        self._above.setMouseEnabled(x=False, y=False)
        self._apart.getAxis("bottom").setStyle(showValues=False)
        self._progress.setXLink(self._apart)
        style.in_percent(self._progress)
        self._heads, self._hovers = [], []
        for plot in (self._apart, self._progress):
            fork, hover, head = style.head_line(), style.head_line(theme.TEXT_FAINT), style.head_line()
            fork.setPen(style.pen(theme.TEXT, axis=2, width=1.2))
            hover.hide()
            for line in (fork, hover, head):
                plot.addItem(line, ignoreBounds=True)
            self._heads.append(head)
            self._hovers.append(hover)
        self._apart_lines = self._lines(self._apart)
        self._above_lines = self._lines(self._above)
        self._progress_lines = [style.curve(theme.LANES[n], 0, 1.6) for n in range(MOST)]
        for line in self._progress_lines:
            self._progress.addItem(line)
        self._dots = pg.ScatterPlotItem(size=9, pen=style.pen(theme.WELL))
        self._dots.setZValue(12)
        self._above.addItem(self._dots)
        self.readout = ColouredLabel()
        self.readout.setObjectName("note")
        self.readout.setWordWrap(True)
        self.readout.setContentsMargins(14, 4, 10, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.readout)
        column.addWidget(self._canvas, 1)
        self._canvas.viewport().installEventFilter(self)
        self._canvas.viewport().setMouseTracking(True)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            for plot in (self._apart, self._progress, self._above):
                style.resize_text(plot)

    @staticmethod
    def _lines(plot: Any) -> dict[tuple[int, int], Any]:
        """A line per branch and arm: the colour is the branch's, the dash the arm's."""
        lines = {(n, arm): style.curve(theme.LANES[n], arm, 1.6) for n in range(MOST) for arm in range(len(ARMS))}
        for line in lines.values():
            plot.addItem(line)
        return lines

    @property
    def differences(self) -> Sequence[Difference]:
        """Of each branch but the reference against it."""
        return self._differences

    def show_comparison(self, comparison: Comparison | None, first: int = 0) -> None:
        """Show another one from an offset on, or none."""
        self._comparison = comparison
        for line in (*self._apart_lines.values(), *self._above_lines.values(), *self._progress_lines):
            line.setData([], [])
        self._dots.setData([], [])
        self._differences = []
        if comparison is None or not comparison.tracks:
            self.readout.show_words("")
            return
        low, high = comparison.extent
        for plot in (self._apart, self._progress):
            plot.setLimits(xMin=low, xMax=max(high, low + 1), minXRange=5)
        self._apart.setXRange(first, max(high, first + 1), padding=0)
        self._fill(comparison, first)
        self.set_offset(self._offset)

    def _fill(self, comparison: Comparison, first: int) -> None:
        tracks, at = comparison.tracks, comparison.anchors
        top = 4.0
        for n in range(1, len(tracks)):
            found = difference(tracks[0], tracks[n], (at[0], at[n]))
            self._differences.append(found)
            for arm in range(len(ARMS)):
                values = 100 * found.distance[:, arm]
                self._put(self._apart_lines[n, arm], found.offsets, values)
                seen = values[(found.offsets >= first) & np.isfinite(values)]
                top = max(top, float(seen.max()) if len(seen) else 0.0)
        self._apart.setYRange(-0.04 * top, 1.1 * top, padding=0)
        for n, track in enumerate(tracks):
            offsets = np.arange(track.last + 1, dtype=np.float64) - at[n]
            self._put(self._progress_lines[n], offsets, 100 * track.progress)
            since = max(0, at[n] + first)
            for arm in range(len(ARMS)):
                points = 100 * track.ee_state[since:, arm_slice(arm)][:, POSITION].astype(np.float64)
                stride = max(1, len(points) // 2000)
                self._put(self._above_lines[n, arm], -points[::stride, 1], points[::stride, 0])
        self._above.autoRange(padding=0.08)

    @staticmethod
    def _put(line: Any, x: Any, y: Any) -> None:
        if np.isfinite(y).any():
            style.put(line, x, y)

    def set_offset(self, offset: int) -> None:
        """Move the head."""
        self._offset = offset
        for line in self._heads:
            line.setValue(offset)
        self._say(offset)
        comparison = self._comparison
        if comparison is None:
            return
        spots = []
        for n, track in enumerate(comparison.tracks):
            node = place(offset, comparison.anchors[n], track.last).node
            for arm in range(len(ARMS)):
                x, y = (100 * track.ee_state[node, arm_slice(arm)][:2]).tolist()
                spots.append({"pos": (-y, x), "brush": theme.LANES[n], "symbol": "o" if arm == 0 else "s"})
        self._dots.setData(spots)

    def _say(self, offset: int) -> None:
        comparison = self._comparison
        if comparison is None:
            return
        since = f"{offset:+d} steps from the fork" if comparison.forked else f"step {offset}"
        parts: list[list[Part]] = [[(since, STRONG)]]
        for n, track in enumerate(comparison.tracks):
            label = comparison.labels[comparison.branches[n].id]
            node = offset + comparison.anchors[n]
            there = 0 <= node <= track.last
            value = track.progress[node] if there else math.nan
            words = f"progress {100 * value:.0f} %" if not math.isnan(value) else ("no step" if not there else "")
            if n > 0:
                words += self._apart_words(self._differences[n - 1], offset)
            parts.append([("■", theme.LANES[n]), (label, STRONG), (words, "")])
        parts.append([("solid: left arm, dashed: right arm", theme.TEXT_FAINT)])
        self.readout.show_parts(parts)

    @staticmethod
    def _apart_words(found: Difference, offset: int) -> str:
        row = offset - int(found.offsets[0]) if len(found.offsets) else -1
        if not 0 <= row < len(found.offsets) or np.isnan(found.distance[row]).any():
            return ""
        each = (f"{letter} {100 * value:.1f} cm" for letter, value in zip(LETTERS, found.distance[row], strict=True))
        return ", apart " + ", ".join(each)

    # The mouse: hovering reads, a press or drag with the left button seeks, the wheel zooms.

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """See QObject.eventFilter."""
        if event is None:
            return False
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        elif isinstance(event, QMouseEvent) and event.type() in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress):
            offset = self._offset_at(event.position())
            self._hover(offset)
            if offset is not None and event.buttons() & Qt.MouseButton.LeftButton:
                self.sought.emit(offset)
                return True
        return False

    def _hover(self, offset: int | None) -> None:
        for line in self._hovers:
            line.setVisible(offset is not None)
            if offset is not None:
                line.setValue(offset)
        self._say(self._offset if offset is None else offset)

    def _offset_at(self, at: QPointF) -> int | None:
        if self._comparison is None:
            return None
        scene = self._canvas.mapToScene(at.toPoint())
        low, high = self._comparison.extent
        for plot in (self._apart, self._progress):
            box = plot.getViewBox()
            if box.sceneBoundingRect().contains(scene):
                return int(max(low, min(high, round(float(box.mapSceneToView(scene).x())))))
        return None
