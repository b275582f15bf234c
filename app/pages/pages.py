"""Shows one page at a time and forwards what happens to the session to the pages that are made."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal

from app.commands.command import DRIVE
from app.commands.window import CommandWindow
from app.opening.config import Config
from app.opening.live_session import LiveSession
from app.pages.page import Acts, Page, PageHost, PageRow
from app.pages.plots import PlotsDock
from app.pages.table import PAGES
from core.events import Status
from core.verbs import Pause


class Pages(QObject):
    """The pages of one window; each is made when it is first asked for."""

    turning = pyqtSignal()
    """Another page is about to be shown."""

    def __init__(
        self,
        session: LiveSession,
        window: CommandWindow,
        sessions: Callable[[], Path | None],
        drive: Callable[[Path], None] | None = None,
        reviewer: str | None = None,
        rows: Sequence[PageRow] = PAGES,
        opening: Callable[[], bool] = lambda: False,
        config: Callable[[], Config | None] = lambda: None,
        open: Callable[[Config], None] | None = None,
    ) -> None:
        """Make no page yet.

        Args:
            session: What is driven.
            window: Where the pages are shown.
            sessions: The folder of sessions.
            drive: Continues a session; None in a window that drives nothing.
            reviewer: Whose verdicts are given; None for the login name.
            rows: The pages.
            opening: Whether a session is being opened.
            config: What the session was opened with; None in a window that drives nothing.
            open: Opens something else; None in a window that drives nothing.
        """
        super().__init__()
        self._session, self._window = session, window
        self._rows: Mapping[str, PageRow] = {row.name: row for row in rows}
        self._made: dict[str, Page] = {}
        self._host = PageHost(
            session, window.show_message, self.show, self.page, self._made.get, sessions, drive, reviewer, opening,
            config, open,
        )  # fmt: skip
        self.plots_dock = PlotsDock(session, window)
        self.mode = DRIVE
        """Name of the page that is shown."""
        window.rekeyed.connect(self._show_keys)

    @property
    def acts(self) -> Acts:
        """What the page that is shown does for commands; nothing for driving."""
        return self._made[self.mode].acts() if self.mode in self._made else {}

    @property
    def sessions_folder(self) -> Path | None:
        """The folder of sessions; None where nothing is recorded."""
        return self._host.sessions()

    def page(self, name: str) -> Page:
        """A page by its name, made where it is not yet."""
        if name not in self._made:
            page = self._made[name] = _maker(self._rows[name])(self._host)
            self._window.pages.addWidget(page.widget)
            page.show_keys(self._window.command_actions.keys_on(name))
        return self._made[name]

    def _show_keys(self) -> None:
        """Commands have other keys."""
        for name, page in self._made.items():
            page.show_keys(self._window.command_actions.keys_on(name))

    def show(self, name: str) -> None:
        """Show a page by its name; the session that is driven is paused behind any other than its own."""
        if name == self.mode:
            return
        self.turning.emit()
        status = self._session.status
        if name != DRIVE and status is not None and status.phase != "PAUSED":
            self._session.submit(Pause())
        if self.mode in self._made:
            self._made[self.mode].leave(name)
        self.mode = name
        page = self.page(name) if name != DRIVE else None
        if page is not None:
            page.show()
        self._window.set_mode(name, page.widget if page is not None else None)
        self.plots_dock.show_page(name == DRIVE)

    def leave(self) -> bool:
        """Go back to driving; whether another page was shown."""
        away = self.mode != DRIVE
        self.show(DRIVE)
        return away

    def take_session(self) -> None:
        """Another session is open."""
        for page in self._made.values():
            page.take_session()
        self.plots_dock.take_session()

    def leave_session(self) -> None:
        """The session is about to close: no page may read it any more."""
        archive = self._session.archive
        for page in self._made.values() if archive is not None else ():
            if archive is not None:
                page.release(archive)
        self.plots_dock.release()

    def take_tree(self) -> None:
        """Branches of the session have other labels."""
        for page in self._made.values():
            page.take_tree()

    def take_status(self, status: Status) -> None:
        """The head has moved."""
        for page in self._made.values():
            page.take_status(status)
        self.plots_dock.take_status(status)

    def stop(self) -> None:
        """End every thread; what was labelled is on disk afterwards. Idempotent."""
        for page in self._made.values():
            page.stop()
        self.plots_dock.stop()


def _maker(row: PageRow) -> Callable[[PageHost], Page]:
    """What makes a page of a row."""
    if not isinstance(row.factory, str):
        return row.factory
    module, _, name = row.factory.partition(":")
    made: Callable[[PageHost], Page] = getattr(importlib.import_module(module), name)
    return made
