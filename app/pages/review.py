"""Review as a page of a window: of the session that is open, or of sessions of the list."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from app.commands.key_words import KeyOf
from app.pages.compare import Compare
from app.pages.page import Acts, PageHost, QuietPage
from app.review.page import ReviewPage

if TYPE_CHECKING:
    from app.review.labeller import Labeller
    from core.store.archive import StoreArchive


class Review(QuietPage):
    """See app.pages.page.Page."""

    def __init__(self, host: PageHost) -> None:
        self._host = host
        self.view = ReviewPage(host.reviewer)
        self.view.compare_asked.connect(self._compare)
        self.view.said.connect(host.say)
        self._reviewed = -1
        """Steps of the session that is open when it was read for review."""

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
        """See Page.show: the session that is open, unless folders are reviewed."""
        archive = self._host.session.archive
        about_live = all(not isinstance(source, Path) for source in self.view.sources)
        if about_live and archive is not None and (archive not in self.view.sources or archive.steps != self._reviewed):
            self._reviewed = archive.steps
            self.view.load([archive], self._labeller)

    def review(self, folders: list[Path]) -> None:
        """Review sessions; the one that is open for driving through its own runtime."""
        archive = self._host.session.archive
        here = archive.folder.resolve() if archive is not None else None
        sources = [archive if archive is not None and folder.resolve() == here else folder for folder in folders]
        self._reviewed = archive.steps if archive is not None else -1
        self.view.load(sources, self._labeller)
        self._host.turn("review")

    def leave(self, target: str) -> None:
        """See Page.leave: comparing goes on with the same session, so that its folder stays locked for labels."""
        self.view.viewer.player.stop()
        if target != "compare":
            self.view.rest()

    def take_session(self) -> None:
        """See Page.take_session."""
        self._reviewed = -1
        if self.view.isVisible():
            self.show()

    def release(self, archive: "StoreArchive") -> None:
        """See Page.release."""
        if archive in self.view.sources:
            self.view.load(())

    def take_tree(self) -> None:
        """See Page.take_tree."""
        self.view.refresh()

    def stop(self) -> None:
        """See Page.stop."""
        self.view.stop()

    def _compare(self, labeller: "Labeller", branch: int) -> None:
        page = self._host.page("compare")
        if isinstance(page, Compare):
            page.compare(labeller.archive, lambda: labeller.tree, branch)
            self._host.turn("compare")

    def _labeller(self, archive: "StoreArchive") -> "Labeller":
        from app.review.labeller import LiveLabeller

        return LiveLabeller(self._host.session, archive)
