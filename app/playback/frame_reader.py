"""Reads recorded frames on a thread, so that looking back never stops the window."""

import logging
from collections import deque
from collections.abc import Iterable

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import StudioError
from core.latest_worker import LatestWorker
from core.store.archive import FrameCache, StoreArchive

log = logging.getLogger(__name__)

Place = tuple[int, int]
"""(branch, node)."""


class FrameReader(QObject):
    """Serves the latest request first, then prefetches, then fills thumbnails."""

    found = pyqtSignal(int, int, object)
    """Branch, node, and {camera: (H, W, 3) uint8}: what was requested."""
    filled = pyqtSignal(int, int, object)
    """The same, of thumbnails."""
    missed = pyqtSignal(int, int, str)
    """Branch, node, and why its frames cannot be read, in words: of what was requested."""

    def __init__(self, archive: StoreArchive, cameras: tuple[str, ...]) -> None:
        super().__init__()
        self._cache, self._cameras = FrameCache(archive), cameras
        self._ahead: deque[Place] = deque()
        self._thumbnails: deque[Place] = deque()
        self._worker = LatestWorker("frame reader", self._serve, idle=self._read_ahead)

    def ask(self, branch: int, node: int, ahead: Iterable[Place] = ()) -> None:
        """Request the frames of a node; `ahead` are those that follow if the movement goes on."""
        self._ahead = deque(ahead)
        self._worker.request((branch, node))

    def fill(self, places: Iterable[Place]) -> None:
        """Read these thumbnails when nothing else is requested, in place of the ones of the last call."""
        self._thumbnails = deque(places)
        self._worker.wake()

    def stop(self, *, wait: bool = True) -> None:
        """End the thread; without `wait` it ends by itself after the frame that it is reading. Idempotent."""
        self._ahead, self._thumbnails = deque(), deque()
        self._worker.stop(wait=wait)

    # On the thread.

    def _serve(self, place: Place) -> None:
        try:
            frames = self._read(place)
        except (StudioError, OSError) as error:
            log.warning("%s", error)
            self.missed.emit(*place, str(error))
            return
        self.found.emit(*place, frames)

    def _read_ahead(self) -> bool:
        """Read one place that was not requested; whether there are more."""
        ahead, thumbnails = self._ahead, self._thumbnails
        try:
            if ahead:
                self._read(ahead.popleft())
            elif thumbnails:
                place = thumbnails.popleft()
                self.filled.emit(*place, self._read(place))
        except (StudioError, OSError) as error:
            log.debug("%s", error)
        return bool(ahead or thumbnails)

    def _read(self, place: Place) -> dict[str, object]:
        return {camera: self._cache.frame(*place, camera) for camera in self._cameras}
