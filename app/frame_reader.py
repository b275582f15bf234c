"""Reads recorded frames on a thread of its own, so that looking back never stops the window; the newest wish wins."""

import logging
import threading

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import StudioError
from core.store.archive import FrameCache, StoreArchive

log = logging.getLogger(__name__)


class FrameReader(QObject):
    """Answers the newest request; older ones that were not begun are dropped."""

    found = pyqtSignal(int, int, object)
    """Branch, node, and {camera: (H, W, 3) uint8}."""
    missed = pyqtSignal(int, int, str)
    """Branch, node, and why its frames cannot be read, in words."""

    def __init__(self, archive: StoreArchive, cameras: tuple[str, ...]) -> None:
        super().__init__()
        self._cache, self._cameras = FrameCache(archive), cameras
        self._wish: tuple[int, int] | None = None
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="frame reader")
        self._thread.start()

    def ask(self, branch: int, node: int) -> None:
        """Wish for the frames of a node."""
        with self._changed:
            self._wish = (branch, node)
            self._changed.notify()

    def stop(self) -> None:
        """End and join; idempotent."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._wish is not None)
                if self._stopping:
                    return
                wish, self._wish = self._wish, None
            if wish is None:
                continue
            try:
                frames = {camera: self._cache.frame(*wish, camera) for camera in self._cameras}
            except StudioError as error:
                log.warning("%s", error)
                self.missed.emit(*wish, str(error))
                continue
            self.found.emit(*wish, frames)
