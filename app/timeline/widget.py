"""The timeline under the pictures: lanes of branches, to be looked at, scrubbed, zoomed and clicked.

All of it is laid out in pixels at the usual text size; a larger text size is a larger painter.
"""

from dataclasses import dataclass, replace

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QAbstractScrollArea, QGestureEvent, QPinchGesture, QSizePolicy, QWidget

from app.timeline.cursors import WIDTH as CURSOR
from app.timeline.cursors import Cursors, paint_cursors
from app.timeline.episode_bar import EpisodeBar
from app.timeline.geometry import HEIGHTS, LEAD, MOST_ZOOM, NAMES, ROW, TOP, Geometry, Hit, fit_zoom
from app.timeline.hover_card import HoverCard
from app.timeline.layers import Layers
from app.timeline.model import TimelineModel
from app.timeline.paint import paint_cursor, paint_dot, paint_range, paint_speed
from app.timeline.words import branch_words, step_words
from app.widgets import theme
from core.branch_tree import Head

LEAST_SHARE = 0.25
"""The part of the width that stays filled when the view is moved to the end of the longest lane."""
FOLLOW_AT = 0.85
"""Where a head that runs out of view is brought to, as a share of the width."""


def whole_rows(pixels: int, row: int = ROW) -> int:
    """The least whole number of lanes that covers some pixels, in pixels; 0 for less than nothing."""
    return max(0, -(-pixels // row) * row)


@dataclass(frozen=True, slots=True)
class _Press:
    """A mouse button that is down."""

    at: QPointF
    hit: Hit
    pans: bool
    first: float
    """Geometry.first when it went down."""
    scroll: int
    """Geometry.scroll when it went down."""
    scrubbing: bool = False


class Timeline(QAbstractScrollArea):
    """Draws a TimelineModel and asks for what the user does to it."""

    seek_requested = pyqtSignal(int, int)
    """(branch, node): go there."""
    preview_requested = pyqtSignal(int, int)
    """(branch, node): show its picture, the head stays."""
    preview_ended = pyqtSignal()
    """Back to the head's picture."""
    rename_requested = pyqtSignal(int)
    """branch: ask for its name."""
    menu_requested = pyqtSignal(int, int, QPoint)
    """(branch, node, global place): what can be done there; node -1 means the branch alone."""
    pictures_wanted = pyqtSignal(object)
    """[(branch, node), ..]: pictures that would be shown if they were there."""
    touched = pyqtSignal()
    """The user moves the head with the mouse: playback has to stop."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._geometry = Geometry(1, 1, 0)
        self._fits = True
        self._press: _Press | None = None
        self._cursors = Cursors()
        self._followed: Head | None = None
        self._range: tuple[int | None, int | None] = (None, None)
        self._speed = ""
        self._trash = model.shows_trash
        self._layers = Layers(model)
        self._wanted: list[tuple[int, int]] = []
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Timeline")
        canvas = self._canvas
        canvas.setMouseTracking(True)
        canvas.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        canvas.grabGesture(Qt.GestureType.PinchGesture)
        self._corner = EpisodeBar(model, canvas)
        self._corner.zoom_in.connect(self.zoom_in)
        self._corner.zoom_out.connect(self.zoom_out)
        self._corner.fit.connect(self.fit)
        self._corner.height_changed.connect(self.change_height)
        self._card = HoverCard(self)
        self._resize_text()
        model.subscribe(self._model_changed)

    @property
    def model(self) -> TimelineModel:
        """What is drawn."""
        return self._model

    @property
    def layout_now(self) -> Geometry:
        """Where things are, in pixels at the usual text size."""
        return self._geometry

    @property
    def layers(self) -> Layers:
        """What the still part was drawn of."""
        return self._layers

    @property
    def _canvas(self) -> QWidget:
        canvas = self.viewport()
        assert canvas is not None
        return canvas

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return QSize(theme.px(900), theme.px(TOP + 4 * ROW))

    # For the keyboard and the player

    def selected_node(self) -> Head | None:
        """The node that is scrubbed, else the head."""
        return self._cursors.scrubbed or self._model.head

    def show_playhead(self, at: Head | None) -> None:
        """A place that is looked at while the head stays; None for the head again."""
        self._show_cursors(replace(self._cursors, scrubbed=at))
        if at is not None:
            self._keep_in_view(at.index)

    def show_requested(self, at: Head | None) -> None:
        """A place that the head was asked to go to and has not reached."""
        self._show_cursors(replace(self._cursors, requested=at))

    def show_shown(self, node: int | None) -> None:
        """The step whose pictures are seen, where it is not the one that is looked for."""
        self._show_cursors(replace(self._cursors, shown=node))

    def show_range(self, low: int | None, high: int | None) -> None:
        """The range that is played in a loop."""
        if (low, high) != self._range:
            self._range = (low, high)
            self._canvas.update()

    def show_speed(self, words: str) -> None:
        """How fast the past is played; "" where it is not."""
        self._speed = words
        self._canvas.update(QRect(0, 0, self._canvas.width(), theme.px(TOP)))

    def zoom_in(self) -> None:
        """Show fewer steps, larger, around the head."""
        self._zoom_around(self._anchor_x(), 1.5)

    def zoom_out(self) -> None:
        """Show more steps around the head."""
        self._zoom_around(self._anchor_x(), 1 / 1.5)

    def fit(self) -> None:
        """Show the whole episode, and keep it whole while it grows."""
        self._fits = True
        self._relayout()

    def zoom_to(self, low: int, high: int) -> None:
        """Show a range of steps."""
        g = self._geometry
        self._fits = False
        zoom = max(1e-6, min(MOST_ZOOM, (g.track_width - 2 * LEAD) / max(1, high - low)))
        self._show_from(low - LEAD / zoom, zoom)

    def pan(self, pixels: float) -> None:
        """Show what is so many pixels to the right."""
        self._fits = False
        self._show_from(self._geometry.first + pixels / self._geometry.zoom)

    def change_height(self, direction: int) -> None:
        """Make lanes taller (+1) or lower (-1), the head's lane staying where it is."""
        g, bar = self._geometry, self.verticalScrollBar()
        height = HEIGHTS[max(0, min(len(HEIGHTS) - 1, HEIGHTS.index(g.row) + direction))]
        if height == g.row or bar is None:
            return
        head = self._model.head
        row = self._model.row(head.branch) if head is not None else None
        seen = g.visible_rows()
        anchor = row if row is not None and row in seen else seen.start
        offset = g.row_top(anchor)
        self._geometry = replace(g, row=height)
        self._relayout()
        bar.setValue(max(0, whole_rows(TOP + anchor * height - offset, height)))
        self._relayout()

    # Inside

    def _seek(self, branch: int, node: int) -> None:
        if self._model.head != Head(branch, node):
            self.seek_requested.emit(branch, node)

    def _anchor_x(self) -> float:
        head = self._cursors.scrubbed or self._model.head
        x = self._geometry.x(head.index) if head is not None else 0.0
        return x if NAMES <= x <= self._geometry.width else NAMES + self._geometry.track_width / 2

    def _model_changed(self) -> None:
        g, model, head = self._geometry, self._model, self._model.head
        if len(model.rows) != g.rows or (self._fits and g.zoom != fit_zoom(g.track_width, model.longest())):
            self._relayout()
        touched = model.touched_since(self._layers.revision)
        if touched is None or (head is not None) != (self._followed is not None):
            self._canvas.update()
        elif touched:
            self._update_rows(touched)
        if head != self._followed:
            before, self._followed = self._followed, head
            if before is None or head is None or before.branch != head.branch:
                self._canvas.update()
            for at in (before, head):
                self._update_cursor(at.index if at is not None else None)
            if self._press is None:
                self._follow(before, head)
        bar = self.verticalScrollBar()
        if bar is not None and model.shows_trash and not self._trash:
            bar.setValue(bar.maximum())
        self._trash = model.shows_trash

    def _follow(self, before: Head | None, head: Head | None) -> None:
        """Keep the head in view after it moved: its step and, on another branch, its lane."""
        if head is None:
            return
        g = self._geometry
        self._keep_in_view(head.index)
        row, bar = self._model.row(head.branch), self.verticalScrollBar()
        if row is None or bar is None or (before is not None and before.branch == head.branch):
            return
        top, bottom = row * g.row, (row + 1) * g.row
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + g.height - TOP:
            bar.setValue(whole_rows(bottom - (g.height - TOP), g.row))

    def _keep_in_view(self, node: int) -> None:
        g = self._geometry
        if not self._fits and not NAMES <= g.x(node) <= g.width - LEAD:
            self._show_from(node - FOLLOW_AT * g.track_width / g.zoom)

    def _relayout(self) -> None:
        """Follow the size, the model and the scroll bars."""
        canvas, model, g, scale = self._canvas, self._model, self._geometry, theme.text_scale()
        size = (round(canvas.width() / scale), round(canvas.height() / scale))
        g = replace(g, width=size[0], height=size[1], rows=len(model.rows))
        if self._fits:
            zoom = fit_zoom(g.track_width, model.longest())
            g = replace(g, zoom=zoom, first=-LEAD / zoom)
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.setPageStep(max(1, g.height - TOP))
            bar.setSingleStep(max(g.row, ROW))
            bar.setRange(0, whole_rows(g.rows * g.row - (g.height - TOP), g.row))
            g = replace(g, scroll=bar.value())
        if g != self._geometry:
            self._geometry = g
            canvas.update()

    def _resize_text(self) -> None:
        self.setMinimumHeight(theme.px(TOP + ROW))
        self._corner.setGeometry(0, 0, theme.px(NAMES), theme.px(TOP))

    def _zoom_around(self, x: float, factor: float) -> None:
        g = self._geometry
        least = min(g.zoom, fit_zoom(g.track_width, self._model.longest()))
        zoom = max(least, min(MOST_ZOOM, g.zoom * factor))
        node = g.node(x)
        self._fits = False
        self._show_from(node - (x - NAMES) / zoom, zoom)

    def _show_from(self, first: float, zoom: float | None = None) -> None:
        g = self._geometry
        zoom = zoom or g.zoom
        most = self._model.longest() - LEAST_SHARE * g.track_width / zoom
        self._geometry = replace(g, zoom=zoom, first=max(-LEAD / zoom, min(first, max(-LEAD / zoom, most))))
        self._canvas.update()

    def _show_cursors(self, cursors: Cursors) -> None:
        """Move what is drawn over the still part; only where it was and where it is now is drawn anew."""
        before, self._cursors = self._cursors, cursors
        for node in before.nodes ^ cursors.nodes:
            self._update_cursor(node)

    def _update_cursor(self, node: int | None) -> None:
        if node is not None:
            x, scale = self._geometry.x(node), theme.text_scale()
            left, width = int((x - CURSOR) * scale), int(2 * CURSOR * scale) + 2
            self._canvas.update(QRect(left, 0, width, self._canvas.height()))

    def _update_rows(self, branches: set[int]) -> None:
        g, canvas, scale = self._geometry, self._canvas, theme.text_scale()
        canvas.update(QRect(0, 0, canvas.width(), theme.px(TOP)))
        for branch in branches:
            row = self._model.row(branch)
            if row is not None:
                top, bottom = g.row_top(row - 1) * scale, g.row_top(row + 2) * scale
                canvas.update(QRect(0, int(top) - 1, canvas.width(), int(bottom - top) + 3))

    # Events

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the still part from its layers, and what moves over it."""
        model, g, scale = self._model, self._geometry, theme.text_scale()
        painter = QPainter(self._canvas)
        painter.scale(scale, scale)
        self._layers.paint(painter, g, self.devicePixelRatioF() * scale)
        paint_range(painter, g, *self._range)
        paint_cursors(painter, g, self._cursors, pressed=self._press is not None)
        head = model.head
        if head is not None and model.row(head.branch) is not None:
            paint_cursor(painter, g, head.index)
            row = model.row(model.lane_of(head))
            if row is not None:
                paint_dot(painter, g, row, head.index)
        if self._speed:
            paint_speed(painter, g, self._speed, (self._cursors.scrubbed or Head(0, 0)).index)
        painter.end()
        if self._layers.wanted != self._wanted:
            self._wanted = self._layers.wanted
            self.pictures_wanted.emit(self._wanted)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Keep the lane of the head in view; see QWidget.resizeEvent."""
        self._relayout()
        self._follow(None, self._model.head)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        if event is not None and event.type() == QEvent.Type.StyleChange and hasattr(self, "_corner"):
            self._resize_text()
            self._relayout()
        super().changeEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """The vertical bar moved; see QAbstractScrollArea.scrollContentsBy."""
        self._relayout()

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """Zoom over the tracks, pan with Shift or sideways, scroll lanes over the names; Alt makes lanes taller."""
        if event is None:
            return
        turn, x = event.angleDelta(), event.position().x() / theme.text_scale()
        held = event.modifiers()
        shift, ctrl, alt = (bool(held & key) for key in (
            Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
        ))  # fmt: skip
        if alt:
            self.change_height(1 if (turn.y() or turn.x()) > 0 else -1)
        elif shift or abs(turn.x()) > abs(turn.y()):
            self._fits = False
            self._show_from(self._geometry.first - (turn.x() or turn.y()) / self._geometry.zoom)
        elif x < NAMES and not ctrl:
            super().wheelEvent(event)
            return
        else:
            self._zoom_around(max(float(NAMES), x), 1.2 ** (turn.y() / 120))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Begin a click, a scrub or a pan."""
        if event is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        g, at = self._geometry, event.position() / theme.text_scale()
        hit = g.hit(at.x(), at.y())
        pans = event.button() == Qt.MouseButton.MiddleButton or hit.area == "empty"
        self.touched.emit()
        self._press = _Press(at, hit, pans, g.first, g.scroll)
        self.hide_card()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Pan, scrub or hover."""
        if event is None:
            return
        at = event.position() / theme.text_scale()
        if self._press is None:
            self._hover(at)
            return
        press, moved = self._press, at - self._press.at
        if press.pans:
            self._pan(press, moved)
        elif press.scrubbing or abs(moved.x()) > 3:
            self._press = replace(press, scrubbing=True)
            target = self._target(self._geometry.hit(at.x(), press.at.y()))
            if target is not None and target != self._cursors.scrubbed:
                self._show_cursors(replace(self._cursors, scrubbed=target))
                self.preview_requested.emit(target.branch, target.index)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """End a click or a scrub: go there."""
        press, scrubbed = self._press, self._cursors.scrubbed
        self.cancel_scrub()
        if event is None or press is None or press.pans:
            return
        target = scrubbed if press.scrubbing else self._target(press.hit)
        if target is not None:
            self._seek(target.branch, target.index)

    def cancel_scrub(self) -> None:
        """End a drag without an effect: the head stays where it is."""
        self._press = None
        if self._cursors.scrubbed is not None:
            self._show_cursors(replace(self._cursors, scrubbed=None))
            self.preview_ended.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Rename a lane; elsewhere the second click is a click."""
        if event is None:
            return
        at = event.position() / theme.text_scale()
        hit = self._geometry.hit(at.x(), at.y())
        if hit.area == "name" and hit.row is not None:
            self.rename_requested.emit(int(self._model.rows.order[hit.row]))
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        """Ask for the menu of a lane, or of a step on the path to the head."""
        if event is None:
            return
        at = QPointF(event.pos()) / theme.text_scale()
        hit = self._geometry.hit(at.x(), at.y())
        target = self._target(hit)
        self.hide_card()
        if target is not None:
            self.menu_requested.emit(target.branch, target.index, event.globalPos())
        elif hit.row is not None:
            self.menu_requested.emit(int(self._model.rows.order[hit.row]), -1, event.globalPos())

    def viewportEvent(self, event: QEvent | None) -> bool:  # noqa: N802
        """The pointer left, or two fingers pinch; see QAbstractScrollArea.viewportEvent."""
        if event is not None and event.type() in (QEvent.Type.Leave, QEvent.Type.Hide):
            self.hide_card()
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom_around(max(float(NAMES), event.position().x() / theme.text_scale()), 1 + event.value())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                centre = self._canvas.mapFromGlobal(pinch.centerPoint())
                self._zoom_around(max(float(NAMES), centre.x() / theme.text_scale()), pinch.scaleFactor())
                return True
        return super().viewportEvent(event)

    def _pan(self, press: _Press, moved: QPointF) -> None:
        self._fits = False
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.setValue(round(press.scroll - moved.y()))
        self._show_from(press.first - moved.x() / self._geometry.zoom)

    def _hover(self, at: QPointF) -> None:
        """The card of what is under the pointer."""
        g, model, scale = self._geometry, self._model, theme.text_scale()
        hit = g.hit(at.x(), at.y())
        target = self._target(hit)
        if target != self._cursors.hovered:
            self._show_cursors(replace(self._cursors, hovered=target))
        if target is not None:
            place = self._canvas.mapToGlobal(QPoint(round(g.x(target.index) * scale), -8))  # clear of every lane
            picture = model.picture(target.branch, target.index)
            if picture is None or picture[0] != target.index:
                self.pictures_wanted.emit([(model.owner(*_pair(target)), target.index), *self._wanted])
            title, text = step_words(model, target.branch, target.index)
            if picture is not None and picture[0] != target.index:
                text += f"\nPicture of step {picture[0]}"
            self._card.present(title, text, picture[1] if picture is not None else None, place)
        elif hit.area == "name" and hit.row is not None:
            place = self._canvas.mapToGlobal(QPoint(theme.px(NAMES) // 2, -8))
            self._card.present(*branch_words(model, int(model.rows.order[hit.row])), None, place)
        else:
            self._card.hide()

    def hide_card(self) -> None:
        """Hide the card under the pointer until the pointer moves."""
        self._card.hide()
        self._show_cursors(replace(self._cursors, hovered=None))

    def _target(self, hit: Hit) -> Head | None:
        """The node that a hit means: on the lane's branch, or on the followed path for ruler and film."""
        branch: int | None = None
        if hit.area in ("ruler", "film"):
            branch = self._model.followed
        elif hit.area == "lane" and hit.row is not None:
            branch = int(self._model.rows.order[hit.row])
        return Head(branch, min(hit.node, self._model.length(branch))) if branch is not None else None


def _pair(at: Head) -> tuple[int, int]:
    return at.branch, at.index
