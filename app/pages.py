"""The pages beside driving: review, comparison, sessions, and the curves; each made when it is first seen.

What they need beyond Qt (pyqtgraph, the store) is imported then: the first window does not wait for it.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QWidget

from app.commands.studio import Mode
from core.branch_tree import BranchTree, Head
from core.events import Message, Status
from core.history import History
from core.verbs import Pause, Verb

if TYPE_CHECKING:
    from app.compare.page import ComparePage
    from app.playback.live_plots import LivePlots
    from app.review.labeller import Labeller
    from app.review.page import ReviewPage
    from app.sessions.page import BrowserPage
    from core.store.archive import StoreArchive

PATIENCE_S = 10.0
"""How long driving waits for the labels of the same session to be written."""


class Host(Protocol):
    """The application as the pages see it; without a session that is driven most of it is nothing."""

    @property
    def status(self) -> Status | None:
        """The newest status; None where nothing is driven."""

    @property
    def tree(self) -> BranchTree:
        """The newest tree."""

    @property
    def head(self) -> Head | None:
        """Where the session stands."""

    def length(self, branch: int) -> int:
        """Index of the last node of a branch."""

    def submit(self, *verbs: Verb) -> None:
        """Hand verbs to the runtime."""

    @property
    def archive(self) -> "StoreArchive | None":
        """Reads the session that is open for driving; None where none is, or nothing is recorded."""

    @property
    def history(self) -> History:
        """Of the session that is open."""

    @property
    def sessions(self) -> Path | None:
        """The folder of sessions."""

    def drive(self, folder: Path) -> None:
        """Continue a session."""


class Frame(Protocol):
    """The window as the pages see it."""

    def set_mode(self, mode: str, page: QWidget | None) -> None:
        """Show a page; None is driving."""

    def show_message(self, message: Message) -> None:
        """Words for the user."""


class Pages(QObject):
    """Turns between the pages, and tells each what it is about."""

    def __init__(
        self, host: Host, window: Frame, stack: QStackedWidget, reviewer: str | None = None, *, can_drive: bool = True
    ) -> None:
        super().__init__()
        self._reviewer, self._can_drive = reviewer, can_drive
        self._host, self._window, self._stack = host, window, stack
        self.mode: Mode = "drive"
        self.review: ReviewPage | None = None
        self.compare: ComparePage | None = None
        self.browser: BrowserPage | None = None
        self.plots: LivePlots | None = None
        self._dock: QDockWidget | None = None
        self._plots_wanted = False
        self._stopped = False
        self._reviewed = -1
        """Steps of the session that is open when it was read for review."""

    def open_review(self, folders: list[Path]) -> None:
        """Review sessions."""
        self._review_folders(folders)

    def open_folder(self, folder: Path) -> None:
        """List the sessions of a folder."""
        self._browser_page().folder = folder
        self.show("sessions")

    @property
    def acts(self) -> Mapping[str, Callable[[], None]]:
        """What the page that is shown does for commands, by their names; nothing for driving."""
        page = {"review": self.review, "compare": self.compare, "sessions": self.browser}.get(self.mode)
        return page.acts() if page is not None else {}

    # -- turning ---------------------------------------------------------------------------------------------------

    def show(self, mode: Mode) -> None:
        """Show a page; the session that is driven stands still behind any other than its own."""
        if mode == self.mode:
            return
        status = self._host.status
        if mode != "drive" and status is not None and status.phase != "PAUSED":
            self._host.submit(Pause())
        self._leave(mode)
        self.mode = mode
        page: QWidget | None = None
        if mode == "review":
            page = self._show_review()
        elif mode == "compare":
            page = self._show_compare()
        elif mode == "sessions":
            page = self._show_sessions()
        self._window.set_mode(mode, page)
        if self._dock is not None:
            self._dock.setVisible(mode == "drive" and self._plots_wanted)

    def _leave(self, mode: Mode) -> None:
        if self.review is not None and self.mode == "review":
            self.review.viewer.player.stop()
            if mode != "compare":
                self.review.rest()
        if self.compare is not None:
            self.compare.player.stop()

    def _show_review(self) -> "ReviewPage":
        page = self._review_page()
        archive = self._host.archive
        about_live = all(not isinstance(source, Path) for source in page.sources)
        if about_live and archive is not None and (archive not in page.sources or archive.steps != self._reviewed):
            self._reviewed = archive.steps
            page.load([archive], self._live_labeller)
        return page

    def _show_compare(self) -> "ComparePage":
        page = self._compare_page()
        entry = self.review.current if self.review is not None else None
        if self.review is not None and entry is not None:
            desk = self.review.labeller_of(entry)
            if page.archive is not desk.archive:
                page.set_subject(desk.archive, lambda: desk.tree)
                page.before_after(entry.branch.id)
        elif self._host.archive is not None and page.archive is not self._host.archive:
            page.set_subject(self._host.archive, lambda: self._host.tree)
            page.before_after(self._host.head.branch if self._host.head is not None else None)
        return page

    def _show_sessions(self) -> "BrowserPage":
        page = self._browser_page()
        page.read(page.folder or self._host.sessions or Path.cwd())
        return page

    def _compare_from_review(self, desk: "Labeller", branch: int) -> None:
        page = self._compare_page()
        page.set_subject(desk.archive, lambda: desk.tree)
        page.before_after(branch)
        self.show("compare")

    def _review_folders(self, folders: list[Path]) -> None:
        """Review sessions; the one that is open here by what it says itself."""
        archive, page = self._host.archive, self._review_page()
        here = archive.folder.resolve() if archive is not None else None
        sources = [archive if archive is not None and folder.resolve() == here else folder for folder in folders]
        self._reviewed = archive.steps if archive is not None else -1
        page.load(sources, self._live_labeller)
        self.show("review")

    def _drive(self, folder: Path, since: float | None = None) -> None:
        """Continue a session, as soon as its labels are written; the one that is open is only turned to."""
        if self._stopped:  # the window was closed while labels were written
            return
        archive = self._host.archive
        if archive is not None and archive.folder.resolve() == folder.resolve():
            self.show("drive")
            return
        began = time.monotonic() if since is None else since
        if self.review is not None and self.review.holds:
            self.review.rest()
            if time.monotonic() - began < PATIENCE_S:
                QTimer.singleShot(30, lambda: self._drive(folder, began))
                return
        self._host.drive(folder)

    # -- what happens to the session -------------------------------------------------------------------------------

    def take_session(self) -> None:
        """Another session is open."""
        self._reviewed = -1
        if self.mode == "review":
            self._show_review()
        if self.plots is not None:
            self.plots.set_archive(self._host.archive)

    def leave_session(self) -> None:
        """The session is about to close: nobody may read it any more."""
        archive = self._host.archive
        if self.review is not None and archive is not None and archive in self.review.sources:
            self.review.load(())
        if self.compare is not None and archive is not None and self.compare.archive is archive:
            self.compare.release()
        if self.plots is not None:
            self.plots.set_archive(None)

    def take_tree(self) -> None:
        """Branches of the session have other labels."""
        if self.review is not None:
            self.review.refresh()

    def take_status(self, status: Status) -> None:
        """The head has moved."""
        if self.plots is not None:
            self.plots.take_status(status)

    def stop(self) -> None:
        """End every thread; what was labelled is on disk afterwards. Idempotent."""
        self._stopped = True
        for page in (self.review, self.compare, self.browser, self.plots):
            if page is not None:
                page.stop()

    # -- making ----------------------------------------------------------------------------------------------------

    def _live_labeller(self, archive: "StoreArchive") -> "Labeller":
        from app.review.labeller import LiveLabeller

        return LiveLabeller(self._host, archive, lambda: self._host.history)

    def _review_page(self) -> "ReviewPage":
        if self.review is None:
            from app.review.page import ReviewPage

            self.review = ReviewPage(self._reviewer)
            self.review.compare_asked.connect(self._compare_from_review)
            self.review.said.connect(self._window.show_message)
            self._stack.addWidget(self.review)
        return self.review

    def _compare_page(self) -> "ComparePage":
        if self.compare is None:
            from app.compare.page import ComparePage

            self.compare = ComparePage()
            self.compare.said.connect(self._window.show_message)
            self._stack.addWidget(self.compare)
        return self.compare

    def _browser_page(self) -> "BrowserPage":
        if self.browser is None:
            from app.sessions.page import BrowserPage

            self.browser = BrowserPage(can_drive=self._can_drive)
            self.browser.drive_asked.connect(self._drive)
            self.browser.review_asked.connect(self._review_folders)
            self._stack.addWidget(self.browser)
        return self.browser

    # -- plots beside driving --------------------------------------------------------------------------------------

    def toggle_plots(self) -> None:
        """Show the curves of the head's path below the window, or do not."""
        self._plots_wanted = not self._plots_wanted
        if self._dock is None:
            self._dock = self._make_dock()
        self._dock.setVisible(self._plots_wanted)
        if self.plots is not None and self._plots_wanted and self._host.status is not None:
            self.plots.take_status(self._host.status)

    def _make_dock(self) -> QDockWidget:
        from app.playback.live_plots import LivePlots

        self.plots = LivePlots(self._host)
        self.plots.set_archive(self._host.archive)
        dock = QDockWidget("Plots")
        dock.setObjectName("plots")
        dock.setWidget(self.plots)
        dock.visibilityChanged.connect(self._on_dock)
        window = self._stack.window()
        if isinstance(window, QMainWindow):
            window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
            window.resizeDocks([dock], [230], Qt.Orientation.Vertical)
        return dock

    def _on_dock(self, visible: bool) -> None:
        """Its own close button counts as the key."""
        if self._dock is not None and self.mode == "drive" and self._dock.isHidden():
            self._plots_wanted = False
