"""The lanes of the timeline as one picture of device pixels: bars and connectors by numpy, marks by a painter.

Only rows that are seen are looked at. Any band of rows can be drawn anew alone: that is what one more step costs.
"""

import math
from dataclasses import dataclass, field
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from PyQt6 import sip
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from app.timeline.bars import BarImages, Look, Span, lane_span, tiles
from app.timeline.geometry import HEIGHTS, NAMES, ROW, TOP, Geometry, tick_steps
from app.timeline.marks import paint_marker
from app.timeline.model import Lane, TimelineModel
from app.timeline.rows import HIDDEN
from app.timeline.strips import BRIEF, FULL, MERGED, Sizes, argb, over
from app.widgets import icons, theme

BARS: Final[dict[int, Sizes]] = dict(zip(HEIGHTS, (MERGED, BRIEF, FULL, FULL), strict=True))
"""By height of a lane."""
INSETS: Final[dict[int, int]] = dict(zip(HEIGHTS, (1, 2, 4, 4), strict=True))
"""Pixels above the bars of a lane."""
INSET: Final = INSETS[ROW]
DRIVER: Final = FULL.driver
ELBOW: Final = 6
"""Radius of the corner where a connector meets its lane, pixels."""
STEPS_SHOWN: Final = 14
"""Pixels per step from which single steps are told apart."""
FEW: Final = 48
"""Connectors to lanes out of view that are drawn whole; where there are more, only their beginnings are."""
STUB: Final = 7
"""Length of such a beginning, pixels."""
OUTCOME_ICONS: Final = {"failure": "failure", "success": "success", "timeout": "timeout"}
OUTCOME_COLOURS: Final = {"failure": theme.FAILURE, "success": theme.SUCCESS, "timeout": theme.WARNING}
PICTURE_GAP: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A picture of the lanes, without names, film and ruler."""

    model: TimelineModel
    geometry: Geometry
    ratio: float
    """Device pixels per pixel."""
    pixels: NDArray[np.uint32]
    """(H, W) opaque ARGB: the tracks below TOP."""
    bars: BarImages = field(default_factory=BarImages)

    @classmethod
    def empty(cls, model: TimelineModel, geometry: Geometry, ratio: float) -> "Canvas":
        """With room for the tracks, nothing drawn yet."""
        height, width = math.ceil(ratio * max(1, geometry.height - TOP)), math.ceil(ratio * geometry.track_width)
        return cls(model, geometry, ratio, np.empty((height, width), np.uint32))

    def image(self) -> QImage:
        """The pixels as an image; it shares their memory."""
        height, width = self.pixels.shape
        memory = sip.voidptr(self.pixels.ctypes.data)
        made = QImage(memory, width, height, 4 * width, QImage.Format.Format_RGB32)  # type: ignore[call-overload]
        made.setDevicePixelRatio(self.ratio)
        return cast(QImage, made)  # PyQt's types do not know that it takes memory

    def x(self, node: float) -> float:
        """Device column of a node."""
        return (self.geometry.x(node) - NAMES) * self.ratio

    def y(self, row: float) -> int:
        """Device row of the upper edge of a lane."""
        return round((row * self.geometry.row - self.geometry.scroll) * self.ratio)

    @property
    def middle(self) -> int:
        """Device rows from the top of a lane to the middle of its driver's bar."""
        height = self.geometry.row
        return round((INSETS[height] + BARS[height].driver * 0.75) * self.ratio)


def paint_lanes(canvas: Canvas, rows: range | None = None) -> list[tuple[int, int]]:
    """Draw all that is seen, or only a band of rows; (owner, node) of wanted pictures that are not there."""
    g = canvas.geometry
    seen = near = g.visible_rows()
    if rows is None:
        top, bottom = 0, len(canvas.pixels)
    else:
        near = range(rows.start - 1, rows.stop + 1)  # marks of a low lane reach into the lanes beside it
        seen = range(max(seen.start, near.start - 1), min(seen.stop, near.stop + 1))
        top, bottom = (min(max(0, canvas.y(r)), len(canvas.pixels)) for r in (near.start, near.stop))
    wanted: list[tuple[int, int]] = []
    if bottom <= top:
        return wanted
    image = canvas.image()
    painter = QPainter(image)
    painter.setClipRect(QRectF(0, top / canvas.ratio, g.track_width, (bottom - top) / canvas.ratio))
    painter.translate(-NAMES, -TOP)
    _ground(canvas, top, bottom)
    _connectors(canvas, painter, top, bottom)
    lanes = [(row, canvas.model.lane(row)) for row in seen]
    _bars(canvas, [(row, lane) for row, lane in lanes if row in near])
    for row, lane in lanes:
        if g.row == HEIGHTS[-1]:
            wanted += _pictures(canvas, painter, row, lane)
        _marks(canvas, painter, row, lane)
    painter.end()
    return wanted


def _ground(canvas: Canvas, top: int, bottom: int) -> None:
    """Background, the head's lane, lines between lanes and at the ruler's numbers."""
    g, pixels, model = canvas.geometry, canvas.pixels, canvas.model
    pixels[top:bottom] = argb(theme.BACKGROUND)
    head = model.head
    row = model.row(head.branch) if head is not None else None
    if row is not None:
        low, high = max(top, canvas.y(row)), min(bottom, canvas.y(row + 1))
        pixels[low : max(low, high)] = over(theme.ACCENT, 0.09)
    large, _ = tick_steps(g.zoom, model.dt)
    steps = np.arange(max(0, math.floor(g.first / large)) * large, math.ceil(g.last) + 1, large)
    columns = np.floor((steps - g.first) * g.zoom * canvas.ratio).astype(np.int64)
    line = over(theme.LINE, 0.5)
    pixels[top:bottom, columns[(columns > 0) & (columns < pixels.shape[1])]] = line
    if g.row < HEIGHTS[1]:
        return
    for edge in g.visible_rows():
        y = canvas.y(edge + 1) - 1
        if top <= y < bottom:
            pixels[y] = line


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Connectors from a fork down to the lane of a branch, some of all that a model has."""

    rows: NDArray[np.int64]
    parents: NDArray[np.int64]
    x: NDArray[np.float64]
    """Device columns."""


def links(canvas: Canvas) -> Links:
    """The connectors of which something is seen."""
    g, rows = canvas.geometry, canvas.model.rows
    seen = g.visible_rows()
    parents = rows.rows(rows.anchor)
    x = (canvas.model.forks(rows.order) - g.first) * (g.zoom * canvas.ratio)
    at = np.arange(len(rows))
    found = (parents != HIDDEN) & (x > -20) & (x < canvas.pixels.shape[1] + 20)
    found &= (np.minimum(parents, at) < seen.stop) & (np.maximum(parents, at) >= seen.start)
    at = at[found]
    return Links(at, parents[found], x[found])


def _connectors(canvas: Canvas, painter: QPainter, top: int, bottom: int) -> None:
    """From a fork down to its branch: a line in the branch's colour, strong on the way to the head."""
    model, seen, middle = canvas.model, canvas.geometry.visible_rows(), canvas.middle
    found = links(canvas)
    near = (found.rows >= seen.start) & (found.rows < seen.stop)  # the branch itself is seen
    crowded = np.count_nonzero(~near) > FEW
    path = model.ancestors(model.followed)
    order = model.rows.order
    stubs: set[tuple[int, int]] = set()
    thin, thick = max(1, round(canvas.ratio)), max(2, round(2 * canvas.ratio))
    for row, parent, x, is_near in zip(found.rows.tolist(), found.parents.tolist(), found.x.tolist(), near.tolist(),
                                       strict=True):  # fmt: skip
        branch = int(order[row])
        strong = branch in path
        low, high = sorted((parent, row))
        start, end = canvas.y(low) + middle, canvas.y(high) + middle
        column = round(x)
        if crowded and not is_near and not strong:
            if not seen.start <= parent < seen.stop or (parent, column) in stubs:
                continue
            stubs.add((parent, column))
            start = canvas.y(parent) + middle
            end = start + (1 if row > parent else -1) * round(STUB * canvas.ratio)
            start, end = min(start, end), max(start, end)
        elif is_near and row > parent:
            end -= round(ELBOW * canvas.ratio)
        if column < 0 or end < top or start > bottom:
            continue
        colour = theme.LANES[model.colour(branch) % len(theme.LANES)]
        width = thick if strong else thin
        canvas.pixels[max(top, start) : min(bottom, max(end, start)), column : column + width] = over(
            colour, 1.0 if strong else 0.4
        )
        if canvas.geometry.row >= ROW and is_near:
            _elbow(canvas, painter, row, parent, theme.faded(colour, 1.0 if strong else 0.4), strong)


def _elbow(canvas: Canvas, painter: QPainter, row: int, parent: int, colour: QColor, strong: bool) -> None:
    """The corner at the branch, and the dot at its fork."""
    g, model = canvas.geometry, canvas.model
    x = round((g.x(int(model.forks(model.rows.order[row : row + 1])[0])) - NAMES) * canvas.ratio) / canvas.ratio + NAMES
    middle = INSETS[g.row] + BARS[g.row].driver * 0.75
    end, start = g.row_top(row) + middle, g.row_top(parent) + middle
    line = x + (1.0 if strong else 0.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if row > parent:
        path = QPainterPath(QPointF(line, end - ELBOW))
        path.quadTo(line, end, line + ELBOW, end)
        painter.setPen(QPen(colour, 2.0 if strong else 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
    if parent in g.visible_rows():
        painter.setPen(QPen(QColor(theme.BACKGROUND), 1))
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(line, start), 3.5, 3.5)


def _bars(canvas: Canvas, lanes: list[tuple[int, Lane]]) -> None:
    """The bars of some lanes, of kept tiles where there are any."""
    g, model, ratio = canvas.geometry, canvas.model, canvas.ratio
    zoom, height, width = g.zoom * ratio, *canvas.pixels.shape
    left = round(g.first * zoom)
    placed: list[tuple[int, Span]] = []
    for row, lane in lanes:
        fork, end = int(model.branch(lane.branch).fork_step), model.length(lane.branch)
        whole = lane_span(model.track(lane.branch), lane.branch, fork, end, zoom, dim=lane.discarded)
        placed += [(row, tile) for tile in tiles(whole, left, left + width)]
    look = Look(zoom, BARS[g.row].scaled(ratio), max(1, round(ratio)), g.zoom >= STEPS_SHOWN)
    bars = canvas.bars.take([span for _, span in placed], look, model.track)
    inset = round(INSETS[g.row] * ratio)
    for (row, span), bar in zip(placed, bars, strict=True):
        top, x = canvas.y(row) + inset, span.left - left
        skip, stop = max(0, -top), min(len(bar.pixels), height - top)
        cut, last = max(0, -x), min(span.right - span.left, width - x)
        if stop > skip:
            here = canvas.pixels[top + skip : top + stop, x + cut : x + last]
            np.copyto(here, bar.pixels[skip:stop, cut:last], where=bar.drawn[skip:stop, cut:last])


def _marks(canvas: Canvas, painter: QPainter, row: int, lane: Lane) -> None:
    """Markers, and how the branch ended where no marker says so."""
    g, model = canvas.geometry, canvas.model
    branch, end = model.branch(lane.branch), model.length(lane.branch)
    y = g.row_top(row) + INSETS[g.row] + BARS[g.row].driver / 2
    size = 1.0 if g.row >= ROW else 0.75 if g.row == HEIGHTS[1] else 0.5
    marked = False
    for marker in branch.markers:
        x = g.x(marker.index)
        marked = marked or (marker.index >= end and marker.kind != "note")
        if NAMES - 8 <= x <= g.width + 8:
            paint_marker(painter, marker.kind, x, y, dim=lane.discarded, size=size)
    if branch.outcome in OUTCOME_ICONS and not marked and NAMES <= g.x(end) < g.width - 20 and g.row >= HEIGHTS[1]:
        colour = theme.TEXT_FAINT if lane.discarded else OUTCOME_COLOURS[branch.outcome]
        picture = icons.pixmap(OUTCOME_ICONS[branch.outcome], 16, colour, canvas.ratio)
        painter.drawPixmap(QPointF(round(g.x(end)) + 6, y - 7), picture)


def _pictures(canvas: Canvas, painter: QPainter, row: int, lane: Lane) -> list[tuple[int, int]]:
    """Pictures of all cameras below the bars, of this branch alone; those that are not there."""
    g, model = canvas.geometry, canvas.model
    top = g.row_top(row) + INSETS[g.row] + BARS[g.row].height + PICTURE_GAP
    side = g.row - (top - g.row_top(row)) - PICTURE_GAP
    begin, end = model.branch(lane.branch).fork_step, model.length(lane.branch)
    some = model.picture(lane.branch, begin)
    wide = side * some[1].shape[1] / some[1].shape[0] if some is not None else 2.0 * side
    stride = max(1, math.ceil((wide + PICTURE_GAP) / g.zoom))
    first = max(begin, begin + math.floor((g.first - begin) / stride) * stride)
    wanted = []
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for node in range(first, min(end, math.ceil(g.last)) + 1, stride):
        picture = model.picture(lane.branch, node)
        if picture is None or picture[0] != node:
            wanted.append((model.owner(lane.branch, node), node))
        if picture is not None and abs(picture[0] - node) <= stride:
            draw_picture(painter, QRectF(round(g.x(node)), top, wide, side), picture[1])
    return wanted


def draw_picture(painter: QPainter, area: QRectF, pixels: NDArray[np.uint8]) -> None:
    """Draw (H, W, 3) RGB into an area."""
    height, width = pixels.shape[:2]
    data = pixels.tobytes()  # alive until it is drawn
    painter.drawImage(area, QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888))
