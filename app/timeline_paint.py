"""Draws the timeline with a QPainter: ruler, film, lanes, names, cursor. It reads the model and decides nothing."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from app import icons, theme
from app.timeline_geometry import FILM, NAMES, ROW, RULER, TOP, Geometry, tick_steps
from app.timeline_marks import paint_marker
from app.timeline_model import Lane, TimelineModel
from app.timeline_strips import DRIVER, HEIGHT, argb, strips
from app.timeline_tracks import summarise
from app.timeline_words import KINDS, clock, counted
from core.branch_tree import Branch

INSET: Final = 4
"""Pixels above the bars of a lane."""
ELBOW: Final = 6
"""Radius of the corner where a connector meets its lane, pixels."""
STEPS_SHOWN: Final = 14
"""Pixels per step from which single steps are told apart."""
OUTCOME_ICONS: Final = {"failure": "failure", "success": "success", "timeout": "timeout"}
OUTCOME_COLOURS: Final = {"failure": theme.FAILURE, "success": theme.SUCCESS, "timeout": theme.WARNING}
REVIEW_ICONS: Final = {"accepted": "accept", "rejected": "reject", "needs_work": "needs_work"}
REVIEW_COLOURS: Final = {"accepted": theme.SUCCESS, "rejected": theme.FAILURE, "needs_work": theme.WARNING}


@dataclass(frozen=True, slots=True)
class Brush:
    """A painter with what every part of the timeline needs."""

    painter: QPainter
    model: TimelineModel
    geometry: Geometry
    ratio: float
    """Device pixels per pixel."""

    @property
    def scale(self) -> int:
        """Whole device pixels per pixel, for images of bars."""
        return max(1, round(self.ratio))


def paint_static(brush: Brush) -> None:
    """Everything but cursor and hover."""
    g, painter = brush.geometry, brush.painter
    painter.fillRect(QRectF(0, 0, g.width, g.height), QColor(theme.PANEL))
    painter.fillRect(QRectF(NAMES, 0, g.track_width, g.height), QColor(theme.BACKGROUND))
    painter.save()
    painter.setClipRect(QRectF(0, TOP, g.width, g.height - TOP))
    if brush.model.lanes:
        _selection(brush)
        _grid(brush)
    else:
        _empty(brush)
    painter.setClipRect(QRectF(NAMES, TOP, g.track_width, g.height - TOP))
    _connectors(brush)
    for row in g.visible_rows():
        _lane(brush, row, brush.model.lanes[row])
    painter.setClipRect(QRectF(0, TOP, NAMES, g.height - TOP))
    for row in g.visible_rows():
        _name(brush, row, brush.model.lanes[row])
    painter.restore()
    _film(brush)
    _ruler(brush)
    painter.setPen(QPen(QColor(theme.LINE), 1))
    painter.drawLine(QPointF(NAMES - 0.5, 0), QPointF(NAMES - 0.5, g.height))
    painter.drawLine(QPointF(0, TOP - 0.5), QPointF(g.width, TOP - 0.5))


def paint_cursor(brush: Brush, node: float, colour: str = theme.TEXT, *, handle: bool = True) -> None:
    """The head: a line over all lanes with a handle in the ruler and a dot on its lane."""
    g, painter = brush.geometry, brush.painter
    x = round(g.x(node)) + 0.5
    if x < NAMES - 0.5 or x > g.width:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.5 if handle else 1))
    painter.drawLine(QPointF(x, RULER - 6 if handle else 0), QPointF(x, g.height))
    if handle:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        shape = [QPointF(x - 6, 5), QPointF(x + 6, 5), QPointF(x + 6, RULER - 9), QPointF(x, RULER - 2)]
        painter.drawPolygon(QPolygonF([*shape, QPointF(x - 6, RULER - 9)]))


def paint_dot(brush: Brush, row: int, node: float) -> None:
    """The head's place on its lane."""
    g, painter = brush.geometry, brush.painter
    x, y = g.x(node), g.row_top(row) + INSET + DRIVER - 2.5
    if x < NAMES or y < TOP:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.BACKGROUND), 2))
    painter.setBrush(QColor(theme.TEXT))
    painter.drawEllipse(QPointF(x + 0.5, y), 5.5, 5.5)


def qimage(pixels: NDArray[np.uint8]) -> QImage:
    """A picture (H, W, 3) as a QImage of its own memory."""
    height, width = pixels.shape[:2]
    return QImage(np.ascontiguousarray(pixels).tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _selection(brush: Brush) -> None:
    head = brush.model.head
    row = brush.model.row(head.branch) if head is not None else None
    if row is None:
        return
    top = brush.geometry.row_top(row)
    brush.painter.fillRect(QRectF(0, top, brush.geometry.width, ROW), theme.faded(theme.ACCENT, 0.09))
    brush.painter.fillRect(QRectF(0, top, 3, ROW), QColor(theme.ACCENT))


def _grid(brush: Brush) -> None:
    g, painter = brush.geometry, brush.painter
    painter.setPen(QPen(theme.faded(theme.LINE, 0.5), 1))
    for row in g.visible_rows():
        y = g.row_top(row) + ROW - 0.5
        painter.drawLine(QPointF(0, y), QPointF(g.width, y))
    large, _ = tick_steps(g.zoom, brush.model.dt)
    for step in range(max(0, math.floor(g.first / large)) * large, math.ceil(g.last) + 1, large):
        x = round(g.x(step)) + 0.5
        if x > NAMES:
            painter.drawLine(QPointF(x, TOP), QPointF(x, g.height))


def _connectors(brush: Brush) -> None:
    """From a fork down to its branch: a line in the branch's colour, strong on the way to the head."""
    g, painter, model = brush.geometry, brush.painter, brush.model
    visible = g.visible_rows()
    path_of_head = model.ancestors(model.followed)
    for row, lane in enumerate(model.lanes):
        if lane.parent_row is None or lane.parent_row >= visible.stop or row < visible.start:
            continue
        x = g.x(model.branch(lane.branch).fork_step)
        if not NAMES - 20 <= x <= g.width + 20:
            continue
        strong = lane.branch in path_of_head
        colour = theme.faded(theme.LANES[lane.colour % len(theme.LANES)], 1.0 if strong else 0.4)
        middle = INSET + DRIVER - 2.5
        start, end = g.row_top(lane.parent_row) + middle, g.row_top(row) + middle
        top, bottom = max(start, float(TOP)), min(end - ELBOW, float(g.height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(round(x) - (1 if strong else 0), top, 2 if strong else 1, bottom - top), colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row in visible:
            middle_of_line = round(x) + (0 if strong else 0.5)
            path = QPainterPath(QPointF(middle_of_line, end - ELBOW))
            path.quadTo(middle_of_line, end, x + ELBOW, end)
            painter.setPen(QPen(colour, 2.0 if strong else 1.25))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
        painter.setPen(QPen(QColor(theme.BACKGROUND), 1))
        painter.setBrush(colour)
        if lane.parent_row in visible:
            painter.drawEllipse(QPointF(round(x) + (0 if strong else 0.5), start), 3.5, 3.5)


def _lane(brush: Brush, row: int, lane: Lane) -> None:
    g, model, scale = brush.geometry, brush.model, brush.scale
    branch, top = model.branch(lane.branch), g.row_top(row) + INSET
    end = model.length(lane.branch)
    x0, x1 = max(float(NAMES), g.x(branch.fork_step)), min(float(g.width), g.x(end))
    if x1 > x0:
        left, right = math.floor(x0), math.ceil(x1)
        summary = summarise(model.track(lane.branch), end, g.node(left), 1 / (g.zoom * scale), (right - left) * scale)
        origin = round((g.x(0) - left) * scale)
        edges = None
        if g.zoom >= STEPS_SHOWN:
            steps = np.arange(math.floor(g.node(left)), math.ceil(g.node(right)) + 1)
            edges = np.round((NAMES + (steps - g.first) * g.zoom - left) * scale).astype(np.int64) - 1
        pixels = strips(summary, scale, origin, edges, dim=lane.discarded)
        _draw(brush.painter, QRectF(left, top, right - left, HEIGHT), pixels)
    marked = False
    for marker in branch.markers:
        x = g.x(marker.index)
        marked = marked or (marker.index >= end and marker.kind != "note")
        if NAMES - 8 <= x <= g.width + 8:
            paint_marker(brush.painter, marker.kind, x, top + DRIVER / 2, dim=lane.discarded)
    if branch.outcome in OUTCOME_ICONS and not marked and NAMES <= g.x(end) < g.width - 20:
        colour = theme.TEXT_FAINT if lane.discarded else OUTCOME_COLOURS[branch.outcome]
        picture = icons.pixmap(OUTCOME_ICONS[branch.outcome], 16, colour, brush.ratio)
        brush.painter.drawPixmap(QPointF(round(g.x(end)) + 6, top - 2), picture)


def _name(brush: Brush, row: int, lane: Lane) -> None:
    """Label, name or kind, steps, outcome and review."""
    painter, model = brush.painter, brush.model
    branch, top = model.branch(lane.branch), brush.geometry.row_top(row)
    colour = QColor(theme.LANES[lane.colour % len(theme.LANES)])
    colour.setAlphaF(0.4 if lane.discarded else 1.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    chip = QRectF(12, top + 7, max(28.0, _advance(lane.label, theme.SMALL, 600) + 12), ROW - 15)
    text = theme.TEXT_FAINT if lane.discarded else theme.TEXT
    tint = QColor(colour)
    tint.setAlphaF(0.20 * colour.alphaF())
    painter.setPen(QPen(colour, 1))
    painter.setBrush(tint)
    painter.drawRoundedRect(chip.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    _text(painter, chip, lane.label, text, theme.SMALL, 600, Qt.AlignmentFlag.AlignCenter)
    right = float(NAMES - 10)
    for name, shade in _badges(branch):
        right -= 18
        picture = icons.pixmap(name, 16, theme.TEXT_FAINT if lane.discarded else shade, brush.ratio)
        painter.drawPixmap(QPointF(right, top + (ROW - 16) / 2), picture)
    left = chip.right() + 8
    title = branch.name or KINDS[branch.kind]
    under = counted(model.length(lane.branch) - branch.fork_step, "step") + (" · discarded" if lane.discarded else "")
    faint = theme.TEXT_FAINT
    line = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    _text(
        painter,
        QRectF(left, top + 3, right - left - 4, 15),
        title,
        faint if lane.discarded else theme.TEXT,
        12,
        500,
        line,
    )
    _text(painter, QRectF(left, top + 17, right - left - 4, 14), under, faint, theme.SMALL, 400, line)


def _badges(branch: Branch) -> list[tuple[str, str]]:
    """Icons of a name, right to left."""
    badges = []
    if branch.outcome in OUTCOME_ICONS:
        badges.append((OUTCOME_ICONS[branch.outcome], OUTCOME_COLOURS[branch.outcome]))
    if branch.review in REVIEW_ICONS:
        badges.append((REVIEW_ICONS[branch.review], REVIEW_COLOURS[branch.review]))
    return badges


def _film(brush: Brush) -> None:
    """Pictures along the path through the followed branch, side by side where steps are narrower than a picture."""
    g, painter, model = brush.geometry, brush.painter, brush.model
    painter.fillRect(QRectF(NAMES, RULER, g.track_width, FILM), QColor(theme.WELL))
    followed = model.followed
    if followed is None:
        return
    painter.save()
    painter.setClipRect(QRectF(NAMES, RULER, g.track_width, FILM - 1))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    side = FILM - 7
    stride = max(1, math.ceil((side + 2) / g.zoom))
    first = max(0, math.floor(g.first / stride)) * stride
    for node in range(first, min(model.length(followed), math.ceil(g.last)) + 1, stride):
        found = model.picture(followed, node)
        if found is None or abs(found[0] - node) > max(stride, model.thumbnails.every):
            continue
        height, width = found[1].shape[:2]
        data = found[1].tobytes()  # alive until it is drawn
        image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter.drawImage(QRectF(round(g.x(node)), RULER + 3, side * width / height, side), image)
    painter.restore()


def _ruler(brush: Brush) -> None:
    g, painter = brush.geometry, brush.painter
    painter.fillRect(QRectF(NAMES, 0, g.track_width, RULER), QColor(theme.PANEL))
    if not brush.model.lanes:
        return
    painter.save()
    painter.setClipRect(QRectF(NAMES, 0, g.track_width, RULER))
    large, small = tick_steps(g.zoom, brush.model.dt)
    _ticks(brush, small, large)
    place = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    for step in range(max(0, math.floor(g.first / large)) * large, math.ceil(g.last) + 1, large):
        x = round(g.x(step))
        if x + 40 < g.width:
            area = QRectF(x + 8, 0, 90, RULER - 6)
            _text(painter, area, f"{step}", theme.TEXT_DIM, theme.SMALL, 500, place)
            area.translate(_advance(f"{step}", theme.SMALL, 500) + 5, 0)
            _text(painter, area, "· " + clock(step * brush.model.dt), theme.TEXT_FAINT, theme.SMALL, 400, place)
    painter.restore()


def _ticks(brush: Brush, small: int, large: int) -> None:
    """All ticks as one image: there may be a hundred."""
    g, scale = brush.geometry, brush.scale
    steps = np.arange(max(0, math.floor(g.first / small)) * small, math.ceil(g.last) + 1, small)
    columns = np.round((steps - g.first) * g.zoom).astype(np.int64) * scale
    seen = (columns >= 0) & (columns < g.track_width * scale)
    pixels = np.zeros((8 * scale, g.track_width * scale), np.uint32)
    for pixel in range(scale):
        pixels[4 * scale :, columns[seen] + pixel] = argb(theme.LINE_STRONG)
        pixels[:, columns[seen & (steps % large == 0)] + pixel] = argb(theme.LINE_STRONG)
    _draw(brush.painter, QRectF(NAMES, RULER - 8, g.track_width, 8), pixels)


def _draw(painter: QPainter, area: QRectF, pixels: NDArray[np.uint32]) -> None:
    """Draw premultiplied ARGB (H, W)."""
    height, width = pixels.shape
    data = pixels.tobytes()  # alive until it is drawn
    painter.drawImage(area, QImage(data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied))


def _empty(brush: Brush) -> None:
    g = brush.geometry
    area = QRectF(NAMES, TOP, g.track_width, max(40, g.height - TOP))
    centre = Qt.AlignmentFlag.AlignCenter
    _text(
        brush.painter,
        area,
        "Steps and branches appear here as soon as something runs.",
        theme.TEXT_DIM,
        13,
        400,
        centre,
    )


@lru_cache(maxsize=4096)
def _advance(text: str, size: int, weight: int) -> float:
    return QFontMetricsF(theme.font(size, QFont.Weight(weight))).horizontalAdvance(text)


@lru_cache(maxsize=4096)
def _elided(text: str, size: int, weight: int, width: int) -> str:
    metrics = QFontMetricsF(theme.font(size, QFont.Weight(weight)))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def _text(
    painter: QPainter, area: QRectF, text: str, colour: str, size: int, weight: int, place: Qt.AlignmentFlag
) -> None:
    """One line in an area, cut with an ellipsis."""
    painter.setFont(theme.font(size, QFont.Weight(weight)))
    painter.setPen(QColor(colour))
    painter.drawText(area, place, _elided(text, size, weight, int(area.width())))
