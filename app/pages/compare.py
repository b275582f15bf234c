"""Comparison as a page of a window: of the branch that is reviewed, else of the head's."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from app.commands.key_words import KeyOf
from app.compare.page import ComparePage
from app.pages.page import Acts, PageHost, QuietPage
from app.review.page import ReviewPage
from core.branch_tree import BranchTree

if TYPE_CHECKING:
    from core.store.archive import StoreArchive


class Compare(QuietPage):
    """See app.pages.page.Page."""

    def __init__(self, host: PageHost) -> None:
        self._host = host
        self.view = ComparePage()
        self.view.said.connect(host.say)

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
        """See Page.show: the session of the branch that is reviewed, else the one that is open for driving."""
        session, review = self._host.session, self._host.made("review")
        view = review.widget if review is not None else None
        entry = view.current if isinstance(view, ReviewPage) else None
        if isinstance(view, ReviewPage) and entry is not None:
            labeller = view.labeller_of(entry)
            if self.view.archive is not labeller.archive:
                self.compare(labeller.archive, lambda: labeller.tree, entry.branch.id)
        elif session.archive is not None and self.view.archive is not session.archive:
            head = session.head
            self.compare(session.archive, lambda: session.tree, head.branch if head is not None else None)

    def compare(self, archive: "StoreArchive", tree: Callable[[], BranchTree], branch: int | None) -> None:
        """Compare what a branch is about: its failure and the best correction."""
        self.view.set_subject(archive, tree)
        self.view.before_after(branch)

    def leave(self, target: str) -> None:
        """See Page.leave."""
        self.view.player.stop()

    def release(self, archive: "StoreArchive") -> None:
        """See Page.release."""
        if self.view.archive is archive:
            self.view.release()

    def stop(self) -> None:
        """See Page.stop."""
        self.view.stop()
