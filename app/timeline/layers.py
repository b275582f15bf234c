"""The still part of the timeline, kept as pictures, of which only what changed is drawn anew."""

from dataclasses import replace

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QPen

from app.timeline.film import paint_empty, paint_film, paint_ruler
from app.timeline.geometry import NAMES, TOP, Geometry
from app.timeline.lanes import Canvas, paint_lanes
from app.timeline.model import TimelineModel
from app.timeline.names import NameImages, paint_names
from app.widgets import theme


class Layers:
    """Lanes, names, and ruler with film; each knows what it was drawn of."""

    def __init__(self, model: TimelineModel) -> None:
        self._model = model
        self._canvas: Canvas | None = None
        self._names = self._top = QImage()
        self._name_images = NameImages()
        self.revision = -1
        """Of the model, when it was last drawn."""
        self._lanes_of: tuple[object, ...] = ()
        self._names_of: tuple[object, ...] = ()
        self._top_of: tuple[object, ...] = ()
        self._wanted: dict[str, list[tuple[int, int]]] = {"film": [], "lanes": []}
        self.drawn = {"lanes": 0, "rows": 0, "names": 0, "film": 0}
        """How often each part was drawn."""

    @property
    def wanted(self) -> list[tuple[int, int]]:
        """(owner, node) of the pictures that film and lanes lack."""
        return list(dict.fromkeys([*self._wanted["film"], *self._wanted["lanes"]]))

    @property
    def pieces_drawn(self) -> tuple[int, int]:
        """(names, tiles of bars) that were drawn since the widget got its size, rather than taken from kept images."""
        return self._name_images.drawn, self._canvas.bars.drawn if self._canvas is not None else 0

    def paint(self, painter: QPainter, g: Geometry, ratio: float) -> None:
        """Bring what changed up to date, and put it on the widget."""
        canvas = self._update(g, ratio)
        if not len(self._model.rows):
            paint_empty(canvas, painter)
        else:
            painter.drawImage(QPointF(NAMES, TOP), canvas.image())
            painter.drawImage(QPointF(0, TOP), self._names)
        painter.drawImage(QPointF(0, 0), self._top)
        painter.setPen(QPen(QColor(theme.LINE), 1))
        painter.drawLine(QPointF(NAMES - 0.5, 0), QPointF(NAMES - 0.5, g.height))
        painter.drawLine(QPointF(0, TOP - 0.5), QPointF(g.width, TOP - 0.5))

    def _update(self, g: Geometry, ratio: float) -> Canvas:
        model = self._model
        touched, self.revision = model.touched_since(self.revision), model.revision
        canvas = self._canvas
        if canvas is None or (canvas.geometry.width, canvas.geometry.height, canvas.ratio) != (
            g.width,
            g.height,
            ratio,
        ):
            canvas = Canvas.empty(model, g, ratio)
            touched = None
        canvas = self._canvas = replace(canvas, geometry=g)
        chosen = (model.followed, model.order_revision)
        rows = [model.rows.row(branch) for branch in touched or ()]
        self._update_lanes(canvas, (g, ratio, *chosen), None if touched is None else rows)
        names = (g.height, g.scroll, g.row, ratio, *chosen)
        self._update_names(canvas, names, None if touched is None else rows)
        top = (g.width, g.first, g.zoom, ratio, *chosen)
        followed = model.followed
        path = set(model.path(followed).owners) if followed is not None else set()
        if top != self._top_of or touched is None or touched & path:
            self._top_of = top
            self._draw_top(canvas)
        return canvas

    def _update_lanes(self, canvas: Canvas, what: tuple[object, ...], rows: list[int] | None) -> None:
        if what != self._lanes_of or rows is None:
            self._lanes_of = what
            self.drawn["lanes"] += 1
            self._wanted["lanes"] = paint_lanes(canvas)
            return
        for row in rows:
            self.drawn["rows"] += 1
            paint_lanes(canvas, range(row, row + 1))

    def _update_names(self, canvas: Canvas, what: tuple[object, ...], rows: list[int] | None) -> None:
        if what != self._names_of or rows is None:
            self._names_of = what
            self.drawn["names"] += 1
            self._names = _image(NAMES, canvas.geometry.height - TOP, canvas.ratio, self._names)
            rows = None
        elif not rows:
            return
        painter = QPainter(self._names)
        painter.translate(0, -TOP)
        if rows is None:
            paint_names(canvas, painter, self._name_images)
        else:
            for row in rows:
                paint_names(canvas, painter, self._name_images, range(row, row + 1))
        painter.end()

    def _draw_top(self, canvas: Canvas) -> None:
        self.drawn["film"] += 1
        self._top = _image(canvas.geometry.width, TOP, canvas.ratio, self._top)
        painter = QPainter(self._top)
        paint_ruler(canvas, painter)
        self._wanted["film"] = paint_film(canvas, painter)
        painter.end()


def _image(width: float, height: float, ratio: float, old: QImage) -> QImage:
    """An opaque image; the old one where it fits."""
    size = QRectF(0, 0, max(1.0, width) * ratio, max(1.0, height) * ratio).toAlignedRect().size()
    if old.size() == size and old.devicePixelRatio() == ratio:
        return old
    made = QImage(size, QImage.Format.Format_RGB32)
    made.setDevicePixelRatio(ratio)
    made.fill(QColor(theme.PANEL))
    return made
