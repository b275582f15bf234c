"""Plots that look like the rest of the window: the one file that configures pyqtgraph."""

from typing import Any, Final

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPen

from app.widgets import theme

DASHES: Final = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
DASH_WORDS: Final = ("───", "─ ─", "···")
"""The dashes as text, for legends."""
AXIS_WIDTH: Final = 44
TITLE_HEIGHT: Final = 17
"""Pixels at text size 1."""
SMOOTH: Final = 5000
"""Curves of fewer points are drawn smooth; more are drawn fast."""


def pen(colour: str, axis: int = 0, width: float = 1.4, alpha: float = 1.0) -> QPen:
    """A pen of one device pixel size at any zoom."""
    result = QPen(theme.faded(colour, alpha), width, DASHES[axis % len(DASHES)])
    result.setCosmetic(True)
    return result


def dressed(plot: Any, title: str, unit: str) -> Any:
    """A pg.PlotItem with quiet axes, no menus, and zoom along time only.

    Its lines show as many points as there are pixels: peaks stay, clutter goes. A plot puts its own downsampling on
    every line that is added to it, so it is set here.
    """
    plot.setDownsampling(auto=True, mode="peak")
    plot.setClipToView(True)
    plot.hideButtons()
    plot.setMenuEnabled(False)
    plot.showGrid(x=True, y=True, alpha=0.12)
    plot.setMouseEnabled(x=True, y=False)
    plot.getViewBox().setDefaultPadding(0.0)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(theme.LINE))
        axis.setTextPen(pg.mkPen(theme.TEXT_FAINT))
        axis.setStyle(tickLength=-4, tickTextOffset=4)
        axis.enableAutoSIPrefix(False)
    retitle(plot, title, unit)
    resize_text(plot)
    return plot


def in_percent(plot: Any) -> None:
    """Show 0 to 100 %, each labelled, with room for half a label above and below."""
    plot.setYRange(-14, 114, padding=0)
    plot.getAxis("left").setTicks([[(0, "0"), (50, "50"), (100, "100")]])


def retitle(plot: Any, title: str, unit: str) -> None:
    """Say above the plot, at the left, what it shows: over the curves it would hide them."""
    plot.title_words = f"{title}  {unit}".strip()
    plot.setTitle(plot.title_words, color=theme.TEXT_DIM, size=f"{theme.px(theme.SMALL)}px", justify="left")


def resize_text(plot: Any) -> None:
    """Draw title and axes at the text size that is chosen now."""
    plot.setTitle(plot.title_words, color=theme.TEXT_DIM, size=f"{theme.px(theme.SMALL)}px", justify="left")
    high = theme.px(TITLE_HEIGHT)
    plot.titleLabel.setMaximumHeight(high)
    plot.layout.setRowFixedHeight(0, high)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setTickFont(theme.font(theme.px(theme.SMALL - 1)))
    plot.getAxis("left").setWidth(theme.px(AXIS_WIDTH))


def canvas() -> Any:
    """An empty pg.GraphicsLayoutWidget in our colours."""
    widget = pg.GraphicsLayoutWidget()
    widget.setBackground(theme.PANEL)
    widget.setFrameShape(widget.Shape.NoFrame)
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.ci.layout.setContentsMargins(6, 6, 10, 4)
    widget.ci.layout.setSpacing(4)
    return widget


def head_line(colour: str = theme.ACCENT) -> Any:
    """The vertical line at the head."""
    line = pg.InfiniteLine(0.0, angle=90, movable=False, pen=pen(colour, width=1.6))
    line.setZValue(10)
    return line


def curve(colour: str, axis: int = 0, width: float = 1.4) -> Any:
    """An empty line with gaps where its values are unknown."""
    line = pg.PlotDataItem(pen=pen(colour, axis, width), connect="finite", autoDownsampleFactor=1.0)
    line.fine, line.plain = pen(colour, axis, width), pen(colour, 0, 1.0)
    return line


def put(line: Any, x: Any, y: Any) -> None:
    """Give a line its points; a long one is drawn plainly, for a hundred dashes in a pixel take seconds."""
    long = len(x) > SMOOTH
    line.setPen(line.plain if long else line.fine)
    line.setData(x, y, antialias=not long)
