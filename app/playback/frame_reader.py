"""Reads recorded frames on a thread of its own, so that looking back never stops the window; the newest wish wins."""

import logging
import threading
from collections import deque
from collections.abc import Iterable

from PyQt6.QtCore import QObject, pyqtSignal

from core.errors import StudioError
from core.store.archive import FrameCache, StoreArchive

log = logging.getLogger(__name__)

Place = tuple[int, int]
"""(branch, node)."""


class FrameReader(QObject):
    """Answers the newest wish; then reads what may be wished for next; then pictures that are only nice to have."""

    found = pyqtSignal(int, int, object)
    """Branch, node, and {camera: (H, W, 3) uint8}: what was wished for."""
    filled = pyqtSignal(int, int, object)
    """The same, of what is nice to have."""
    missed = pyqtSignal(int, int, str)
    """Branch, node, and why its frames cannot be read, in words: of what was wished for."""

    def __init__(self, archive: StoreArchive, cameras: tuple[str, ...]) -> None:
        super().__init__()
        self._cache, self._cameras = FrameCache(archive), cameras
        self._wish: Place | None = None
        self._ahead: deque[Place] = deque()
        self._nice: deque[Place] = deque()
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="frame reader")
        self._thread.start()

    def ask(self, branch: int, node: int, ahead: Iterable[Place] = ()) -> None:
        """Wish for the frames of a node; `ahead` are those that will be wished for if the movement goes on."""
        with self._changed:
            self._wish, self._ahead = (branch, node), deque(ahead)
            self._changed.notify()

    def fill(self, places: Iterable[Place]) -> None:
        """Read these when nothing else is to be done, in place of what was asked for in this way before."""
        with self._changed:
            self._nice = deque(places)
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
                self._changed.wait_for(lambda: self._stopping or self._wish or self._ahead or self._nice)
                if self._stopping:
                    return
                place, wished, ahead = self._next()
            try:
                frames = {camera: self._cache.frame(*place, camera) for camera in self._cameras}
            except (StudioError, OSError) as error:
                log.log(logging.WARNING if wished else logging.DEBUG, "%s", error)
                if wished:
                    self.missed.emit(*place, str(error))
                continue
            if wished:
                self.found.emit(*place, frames)
            elif not ahead:
                self.filled.emit(*place, frames)

    def _next(self) -> tuple[Place, bool, bool]:
        """What is most urgent, whether it is wished for, and whether it only may be."""
        if self._wish is not None:
            place, self._wish = self._wish, None
            return place, True, False
        return (self._ahead.popleft(), False, True) if self._ahead else (self._nice.popleft(), False, False)
