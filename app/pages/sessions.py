"""The list of sessions as a page of a window: a way into each for driving or review."""

import time
from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QWidget

from app.commands.key_words import KeyOf
from app.export.controller import ExportController
from app.pages.page import Acts, PageHost, QuietPage
from app.pages.review import Review
from app.sessions.page import BrowserPage
from app.sessions.rows import SessionRow

PATIENCE_S = 10.0
"""How long driving waits for the labels of the same session to be written."""


class Sessions(QuietPage):
    """See app.pages.page.Page."""

    def __init__(self, host: PageHost) -> None:
        self._host, self._stopped = host, False
        self.view = BrowserPage(can_drive=host.drive is not None)
        self.view.drive_asked.connect(self._drive)
        self.view.review_asked.connect(self._review)
        self.view.export_asked.connect(self._export)
        self.export: ExportController | None = None
        """Of the sessions that are selected, once an export was asked for."""

    @property
    def widget(self) -> QWidget:
        """See Page.widget."""
        return self.view

    def show_keys(self, key: KeyOf) -> None:
        """See Page.show_keys."""
        self.view.show_keys(key)

    def acts(self) -> Acts:
        """See Page.acts."""
        return self.view.acts()

    def show(self) -> None:
        """See Page.show: the folder that was chosen here, else the one in which sessions are recorded."""
        self.view.read(self.view.folder or self._host.sessions() or Path.cwd())

    def open_folder(self, folder: Path) -> None:
        """List the sessions of a folder."""
        self.view.folder = folder
        self._host.turn("sessions")

    def stop(self) -> None:
        """See Page.stop."""
        self._stopped = True
        self.view.stop()
        if self.export is not None:
            self.export.stop()

    def _review(self, folders: list[Path]) -> None:
        page = self._host.page("review")
        if isinstance(page, Review):
            page.review(folders)

    def _export(self, rows: list[SessionRow]) -> None:
        """Ask how sessions are to become one export."""
        if self.export is None:
            self.export = ExportController(self.view.window() or self.view, self._host.say)
        trees = [row.tree for row in rows if row.tree is not None]
        self.export.show([row.folder for row in rows], lambda: trees)

    def _drive(self, folder: Path, since: float | None = None) -> None:
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
                QTimer.singleShot(30, lambda: self._drive(folder, began))
                return
        drive(folder)
