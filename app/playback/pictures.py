"""All cameras of one step beside each other, with the paths of the end effectors drawn over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets import theme
from core.action import ARMS, POSITION, arm_slice
from core.camera import Camera

Frames = Mapping[str, NDArray[np.uint8]]
"""Camera name -> (H, W, 3) RGB."""
GAP: Final = 6
MOST_POINTS: Final = 2000
"""A path is drawn through so many nodes at most: more than a picture has pixels tells nothing."""
COLOURS: Final = (theme.LEFT, theme.RIGHT)
"""Of the arms, as everywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Where the end effectors went."""

    points: NDArray[np.float64]
    """(N, 2, 3) metres, base frame: node, arm, position."""
    fork: int
    """Before it the path is shared with the parent and drawn fainter."""


def paths_of(ee_state: NDArray[np.float32], fork: int) -> Paths:
    """Paths from the (N, 14) measured end effectors of a track."""
    points = [ee_state[:, arm_slice(arm)][:, POSITION] for arm in range(len(ARMS))]
    return Paths(np.stack(points, 1).astype(np.float64), fork)


def fitted(size: QSize, shapes: Sequence[tuple[int, int]]) -> list[QRectF]:
    """Boxes for pictures of (width, height) in a row, as large as they go, all equally high, centred."""
    if not shapes:
        return []
    aspects = [width / height for width, height in shapes]
    room = size.width() - GAP * (len(shapes) - 1)
    height = max(1.0, min(size.height(), room / sum(aspects)))
    x = (size.width() - height * sum(aspects) - GAP * (len(shapes) - 1)) / 2
    y = (size.height() - height) / 2
    boxes = []
    for aspect in aspects:
        boxes.append(QRectF(round(x), round(y), round(height * aspect), round(height)))
        x += height * aspect + GAP
    return boxes


class PictureView(QWidget):
    """Shows what it is given; what is missing is said in words, never shown as black."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 60)
        self._cameras: tuple[Camera, ...] = ()
        self._images: dict[str, QImage] = {}
        self._words = "No picture"
        self._paths: Paths | None = None
        self._node = 0
        self._shows_paths = True
        self._dimmed = False
        self.drawn = 0
        """How often frames were painted; a player waits for it."""

    @property
    def words(self) -> str:
        """What is shown in place of the pictures; "" where they are shown."""
        return "" if self._images else self._words

    def set_cameras(self, cameras: Sequence[Camera]) -> None:
        """Whose pictures come; their calibration places the paths."""
        self._cameras = tuple(cameras)
        self.update()

    def show_frames(self, frames: Frames, node: int, *, dimmed: bool = False) -> None:
        """Show the frames of a node; dimmed where they stand for a step that there is not."""
        self._images = {name: _image(frame) for name, frame in frames.items()}
        self._node, self._dimmed = node, dimmed
        self.update()

    def show_words(self, words: str) -> None:
        """Show why there is no picture."""
        self._images, self._words = {}, words
        self.update()

    def set_paths(self, paths: Paths | None) -> None:
        """The paths to draw over the pictures."""
        self._paths = paths
        self.update()

    def show_paths(self, on: bool) -> None:
        """Draw the paths, or do not."""
        self._shows_paths = on
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return QSize(640, 320)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """See QWidget.paintEvent."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.WELL))
        if not self._images:
            painter.setPen(QColor(theme.TEXT_DIM))
            painter.setFont(theme.font(theme.px(theme.BODY)))
            area = QRectF(self.rect()).adjusted(12, 12, -12, -12)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
            painter.end()
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names = [c.name for c in self._cameras if c.name in self._images] or list(self._images)
        shapes = [(self._images[name].width(), self._images[name].height()) for name in names]
        cameras = {camera.name: camera for camera in self._cameras}
        for name, box in zip(names, fitted(self.size(), shapes), strict=True):
            painter.drawImage(box, self._images[name])
            if self._dimmed:
                painter.fillRect(box, theme.faded(theme.WELL, 0.55))
            elif self._shows_paths and self._paths is not None and name in cameras:
                painter.save()
                painter.setClipRect(box)
                _draw_paths(painter, box, cameras[name], self._paths, self._node)
                painter.restore()
            _draw_name(painter, box, name)
        painter.end()
        self.drawn += 1


def _image(frame: NDArray[np.uint8]) -> QImage:
    height, width, _ = frame.shape
    data = np.ascontiguousarray(frame).tobytes()
    return QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()  # Qt does not hold the bytes


def _draw_paths(painter: QPainter, box: QRectF, camera: Camera, paths: Paths, node: int) -> None:
    """What was passed is a line, what comes is a thin one, the end effector is a ring with the letter of its arm."""
    count = len(paths.points)
    if count == 0 or not camera.calibrated:
        return
    stride = max(1, count // MOST_POINTS)
    scale = np.array([box.width() / camera.width, box.height() / camera.height])
    for arm, colour in enumerate(COLOURS):
        pixels = (camera.project(paths.points[:, arm]) + 0.5) * scale + (box.x(), box.y())
        for first, last, width, alpha in (
            (0, min(paths.fork, node), 1.5, 0.35),
            (min(paths.fork, node), node, 2.5, 0.95),
            (node, count - 1, 1.2, 0.45),
        ):
            _draw_line(painter, pixels[first : last + 1 : stride], theme.faded(colour, alpha), width)
        at = pixels[min(node, count - 1)]
        if np.all(np.isfinite(at)):
            _draw_ring(painter, QPointF(*at), colour, ARMS[arm][0].upper())


def _draw_line(painter: QPainter, points: NDArray[np.float64], colour: QColor, width: float) -> None:
    points = points[np.isfinite(points).all(1)]
    if len(points) < 2:
        return
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _draw_ring(painter: QPainter, at: QPointF, colour: str, letter: str) -> None:
    painter.setBrush(theme.faded(theme.WELL, 0.6))
    painter.setPen(QPen(QColor(colour), 2))
    painter.drawEllipse(at, 7.0 * theme.text_scale(), 7.0 * theme.text_scale())
    painter.setPen(QColor(theme.TEXT))
    painter.setFont(theme.font(theme.px(9)))
    painter.drawText(QRectF(at.x() - 12, at.y() - 12, 24, 24), Qt.AlignmentFlag.AlignCenter, letter)


def _draw_name(painter: QPainter, box: QRectF, name: str) -> None:
    painter.setFont(theme.font(theme.px(theme.SMALL)))
    width = painter.fontMetrics().horizontalAdvance(name) + theme.px(12)
    tag = QRectF(box.x() + 6, box.y() + 6, width, theme.px(18))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.faded(theme.WELL, 0.7))
    painter.drawRoundedRect(tag, 4, 4)
    painter.setPen(QColor(theme.TEXT_DIM))
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, name)
