"""The column of names at the left of the lanes: label, name or kind, steps, outcome and review."""

from typing import Final

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QPen

from app.timeline.geometry import HEIGHTS, NAMES, ROW, TOP
from app.timeline.lanes import OUTCOME_COLOURS, OUTCOME_ICONS, Canvas
from app.timeline.model import Lane
from app.timeline.words import KINDS, counted
from app.widgets import icons, theme
from app.widgets.line_paint import advance, paint_words
from core.branch_tree import Branch

REVIEW_ICONS: Final = {"accepted": "accept", "rejected": "reject", "needs_work": "needs_work"}
REVIEW_COLOURS: Final = {"accepted": theme.SUCCESS, "rejected": theme.FAILURE, "needs_work": theme.WARNING}

MOST_ROWS: Final = 600
"""Kept images of rows; 16 MB at the usual height."""


class NameImages:
    """Keeps the image of each row, so that scrolling and a new branch draw only the rows that are new."""

    def __init__(self) -> None:
        self._of: tuple[float, int] | None = None
        self._kept: dict[int, tuple[tuple[object, ...], QImage]] = {}
        self.drawn = 0
        """Rows that were drawn so far."""

    def take(self, canvas: Canvas, lane: Lane, *, chosen: bool) -> QImage:
        """The image of a row; `chosen` is the head's."""
        view = (canvas.ratio, canvas.geometry.row)
        if view != self._of or len(self._kept) > MOST_ROWS:
            self._of, self._kept = view, {}
        model = canvas.model
        what = (model.branch(lane.branch), lane.label, lane.colour, lane.discarded, model.length(lane.branch), chosen)
        before = self._kept.get(lane.branch)
        if before is not None and before[0] == what:
            return before[1]
        self.drawn += 1
        image = _row_image(canvas, lane, chosen=chosen)
        self._kept[lane.branch] = (what, image)
        return image


def paint_names(canvas: Canvas, painter: QPainter, images: NameImages, rows: range | None = None) -> None:
    """Draw the names of all rows that are seen, or of a band of them; the painter's origin is the widget's."""
    g, model = canvas.geometry, canvas.model
    seen = g.visible_rows()
    top, bottom = TOP, g.height
    if rows is not None:
        seen = range(max(seen.start, rows.start), min(seen.stop, rows.stop))
        top, bottom = max(TOP, g.row_top(rows.start)), min(g.height, g.row_top(rows.stop))
    painter.save()
    painter.setClipRect(QRectF(0, top, NAMES, max(0, bottom - top)))
    painter.fillRect(QRectF(0, top, NAMES, bottom - top), QColor(theme.PANEL))
    head = model.head
    chosen = model.row(head.branch) if head is not None else None
    whole = float(canvas.ratio).is_integer()  # else rows begin between device pixels
    for row in seen:
        lane, y = model.lane(row), g.row_top(row)
        if whole:
            painter.drawImage(QPointF(0, y), images.take(canvas, lane, chosen=row == chosen))
        else:
            _paint_row(canvas, painter, y, lane, chosen=row == chosen)
    painter.restore()


def _paint_row(canvas: Canvas, painter: QPainter, y: int, lane: Lane, *, chosen: bool) -> None:
    """One row, whose ground is painted already."""
    height = canvas.geometry.row
    if chosen:
        painter.fillRect(QRectF(0, y, NAMES, height), theme.faded(theme.ACCENT, 0.09))
        painter.fillRect(QRectF(0, y, 3, height), QColor(theme.ACCENT))
    if height >= HEIGHTS[1]:
        painter.fillRect(QRectF(0, y + height - 1, NAMES, 1), theme.faded(theme.LINE, 0.5))
    if height >= ROW:
        _name(canvas, painter, y, lane)
    else:
        _brief(canvas, painter, y, lane)


def _row_image(canvas: Canvas, lane: Lane, *, chosen: bool) -> QImage:
    """One row as an image."""
    height, ratio = canvas.geometry.row, canvas.ratio
    image = QImage(round(NAMES * ratio), round(height * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(theme.PANEL))
    painter = QPainter(image)
    painter.setClipRect(QRectF(0, 0, NAMES, height))
    _paint_row(canvas, painter, 0, lane, chosen=chosen)
    painter.end()
    return image


def _name(canvas: Canvas, painter: QPainter, top: int, lane: Lane) -> None:
    """Two lines."""
    model = canvas.model
    branch = model.branch(lane.branch)
    chip = QRectF(12, top + 7, max(28.0, advance(lane.label, theme.SMALL, 600) + 12), ROW - 15)
    _chip(painter, chip, lane)
    right = float(NAMES - 10)
    for name, shade in badges(branch):
        right -= 18
        picture = icons.pixmap(name, 16, theme.TEXT_FAINT if lane.discarded else shade, canvas.ratio)
        painter.drawPixmap(QPointF(right, top + (ROW - 16) / 2), picture)
    left = chip.right() + 8
    faint = theme.TEXT_FAINT
    title = faint if lane.discarded else theme.TEXT
    wide = right - left - 4
    paint_words(painter, QRectF(left, top + 3, wide, 15), branch.name or KINDS[branch.kind], title, 12, 500)
    paint_words(painter, QRectF(left, top + 17, wide, 14), under(canvas, branch), faint, theme.SMALL, 400)


def under(canvas: Canvas, branch: Branch) -> str:
    """The second line of a name."""
    words = [counted(canvas.model.length(branch.id) - branch.fork_step, "step")]
    words += [word for on, word in ((branch.discarded, "discarded"), (branch.hidden, "hidden")) if on]
    return " · ".join([*words, branch.note] if branch.note else words)


def _brief(canvas: Canvas, painter: QPainter, top: int, lane: Lane) -> None:
    """One line; where even that has no room, a bar in the lane's colour, and badges as small shapes."""
    model, g = canvas.model, canvas.geometry
    branch = model.branch(lane.branch)
    right = float(NAMES - 10)
    size = min(14, g.row)
    for name, shade in badges(branch):
        right -= size + 2
        picture = icons.pixmap(name, size, theme.TEXT_FAINT if lane.discarded else shade, canvas.ratio)
        painter.drawPixmap(QPointF(right, top + (g.row - size) / 2), picture)
    if g.row < HEIGHTS[1]:
        colour = QColor(theme.LANES[lane.colour % len(theme.LANES)])
        painter.fillRect(QRectF(12, top + 2, 28, g.row - 4), colour)
        return
    chip = QRectF(12, top + 2, max(28.0, advance(lane.label, 10, 600) + 10), g.row - 4)
    _chip(painter, chip, lane, 10)
    left = chip.right() + 8
    colour_name = theme.TEXT_FAINT if lane.discarded else theme.TEXT_DIM
    words = branch.name or KINDS[branch.kind]
    paint_words(painter, QRectF(left, top + 1, right - left - 4, g.row - 2), words, colour_name, theme.SMALL, 400)


def _chip(painter: QPainter, area: QRectF, lane: Lane, size: int = theme.SMALL) -> None:
    """The label in the colour of the lane."""
    colour = QColor(theme.LANES[lane.colour % len(theme.LANES)])
    colour.setAlphaF(0.4 if lane.discarded else 1.0)
    tint = QColor(colour)
    tint.setAlphaF(0.20 * colour.alphaF())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1))
    painter.setBrush(tint)
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    text = theme.TEXT_FAINT if lane.discarded else theme.TEXT
    paint_words(painter, area, lane.label, text, size, 600, centred=True)


def badges(branch: Branch) -> list[tuple[str, str]]:
    """(icon, colour) of a name, right to left: outcome, review, pinned, note."""
    found = []
    if branch.outcome in OUTCOME_ICONS:
        found.append((OUTCOME_ICONS[branch.outcome], OUTCOME_COLOURS[branch.outcome]))
    if branch.review in REVIEW_ICONS:
        found.append((REVIEW_ICONS[branch.review], REVIEW_COLOURS[branch.review]))
    if branch.pinned:
        found.append(("pin", theme.TEXT_DIM))
    if branch.note:
        found.append(("note", theme.ACCENT))
    return found
