"""The timeline panel: the head's branch and its family as lanes, with pictures, outcome signs, markers and the head."""

from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainterPath, QPen, QPolygonF

from app.timeline.marks import paint_marker
from app.timeline.strips import FULL, strips
from app.timeline.tracks import Summary
from app.widgets import theme
from app.xr.canvas import CENTRE, Sheet, advance, picture
from app.xr.same import Keyed, Same
from app.xr.sizes import BODY, DENSITY, EDGE, FAR, TIMELINE
from app.xr.timeline_view import LEAD, PICTURE, ROWS, TRACKS, LaneView, TimelineView

HEAD: Final = 60
"""Height of the line with title and ruler, dmm."""
FILM: Final = PICTURE + 8
ROW: Final = 52
TOP: Final = HEAD + FILM + 4
"""Where lanes begin."""
BOTTOM: Final = TOP + ROWS * ROW + 4
"""Where they end."""
ORIGIN: Final = TIMELINE[0] - EDGE - TRACKS
"""Where x = 0 of the view is, dmm from the panel's left edge."""
LINE: Final = (FULL.driver - 2.5) * 2 / DENSITY + 4
"""From the top of a lane to the middle of its driver bar."""
OUTCOMES: Final = {
    "success": ("success", theme.SUCCESS), "failure": ("failure", theme.FAILURE), "timeout": ("timeout", theme.WARNING)
}  # fmt: skip
REVIEWS: Final = {
    "accepted": ("accept", theme.SUCCESS), "rejected": ("reject", theme.FAILURE),
    "needs_work": ("needs_work", theme.WARNING),
}  # fmt: skip


def paint(view: TimelineView) -> QImage:
    """The panel as an image."""
    if not view.lanes:
        sheet = Sheet(TIMELINE)
        words = "Steps and branches appear here as soon as something runs."
        sheet.text(QRectF(0, 0, *TIMELINE), words, theme.TEXT_DIM, BODY, 500, CENTRE)
        return sheet.finish()
    sheet = Sheet(TIMELINE, ground=_ground(replace(view, head=None, head_row=None, scrub=None, title="", place="")))
    sheet.text(QRectF(EDGE, 0, ORIGIN - EDGE - 10, HEAD), view.title, theme.TEXT, FAR, 600)
    sheet.text(QRectF(EDGE, HEAD, ORIGIN - EDGE - 12, FILM / 2), view.place, theme.TEXT_DIM, FAR)
    _cursor(sheet, view)
    return sheet.finish()


@lru_cache(maxsize=2)
def _ground(view: TimelineView) -> QImage:
    """All but the head and words about it; kept, so that scrubbing moves a line and no more."""
    sheet = Sheet(TIMELINE)
    painter = sheet.painter
    sheet.fill(QRectF(ORIGIN, HEAD, TRACKS, BOTTOM - HEAD), theme.BACKGROUND)
    _ruler(sheet, view)
    _film(sheet, view)
    for row, lane in enumerate(view.lanes):
        _light(sheet, row, lane)
    painter.save()
    painter.setClipRect(QRectF(ORIGIN - 2, HEAD, TRACKS + 2, TIMELINE[1] - HEAD))
    for row, lane in enumerate(view.lanes):
        _connector(sheet, row, lane)
    for row, lane in enumerate(view.lanes):
        _lane(sheet, row, lane)
    painter.restore()
    for row, lane in enumerate(view.lanes):
        _name(sheet, row, lane)
    if view.hidden > 0:
        area = QRectF(EDGE, HEAD + FILM / 2, ORIGIN - EDGE - 12, FILM / 2)
        sheet.text(area, f"+ {view.hidden} more", theme.TEXT_FAINT, FAR)
    return sheet.finish()


def _ruler(sheet: Sheet, view: TimelineView) -> None:
    for x, words in view.ticks:
        at = ORIGIN + x
        sheet.upright(at, HEAD - 14, HEAD, 2, theme.LINE_STRONG)
        sheet.upright(at, TOP, BOTTOM, 1.6, theme.faded(theme.LINE, 0.5))
        if x + 8 + advance(words, FAR, 400) < TRACKS:
            sheet.text(QRectF(at + 8, 4, 140, 30), words, theme.TEXT_FAINT, FAR, 400)


def _film(sheet: Sheet, view: TimelineView) -> None:
    painter = sheet.painter
    painter.save()
    painter.setClipRect(QRectF(ORIGIN, HEAD, TRACKS, FILM))
    for x, pixels in view.film:
        high, wide = pixels.value.shape[:2]
        painter.drawImage(QRectF(ORIGIN + x, HEAD + 4, PICTURE * wide / high, PICTURE), _small(pixels))
    painter.restore()


def _light(sheet: Sheet, row: int, lane: LaneView) -> None:
    """The head's lane is lit, with a bar at its left."""
    top = TOP + row * ROW
    if lane.current:
        sheet.fill(QRectF(8, top, TIMELINE[0] - EDGE - 8, ROW), theme.faded(theme.ACCENT, 0.12))
        sheet.fill(QRectF(8, top, 6, ROW), theme.ACCENT)


def _connector(sheet: Sheet, row: int, lane: LaneView) -> None:
    """From the fork down to the lane, strong on the way to the head."""
    if lane.parent_row is None:
        return
    colour = theme.faded(theme.LANES[lane.colour % len(theme.LANES)], 1.0 if lane.on_path else 0.5)
    x, start, end = ORIGIN + lane.start, TOP + lane.parent_row * ROW + LINE, TOP + row * ROW + LINE
    painter, width = sheet.painter, 3.2 if lane.on_path else 1.6
    sheet.upright(x, start, end - 9, width, colour)
    path = QPainterPath(QPointF(x, end - 9))
    path.quadTo(x, end, x + 9, end)
    painter.setPen(QPen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.setPen(QPen(QColor(theme.BACKGROUND), 1.5))
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(x, start), 5, 5)


def _lane(sheet: Sheet, row: int, lane: LaneView) -> None:
    """Bars, markers, and how it ended in words behind its end where there is room."""
    painter, top = sheet.painter, TOP + row * ROW + 4
    sheet.blit(ORIGIN, top, _bars(lane.bars))
    for x, kind in lane.marks:
        painter.save()
        painter.translate(ORIGIN + x, top + FULL.driver * 2 / DENSITY / 2)
        painter.scale(1.8, 1.8)
        paint_marker(painter, kind, 0, 0)
        painter.restore()
    words = lane.outcome if lane.outcome != "open" else ""
    if words and lane.end + 24 + advance(words, FAR, 500) < TRACKS:
        sheet.text(QRectF(ORIGIN + lane.end + 20, top - 4, 200, ROW - 4), words, theme.TEXT_DIM, FAR)


@lru_cache(maxsize=64)
def _bars(bars: Keyed[Summary]) -> QImage:
    """The bars of a lane; kept, because only the lane that grows changes from step to step."""
    pixels = strips(bars.value, FULL.scaled(2), 2, round(LEAD * DENSITY))
    high, wide = pixels.shape
    return QImage(pixels.tobytes(), wide, high, 4 * wide, QImage.Format.Format_ARGB32_Premultiplied).copy()


@lru_cache(maxsize=64)
def _small(pixels: Same[NDArray[np.uint8]]) -> QImage:
    """A picture of the film."""
    return picture(pixels.value)


def _name(sheet: Sheet, row: int, lane: LaneView) -> None:
    """Label in the branch's colour, name, sign of outcome and review."""
    top = TOP + row * ROW
    colour = theme.LANES[lane.colour % len(theme.LANES)]
    chip = QRectF(EDGE, top + 6, max(48.0, advance(lane.label, FAR, 600) + 18), ROW - 12)
    sheet.box(chip, theme.faded(colour, 0.20), 8, colour, 1.5)
    sheet.text(chip, lane.label, theme.TEXT, FAR, 600, CENTRE)
    right = float(ORIGIN - 12)
    for sign in (OUTCOMES.get(lane.outcome), REVIEWS.get(lane.review)):
        if sign is not None:
            right -= 34
            sheet.icon(sign[0], right, top + (ROW - 30) / 2, 30, sign[1])
    left = chip.right() + 12
    tone = theme.TEXT if lane.on_path else theme.TEXT_DIM
    sheet.text(QRectF(left, top, right - left - 6, ROW), lane.name, tone, FAR, 500)


def _cursor(sheet: Sheet, view: TimelineView) -> None:
    """The head: a line with a handle, and a dot on its lane; the scrubbed node: a thinner line of another shape."""
    painter = sheet.painter
    if view.scrub is not None and -2 <= view.scrub <= TRACKS:
        x = ORIGIN + view.scrub
        sheet.upright(x, HEAD - 8, BOTTOM, 1.6, theme.ACCENT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.ACCENT))
        painter.drawPolygon(
            QPolygonF([QPointF(x, HEAD - 24), QPointF(x + 9, HEAD - 12), QPointF(x, HEAD), QPointF(x - 9, HEAD - 12)])
        )
    if view.head is None or not -2 <= view.head <= TRACKS + 2:
        return
    x = ORIGIN + view.head
    sheet.upright(x, HEAD, BOTTOM, 7.2, theme.faded(theme.WELL, 0.8))
    sheet.upright(x, HEAD, BOTTOM, 3.2, theme.TEXT)
    painter.setPen(QPen(theme.faded(theme.WELL, 0.8), 2))
    painter.setBrush(QColor(theme.TEXT))
    shape = [(x - 11, HEAD - 26), (x + 11, HEAD - 26), (x + 11, HEAD - 10), (x, HEAD + 2), (x - 11, HEAD - 10)]
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in shape]))
    if view.head_row is not None:
        painter.setPen(QPen(QColor(theme.BACKGROUND), 3))
        painter.drawEllipse(QPointF(x, TOP + view.head_row * ROW + LINE), 9, 9)
