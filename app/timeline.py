"""The timeline under the pictures: lanes of branches, to be looked at, scrubbed, zoomed and clicked."""

from dataclasses import dataclass, replace

from PyQt6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QAbstractScrollArea, QSizePolicy, QWidget

from app import theme
from app.episode_bar import EpisodeBar
from app.hover_card import HoverCard
from app.timeline_geometry import LEAD, MOST_ZOOM, NAMES, ROW, TOP, Geometry, Hit, fit_zoom
from app.timeline_model import TimelineModel
from app.timeline_paint import Brush, paint_cursor, paint_dot, paint_static
from app.timeline_words import branch_words, step_words
from core.branch_tree import Head

LEAST_SHARE = 0.25
"""The part of the width that stays filled when the view is moved to the end of the longest lane."""
FOLLOW_AT = 0.85
"""Where a head that runs out of view is brought to, as a share of the width."""


def whole_rows(pixels: int) -> int:
    """The least whole number of lanes that covers some pixels, in pixels; 0 for less than nothing."""
    return max(0, -(-pixels // ROW) * ROW)


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
    """(branch, node, global place): what can be done there."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._geometry = Geometry(1, 1, 0)
        self._fits = True
        self._press: _Press | None = None
        self._scrubbed: Head | None = None
        self._hovered: Head | None = None
        self._followed: Head | None = None
        self._trash = model.shows_trash
        self._layer: QPixmap | None = None
        self._layer_of: tuple[object, ...] = ()
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setMinimumHeight(TOP + 2 * ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Timeline")
        canvas = self._canvas
        canvas.setMouseTracking(True)
        canvas.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._corner = EpisodeBar(model, canvas)
        self._corner.setGeometry(0, 0, NAMES, TOP)
        self._corner.zoom_in.connect(self.zoom_in)
        self._corner.zoom_out.connect(self.zoom_out)
        self._corner.fit.connect(self.fit)
        self._card = HoverCard(self)
        model.subscribe(self._model_changed)

    @property
    def model(self) -> TimelineModel:
        """What is drawn."""
        return self._model

    @property
    def layout_now(self) -> Geometry:
        """Where things are."""
        return self._geometry

    @property
    def _canvas(self) -> QWidget:
        canvas = self.viewport()
        assert canvas is not None
        return canvas

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return QSize(900, TOP + 4 * ROW)

    # For the keyboard

    def selected_node(self) -> Head | None:
        """The node that is scrubbed, else the head."""
        return self._scrubbed or self._model.head

    def step(self, steps: int) -> None:
        """Ask for the node so many steps away on the head's path, stopping at its ends."""
        head = self._model.head
        if head is not None:
            self._seek(head.branch, max(0, min(self._model.length(head.branch), head.index + steps)))

    def home(self) -> None:
        """Ask for the start of the episode."""
        if self._model.head is not None:
            self._seek(self._model.head.branch, 0)

    def end(self) -> None:
        """Ask for the end of the head's branch."""
        head = self._model.head
        if head is not None:
            self._seek(head.branch, self._model.length(head.branch))

    def next_marker(self, direction: int = 1) -> None:
        """Ask for the next (+1) or previous (-1) marker on the head's path."""
        head = self._model.head
        if head is None:
            return
        nodes = [m.index for _, m in self._model.markers(head.branch)]
        ahead = [n for n in nodes if (n - head.index) * direction > 0]
        if ahead:
            self._seek(head.branch, min(ahead) if direction > 0 else max(ahead))

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

    # Inside

    def _seek(self, branch: int, node: int) -> None:
        if self._model.head != Head(branch, node):
            self.seek_requested.emit(branch, node)

    def _anchor_x(self) -> float:
        head = self._model.head
        x = self._geometry.x(head.index) if head is not None else 0.0
        return x if NAMES <= x <= self._geometry.width else NAMES + self._geometry.track_width / 2

    def _model_changed(self) -> None:
        self._relayout()
        head = self._model.head
        if head != self._followed and self._press is None:
            self._follow(self._followed, head)
        self._followed = head
        bar = self.verticalScrollBar()
        if bar is not None and self._model.shows_trash and not self._trash:
            bar.setValue(bar.maximum())
        self._trash = self._model.shows_trash

    def _follow(self, before: Head | None, head: Head | None) -> None:
        """Keep the head in view after it moved: its step and, on another branch, its lane."""
        if head is None:
            return
        g = self._geometry
        x = g.x(head.index)
        if not self._fits and not NAMES <= x <= g.width - LEAD:
            self._show_from(head.index - FOLLOW_AT * g.track_width / g.zoom)
        row, bar = self._model.row(head.branch), self.verticalScrollBar()
        if row is None or bar is None or (before is not None and before.branch == head.branch):
            return
        top, bottom = row * ROW, (row + 1) * ROW
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + g.height - TOP:
            bar.setValue(whole_rows(bottom - (g.height - TOP)))

    def _relayout(self) -> None:
        """Follow the size, the model and the scroll bars."""
        canvas, model, g = self._canvas, self._model, self._geometry
        g = replace(g, width=canvas.width(), height=canvas.height(), rows=len(model.lanes))
        if self._fits:
            zoom = fit_zoom(g.track_width, model.longest())
            g = replace(g, zoom=zoom, first=-LEAD / zoom)
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.setPageStep(max(1, g.height - TOP))
            bar.setSingleStep(ROW)
            bar.setRange(0, whole_rows(g.rows * ROW - (g.height - TOP)))
            g = replace(g, scroll=bar.value())
        if g != self._geometry:
            self._geometry = g
        canvas.update()

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

    # Events

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draw the static layer from its cache and the cursor over it."""
        canvas, model, ratio = self._canvas, self._model, self.devicePixelRatioF()
        head = model.head
        what = (model.revision, self._geometry, ratio, model.followed)
        if self._layer is None or self._layer_of != what:
            self._layer = QPixmap(round(canvas.width() * ratio), round(canvas.height() * ratio))
            self._layer.setDevicePixelRatio(ratio)
            painter = QPainter(self._layer)
            paint_static(Brush(painter, model, self._geometry, ratio))
            painter.end()
            self._layer_of = what
        painter = QPainter(canvas)
        painter.drawPixmap(0, 0, self._layer)
        brush = Brush(painter, model, self._geometry, ratio)
        if self._scrubbed is not None:
            paint_cursor(brush, self._scrubbed.index, theme.ACCENT)
        elif self._hovered is not None and self._press is None:
            paint_cursor(brush, self._hovered.index, theme.LINE_STRONG, handle=False)
        if head is not None and model.row(head.branch) is not None:
            paint_cursor(brush, head.index)
            row = model.row(model.lane_of(head))
            if row is not None:
                paint_dot(brush, row, head.index)
        painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        self._relayout()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """The vertical bar moved; see QAbstractScrollArea.scrollContentsBy."""
        self._relayout()

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """Zoom over the tracks, pan with Shift or sideways, scroll lanes over the names."""
        if event is None:
            return
        turn, x = event.angleDelta(), event.position().x()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if shift or abs(turn.x()) > abs(turn.y()):
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
        g = self._geometry
        hit = g.hit(event.position().x(), event.position().y())
        pans = event.button() == Qt.MouseButton.MiddleButton or hit.area == "empty"
        self._press = _Press(event.position(), hit, pans, g.first, g.scroll)
        self._hide_card()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Pan, scrub or hover."""
        if event is None:
            return
        if self._press is None:
            self._hover(event)
            return
        press, moved = self._press, event.position() - self._press.at
        if press.pans:
            self._pan(press, moved)
        elif press.scrubbing or abs(moved.x()) > 3:
            self._press = replace(press, scrubbing=True)
            target = self._target(self._geometry.hit(event.position().x(), press.at.y()))
            if target is not None and target != self._scrubbed:
                self._scrubbed = target
                self.preview_requested.emit(target.branch, target.index)
                self._canvas.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """End a click or a scrub: go there."""
        press, scrubbed = self._press, self._scrubbed
        self.cancel_scrub()
        if event is None or press is None or press.pans:
            return
        target = scrubbed if press.scrubbing else self._target(press.hit)
        if target is not None:
            self._seek(target.branch, target.index)

    def cancel_scrub(self) -> None:
        """Let go of what is dragged: the head stays where it is."""
        self._press = None
        if self._scrubbed is not None:
            self._scrubbed = None
            self.preview_ended.emit()
            self._canvas.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Rename a lane; elsewhere the second click is a click."""
        if event is None:
            return
        hit = self._geometry.hit(event.position().x(), event.position().y())
        if hit.area == "name" and hit.row is not None:
            self.rename_requested.emit(self._model.lanes[hit.row].branch)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        """Ask for the menu of a lane."""
        if event is None:
            return
        hit = self._geometry.hit(event.pos().x(), event.pos().y())
        if hit.row is None:
            return
        self._hide_card()
        branch = self._model.lanes[hit.row].branch
        target = self._target(hit)
        node = target.index if target is not None else self._model.length(branch)
        self.menu_requested.emit(branch, node, event.globalPos())

    def viewportEvent(self, event: QEvent | None) -> bool:  # noqa: N802
        """The pointer left: nothing is hovered; see QAbstractScrollArea.viewportEvent."""
        if event is not None and event.type() in (QEvent.Type.Leave, QEvent.Type.Hide):
            self._hide_card()
        return super().viewportEvent(event)

    def _pan(self, press: _Press, moved: QPointF) -> None:
        self._fits = False
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.setValue(round(press.scroll - moved.y()))
        self._show_from(press.first - moved.x() / self._geometry.zoom)

    def _hover(self, event: QMouseEvent) -> None:
        """The card of what is under the pointer."""
        g, model = self._geometry, self._model
        x, y = event.position().x(), event.position().y()
        hit = g.hit(x, y)
        target = self._target(hit)
        if target != self._hovered:
            self._hovered = target
            self._canvas.update()
        if target is not None:
            place = self._canvas.mapToGlobal(QPoint(round(g.x(target.index)), -8))  # clear of every lane
            picture = model.picture(target.branch, target.index)
            title, text = step_words(model, target.branch, target.index)
            self._card.present(title, text, picture[1] if picture is not None else None, place)
        elif hit.area == "name" and hit.row is not None:
            place = self._canvas.mapToGlobal(QPoint(NAMES // 2, -8))
            self._card.present(*branch_words(model, model.lanes[hit.row].branch), None, place)
        else:
            self._card.hide()

    def _hide_card(self) -> None:
        self._card.hide()
        if self._hovered is not None:
            self._hovered = None
            self._canvas.update()

    def _target(self, hit: Hit) -> Head | None:
        """The node that a hit means: on the lane's branch, or on the followed path for ruler and film."""
        branch: int | None = None
        if hit.area in ("ruler", "film"):
            branch = self._model.followed
        elif hit.area == "lane" and hit.row is not None:
            branch = self._model.lanes[hit.row].branch
        return Head(branch, min(hit.node, self._model.length(branch))) if branch is not None else None
