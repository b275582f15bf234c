"""The camera pictures, large: one OpenGL widget for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, QTimer
from PyQt6.QtGui import QSurfaceFormat
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.viewport.overlay import Verdict, View, compose
from app.widgets import theme
from core.camera import Camera
from core.events import Status

if TYPE_CHECKING:
    from app.viewport.renderer import Renderer

SEEKING_AFTER_MS = 80
"""A rollback that is done sooner needs no sign, and drawing one would only make it later."""


def surface_format() -> QSurfaceFormat:
    """What the renderer needs: OpenGL 3.3 core."""
    wanted = QSurfaceFormat()
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    return wanted


class Viewport(QOpenGLWidget):
    """Shows the newest frames and who drives. `frameSwapped` fires when `drawn` is on the screen."""

    def __init__(self, cameras: Sequence[Camera] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(surface_format())
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Camera pictures")
        self._view = View(cameras=tuple(cameras))
        self._renderer: Renderer | None = None
        self._preview: tuple[Mapping[str, NDArray[np.uint8]], str] | None = None
        self._show_plan = False
        self._plan: NDArray[np.float32] | None = None
        self._sought = ""
        self._seeking = QTimer(self)
        self._seeking.setSingleShot(True)
        self._seeking.timeout.connect(self._show_seeking)
        self.drawn: Status | None = None
        """The status that was painted last."""

    @property
    def view(self) -> View:
        """What is shown."""
        return self._view

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
        """What somebody marked at the head."""
        if verdict != self._view.verdict:
            self._change(verdict=verdict)

    def set_recording(self, on: bool) -> None:
        """Whether steps are being recorded: the red dot and the count."""
        self._change(recording=on)

    def _change(self, **values: object) -> None:
        self._view = replace(self._view, **values)  # type: ignore[arg-type]  # checked by the callers above
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """See QWidget.sizeHint."""
        return QSize(980, 500)

    def initializeGL(self) -> None:  # noqa: N802
        """Compile the shaders; see QOpenGLWidget.initializeGL."""
        from app.viewport.renderer import Renderer  # OpenGL is loaded when there is a context, not when app is imported

        self._renderer = Renderer()
        context = self.context()
        if context is not None:
            context.aboutToBeDestroyed.connect(self._close)

    def paintGL(self) -> None:  # noqa: N802
        """Draw; see QOpenGLWidget.paintGL."""
        if self._renderer is None:
            return
        scale = self.devicePixelRatioF()
        size = (max(1, round(self.width() * scale)), max(1, round(self.height() * scale)))
        self._renderer.draw(compose(self._view, size, scale * theme.text_scale()))
        self.drawn = self._view.status

    def _close(self) -> None:
        if self._renderer is not None:
            self.makeCurrent()
            self._renderer.close()
            self.doneCurrent()
            self._renderer = None
