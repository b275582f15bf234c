"""The list of sessions as a page of a window: a way into each for driving or review."""

from pathlib import Path

from PyQt6.QtWidgets import QWidget

from app.commands.key_words import KeyOf
from app.export.controller import ExportController
from app.pages.driving import DrivingAfterLabels
from app.pages.page import Acts, PageHost, QuietPage
from app.pages.review import Review
from app.sessions.page import BrowserPage
from app.sessions.rows import SessionRow


class Sessions(QuietPage):
    """See app.pages.page.Page."""

    def __init__(self, host: PageHost) -> None:
        self._host, self._driving = host, DrivingAfterLabels(host)
        self.view = BrowserPage(can_drive=host.drive is not None)
        self.view.drive_asked.connect(self._driving.drive)
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
        self._driving.stop()
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
