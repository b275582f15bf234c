"""Continues a session as soon as its labels are written."""

import time
from pathlib import Path

from PyQt6.QtCore import QTimer

from app.pages.page import PageHost
from app.pages.review import Review

PATIENCE_S = 10.0
"""How long driving waits for the labels of the same session to be written."""


class DrivingAfterLabels:
    """Of one page."""

    def __init__(self, host: PageHost) -> None:
        self._host, self._stopped = host, False

    def drive(self, folder: Path, since: float | None = None) -> None:
        """Continue a session as soon as its labels are written; the one that is open is only shown."""
        drive, archive, review = self._host.drive, self._host.session.archive, self._host.made("review")
        if self._stopped or drive is None:  # the window was closed while labels were written
            return
        if archive is not None and archive.folder.resolve() == folder.resolve():
            self._host.turn("drive")
            return
        began = time.monotonic() if since is None else since
        if isinstance(review, Review) and review.view.holds:
            review.view.rest()
            if time.monotonic() - began < PATIENCE_S:
                QTimer.singleShot(30, lambda: self.drive(folder, began))
                return
        drive(folder)

    def stop(self) -> None:
        """Drive nothing any more."""
        self._stopped = True
