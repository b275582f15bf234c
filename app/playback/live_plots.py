"""The curves of the path that is driven: under the head, a little behind it while it moves."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.opening.live_session import LiveSession
from app.playback.background import Background
from app.playback.plot_panel import PlotPanel
from app.playback.tracks import Track, track_of
from core.branch_tree import Head
from core.events import Status
from core.store.archive import StoreArchive
from core.verbs import RollBack

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE_MS = 300
"""Between two readings of a path that grows."""


class LivePlots(QWidget):
    """Reads the path of the head from what is recorded; a click moves the head."""

    def __init__(self, session: LiveSession) -> None:
        super().__init__()
        self._session = session
        self._archive: StoreArchive | None = None
        self._head: Head | None = None
        self._track: Track | None = None
        self.panel = PlotPanel()
        self._reading = Background("live curves")
        self._reading.done.connect(self._show)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._read)
        self.panel.sought.connect(self._seek)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)
        self.set_archive(None)

    @property
    def track(self) -> Track | None:
        """What is drawn."""
        return self._track

    def set_archive(self, archive: StoreArchive | None) -> None:
        """Another session, or none."""
        self._archive, self._track = archive, None
        if archive is None:
            self._reading.cancel()
            self._pause.stop()
            self.panel.show_track(None)
            self.panel.readout.show_words("No session is being recorded: there is nothing to draw.")

    def take_status(self, status: Status) -> None:
        """The head moved, or the path grew."""
        self._head = status.head
        self.panel.set_head(status.head.index)
        track = self._track
        known = track is not None and track.branch == status.head.branch and status.head.index <= track.last
        if known or self._archive is None or not self.isVisible():
            return
        if track is None or track.branch != status.head.branch:
            self._read()
        elif not self._pause.isActive():
            self._pause.start()

    def stop(self) -> None:
        """End the reading thread, when the program ends."""
        self._pause.stop()
        self._reading.stop()

    def _read(self) -> None:
        archive, head = self._archive, self._head
        if archive is None or head is None:
            return

        def work(tell: "Callable[[object], None]") -> Track | None:
            tree = archive.tree()
            return track_of(archive, tree, head.branch) if head.branch in tree.branches else None

        self._reading.ask(work)

    def _show(self, track: Track | None) -> None:
        if track is not None and self._head is not None and track.branch == self._head.branch:
            self._track = track
            self.panel.show_track(track)
            self.panel.set_head(self._head.index)

    def _seek(self, node: int) -> None:
        if self._head is not None:
            self._session.submit(RollBack(self._head.branch, min(node, self._session.length(self._head.branch))))
