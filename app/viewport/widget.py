"""The camera pictures, large, painted by Qt's rasteriser: of new pictures only the places that changed.

With an OpenGL widget anywhere in a window Qt composes the whole window through OpenGL for every frame; see
docs/decisions/2026-11-28-window-without-opengl.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QRegion, QTransform
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.viewport.damage import changed
from app.viewport.drawing import Box, Drawing
from app.viewport.overlay import Verdict, View, compose
from app.viewport.raster import Raster
from app.widgets import theme
from core.camera import Camera
from core.events import Status

SEEKING_AFTER_MS = 80
"""A rollback that is done sooner needs no sign, and drawing one would only make it later."""


class Viewport(QWidget):
    """Shows the newest frames and who drives."""

    displayed = pyqtSignal()
    """`drawn` was handed to the window system: it is on the screen."""
    _stale = pyqtSignal()
    _flushed = pyqtSignal()

    def __init__(self, cameras: Sequence[Camera] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Camera pictures")
        self._view = View(cameras=tuple(cameras))
        self._raster = Raster()
        self._drawing = Drawing((0, 0), theme.rgba(theme.WELL))
        self._composed = self._view
        """What the drawing was composed of."""
        self._laid_out: tuple[tuple[int, int], float] | None = None
        self._is_stale = False
        self._preview: tuple[Mapping[str, NDArray[np.uint8]], str] | None = None
        self._show_plan = False
        self._plan: NDArray[np.float32] | None = None
        self._sought = ""
        self._seeking = QTimer(self)
        self._seeking.setSingleShot(True)
        self._seeking.timeout.connect(self._show_seeking)
        queued = Qt.ConnectionType.QueuedConnection
        self._stale.connect(self._refresh, queued)  # type: ignore[call-arg]  # once for all changes of one event
        self._flushed.connect(self.displayed, queued)  # type: ignore[call-arg]  # Qt flushes after it has painted
        self._drawn = View()

    @property
    def view(self) -> View:
        """What is shown."""
        return self._view

    @property
    def drawn_view(self) -> View:
        """What was painted last."""
        return self._drawn

    @property
    def drawn(self) -> Status | None:
        """The status that was painted last."""
        return self._drawn.status

    def set_cameras(self, cameras: Sequence[Camera]) -> None:
        """Show other cameras; frames of the old ones go."""
        self._seeking.stop()
        self._change(cameras=tuple(cameras), frames={}, status=None, preview="", seeking="", plan=None)

    def show_status(self, status: Status) -> None:
        """Show the newest status and its frames; ends "seeking", leaves a preview in place."""
        self._seeking.stop()
        self._change(status=status, seeking="")
        if self._preview is None:
            self._change(frames=status.observation.frames)

    def show_frames(self, frames: Mapping[str, NDArray[np.uint8]]) -> None:
        """Show frames by camera name, (H, W, 3) uint8 RGB, row 0 at the top."""
        self._change(frames=dict(frames))

    def show_preview(self, frames: Mapping[str, NDArray[np.uint8]], words: str) -> None:
        """Show another step's frames, for example while scrubbing, under a sign that says so."""
        self._preview = (frames, words)
        self._change(frames=dict(frames), preview=words)

    def end_preview(self) -> None:
        """Back to the head."""
        self._preview = None
        status = self._view.status
        self._change(preview="", frames=status.observation.frames if status is not None else {})

    def show_seeking(self, words: str) -> None:
        """A rollback is under way; the next status ends it, and one that comes soon does it before the sign shows."""
        self._sought = words
        self._seeking.start(SEEKING_AFTER_MS)

    def _show_seeking(self) -> None:
        self._change(seeking=self._sought)

    def show_plan(self, plan: NDArray[np.float32] | None) -> None:
        """The policy's plan (H, 14), drawn while plans are switched on."""
        self._plan = plan
        self._change(plan=plan if self._show_plan else None)

    def set_plans(self, on: bool) -> None:
        """Draw plans or not."""
        self._show_plan = on
        self._change(plan=self._plan if on else None)

    def set_markers(self, on: bool) -> None:
        """Draw the measured end effectors or not."""
        self._change(markers=on)

    def show_hands(self, names: tuple[str, str], scale: float) -> None:
        """What drives each arm while the operator does, and how much the tool moves for a hand."""
        if (names, scale) != (self._view.hands, self._view.scale):
            self._change(hands=names, scale=scale)

    def set_verdict(self, verdict: Verdict) -> None:
        """What a user marked at the head."""
        if verdict != self._view.verdict:
            self._change(verdict=verdict)

    def set_recording(self, on: bool) -> None:
        """Whether steps are being recorded: the red dot and the count."""
        self._change(recording=on)

    def _change(self, **values: object) -> None:
        self._view = replace(self._view, **values)  # type: ignore[arg-type]  # checked by the callers above
        if not self._is_stale:
            self._is_stale = True
            self._stale.emit()

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return QSize(980, 500)

    def _refresh(self) -> None:
        """Paint at once what differs from what is on the screen."""
        self._is_stale = False
        if not self.isVisible() or self._layout() != self._laid_out:
            self._laid_out = None  # whatever is painted next is composed anew
            self.update()
            return
        before, self._drawing = self._drawing, self._compose()
        places = changed(before, self._drawing)
        if places:
            self.repaint(self._region(places))
        else:
            self._show_drawn()

    def _layout(self) -> tuple[tuple[int, int], float]:
        """Size in device pixels, and device pixels per design pixel."""
        scale = self.devicePixelRatioF()
        size = (max(1, round(self.width() * scale)), max(1, round(self.height() * scale)))
        return size, scale * theme.text_scale()

    def _compose(self) -> Drawing:
        self._laid_out, self._composed = self._layout(), self._view
        return compose(self._view, *self._laid_out)

    def _region(self, places: Sequence[Box]) -> QRegion:
        """The pixels of the widget that cover some places of the drawing."""
        scale, region = self.devicePixelRatioF(), QRegion()
        for box in places:
            left, top = math.floor(box.x / scale), math.floor(box.y / scale)
            right, bottom = math.ceil((box.x + box.width) / scale), math.ceil((box.y + box.height) / scale)
            region += QRect(left, top, right - left, bottom - top)
        return region

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint; see QWidget.paintEvent."""
        if event is None:
            return
        if self._layout() != self._laid_out:
            self._drawing = self._compose()
        scale = self.devicePixelRatioF()
        painter = QPainter(self)
        painter.scale(1 / scale, 1 / scale)
        self._raster.paint(painter, self._drawing, QTransform.fromScale(scale, scale).map(event.region()))
        painter.end()
        self._show_drawn()

    def _show_drawn(self) -> None:
        self._drawn = self._composed
        self._flushed.emit()
