"""The curves of the head's path in a dock below driving; made when they are first shown."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDockWidget, QMainWindow

from app.opening.live_session import LiveSession
from core.events import Status

if TYPE_CHECKING:
    from app.playback.live_plots import LivePlots


class PlotsDock:
    """Shows the curves while driving is shown and the user wants them."""

    def __init__(self, session: LiveSession, window: QMainWindow) -> None:
        self._session, self._window = session, window
        self.plots: LivePlots | None = None
        self._dock: QDockWidget | None = None
        self._wanted = False
        self._driving = True

    def toggle(self) -> None:
        """Show the curves, or do not."""
        self._wanted = not self._wanted
        if self._dock is None:
            self._dock = self._make()
        self._dock.setVisible(self._wanted)
        if self.plots is not None and self._wanted and self._session.status is not None:
            self.plots.take_status(self._session.status)

    def show_page(self, driving: bool) -> None:
        """Whether the page of driving is shown; the curves belong to it."""
        self._driving = driving
        if self._dock is not None:
            self._dock.setVisible(driving and self._wanted)

    def take_session(self) -> None:
        """Another session is open, or none."""
        if self.plots is not None:
            self.plots.set_archive(self._session.archive)

    def release(self) -> None:
        """The session is about to close."""
        if self.plots is not None:
            self.plots.set_archive(None)

    def take_status(self, status: Status) -> None:
        """The head has moved."""
        if self.plots is not None:
            self.plots.take_status(status)

    def stop(self) -> None:
        """End the reading thread."""
        if self.plots is not None:
            self.plots.stop()

    def _make(self) -> QDockWidget:
        from app.playback.live_plots import LivePlots  # with pyqtgraph, which the first window does not wait for

        self.plots = LivePlots(self._session)
        self.plots.set_archive(self._session.archive)
        dock = QDockWidget("Plots")
        dock.setObjectName("plots")
        dock.setWidget(self.plots)
        dock.visibilityChanged.connect(self._on_dock)
        self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        self._window.resizeDocks([dock], [230], Qt.Orientation.Vertical)
        return dock

    def _on_dock(self, visible: bool) -> None:
        """Its close button counts as the key."""
        if self._dock is not None and self._driving and self._dock.isHidden():
            self._wanted = False
