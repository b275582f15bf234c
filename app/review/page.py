"""Review mode: the queue on the left, the branch that is judged beside it; every verdict is one key."""

import getpass
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.commands.key_words import KeyOf
from app.playback.background import Background, Tell
from app.review.filter_bar import FilterBar
from app.review.head import BranchHead, ReviewHead, VerdictBar
from app.review.labeller import FolderLabeller, Labeller
from app.review.loader import Loaded, load
from app.review.query import NAMED
from app.review.queue import (
    Entry,
    arranged,
    choices,
    done,
    following,
    neighbour,
    progress_words,
    refreshed,
    reviewable,
)
from app.review.queue_view import QueueView
from app.review.viewer import BranchViewer
from app.widgets import theme
from app.widgets.fitting import TEXT_CHANGES
from app.widgets.tab_focus import reach_by_tab
from core.branch_tree import Review, siblings
from core.events import Message
from core.store.archive import StoreArchive
from core.verbs import SetNote, SetReview

QUEUE_WIDTH, QUEUE_SHARE = 320, 0.34
"""Of the column at the left: pixels at text size 1, and the part of the page that it takes at most."""
Source = Path | StoreArchive
Key = tuple[Path, int]


def login() -> str:
    """The login name of the user; "" where the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # ImportError: Windows without a user's name
        return ""


class ReviewPage(QWidget):
    """Judges the branches of sessions; needs no device, no world and no policy."""

    compare_asked = pyqtSignal(object, int)
    """A labeller and a branch whose failure is to be compared with its best correction."""
    said = pyqtSignal(object)
    """A core.events.Message for the user."""
    _heard = pyqtSignal(object)

    def __init__(self, reviewer: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reviewer = login() if reviewer is None else reviewer
        self.head, self.branch_head, self.verdicts = ReviewHead(), BranchHead(), VerdictBar()
        self.filter_bar, self.queue_view, self.viewer = FilterBar(), QueueView(), BranchViewer()
        self._labellers: dict[Path, Labeller] = {}
        self._left: list[Labeller] = []
        """Labellers of sessions that are no longer shown and still have to be closed."""
        self._sources: tuple[Source, ...] = ()
        self._live: Callable[[StoreArchive], Labeller] | None = None
        self._entries: list[Entry] = []
        self._order: tuple[Entry, ...] = ()
        self._key: Key | None = None
        self._done: list[list[tuple[Labeller, Key]]] = []
        """Labels given together, oldest first; undo takes a whole entry back."""
        self._undone: list[list[tuple[Labeller, Key]]] = []
        self._reading = Background("review reader")
        self._lay_out()
        self._connect()
        self.load(())

    def _lay_out(self) -> None:
        left = self._left_column = QFrame()
        left.setObjectName("queuecolumn")
        queue = QVBoxLayout(left)
        queue.setContentsMargins(0, 0, 0, 0)
        queue.setSpacing(0)
        queue.addWidget(self.filter_bar)
        queue.addWidget(self.queue_view, 1)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.branch_head)
        right.addWidget(self.viewer, 1)
        right.addWidget(self.verdicts)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(left)
        row.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(row, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        viewer = self.viewer
        reach_by_tab(self, [self.head.reviewer, *self.filter_bar.controls, self.queue_view, *viewer.transport.controls,
                            *viewer.plots.controls, *self.verdicts.controls])  # fmt: skip

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._share_width()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Another text size; see QWidget.changeEvent."""
        super().changeEvent(event)
        if event is not None and event.type() in TEXT_CHANGES:
            self._share_width()

    def _share_width(self) -> None:
        self._left_column.setFixedWidth(min(theme.px(QUEUE_WIDTH), round(QUEUE_SHARE * max(960, self.width()))))

    def _connect(self) -> None:
        self.queue_view.picked.connect(self.select)
        self.filter_bar.changed.connect(lambda filters: self._arrange())
        self.filter_bar.field.left.connect(self.setFocus)
        self.verdicts.asked.connect(lambda name: self.acts()[name]())
        self.branch_head.noted.connect(self._write_note)
        self.branch_head.left.connect(self.setFocus)
        self.head.renamed.connect(self._rename_reviewer)
        self.head.left.connect(self.setFocus)
        self._reading.part.connect(self._take)
        self._reading.done.connect(lambda answer: self._taken())
        self._reading.failed.connect(lambda words: self.said.emit(Message("error", words)))
        self._heard.connect(self.said)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the commands of this page do, by their names."""
        return {
            **self.viewer.acts(),
            "judge_accept": lambda: self.judge("accepted"),
            "judge_reject": lambda: self.judge("rejected"),
            "judge_needs_work": lambda: self.judge("needs_work"),
            "judge_note": self._ask_note,
            "undo": self.undo,
            "redo": self.redo,
            "undo_verdict": self.undo,
            "branch_up": lambda: self._go(-1),
            "branch_down": lambda: self._go(+1),
            "sibling_up": lambda: self._go_sibling(-1),
            "sibling_down": lambda: self._go_sibling(+1),
            "next_failure": self._go_failure,
            "go_to_step": self.viewer.ask_step,
            "filter": self.filter_bar.focus,
            "before_after": self._compare,
            "plot": self.viewer.plots.next_group,
            "read_again": self.read_again,
        }

    def show_keys(self, key: KeyOf) -> None:
        """The keys of this page, wherever they are written."""
        self.verdicts.show_keys(key)
        self.filter_bar.show_keys(key)
        self.viewer.transport.show_keys(key)

    # -- what is reviewed ------------------------------------------------------------------------------------------

    @property
    def order(self) -> tuple[Entry, ...]:
        """The queue as it is seen."""
        return self._order

    @property
    def current(self) -> Entry | None:
        """The branch that is judged."""
        return next((entry for entry in self._order if entry.key == self._key), None)

    @property
    def reading(self) -> bool:
        """Whether sessions are still being read."""
        return self._reading.waiting

    def load(self, sources: Sequence[Source], live: Callable[[StoreArchive], Labeller] | None = None) -> None:
        """Review these sessions: folders, or the one that is open here, whose labeller `live` makes."""
        self._release_sessions()
        self.head.clear_banner()
        self._sources, self._live = tuple(sources), live
        self._entries, self._order, self._key = [], (), None
        self.viewer.clear("Reading the session" if len(sources) == 1 else f"Reading {len(sources)} sessions")
        todo = self._sources

        def work(tell: Tell) -> None:
            for labeller in tuple(self._left):  # written first: what is read next may be the same folder
                labeller.close()
            for source in todo:
                tell(load(source))

        if todo or self._left:
            self._reading.ask(work)
        if not todo:
            self.viewer.clear(self._nothing())
        self._show()

    def read_again(self) -> None:
        """Read the same sessions again: what another program recorded meanwhile is seen, and may be labelled."""
        self.load(self._sources, self._live)

    def refresh(self) -> None:
        """Take over the newest labels, keeping the order."""
        if not self._labellers:
            return
        fresh = []
        for entry in self._entries:
            branch = self._labellers[entry.session].tree.branches[entry.branch.id]
            if reviewable(branch, entry.statistics.steps):
                fresh.append(replace(entry, branch=branch))
        self._entries = fresh
        self._order = refreshed(self._order, fresh)
        if self.current is None and self._order:
            self.select(self._order[0].key)
        self._show()

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is reviewed."""
        return self._sources

    @property
    def holds(self) -> bool:
        """Whether a folder is locked for labels that are being written."""
        return any(labeller.holds for labeller in (*self._labellers.values(), *self._left))

    def labeller_of(self, entry: Entry) -> Labeller:
        """The labeller of a branch's session."""
        return self._labellers[entry.session]

    def rest(self) -> None:
        """The page is hidden: stop playing, and unlock the folders as soon as the labels are written."""
        self.viewer.player.stop()
        for labeller in self._labellers.values():
            labeller.rest()

    def _release_sessions(self) -> None:
        """Show no session any more; the reading thread closes them, however long their disks take."""
        self.viewer.release()
        self._left += self._labellers.values()
        self._labellers = {}
        self._done, self._undone = [], []

    def stop(self) -> None:
        """End every thread after all labels are on disk."""
        self._reading.stop()
        self._release_sessions()
        self.viewer.stop()
        while self._left:
            self._left.pop().close()

    def _take(self, loaded: Loaded) -> None:
        """One session was read."""
        if loaded.trouble:
            self.head.add_banner(loaded.trouble)
        if loaded.archive is None:
            return
        labeller: Labeller
        if self._live is not None and loaded.archive in self._sources:
            labeller = self._live(loaded.archive)
        else:
            labeller = FolderLabeller(loaded.archive, loaded.why_not, self._heard.emit)
            labeller.failed.connect(self._on_refused)
        if loaded.why_not:
            self.head.add_banner(loaded.why_not)
        self._labellers[loaded.folder] = labeller
        self._entries += [entry for entry in loaded.entries if entry.branch.id in labeller.tree.branches]

    def _taken(self) -> None:
        """All were read, and what was left is closed; it goes here, on the thread that made it."""
        self._left = [labeller for labeller in self._left if labeller.holds]
        self.filter_bar.offer({name: choices(self._entries, name) for name in NAMED})
        self._arrange()

    def _on_refused(self, words: str) -> None:
        self.said.emit(Message("error", f"The label was not kept. {words}"))
        self.refresh()

    def _arrange(self) -> None:
        """Filter and order anew; stay where it is possible."""
        self._order = arranged(self._entries, self.filter_bar.filters)
        if self.current is None:
            self._key = self._order[0].key if self._order else None
        self._look()

    # -- going about -----------------------------------------------------------------------------------------------

    def select(self, key: Key) -> None:
        """Look at a branch."""
        self._key = key
        self._look()

    def _look(self) -> None:
        entry = self.current
        if entry is None:
            self.viewer.clear("" if self.reading else self._nothing())
        else:
            labeller = self._labellers[entry.session]
            self.viewer.show_branch(labeller.archive, labeller.tree, entry.branch.id)
        self._show()

    def _nothing(self) -> str:
        """Why there is no branch to look at, and what helps."""
        if self._entries:
            return "No branch passes the filter."
        if self._labellers:
            return "There is nothing to review here: no branch holds a step yet."
        return "No session is open for review. The page Sessions lists those of a folder and opens them here."

    def _go(self, direction: int) -> None:
        entry = neighbour(self._order, self._key, direction)
        if entry is not None:
            self.select(entry.key)

    def _go_sibling(self, direction: int) -> None:
        entry = self.current
        if entry is None:
            return
        near = {b.id for b in siblings(self._labellers[entry.session].tree, entry.branch.id)}
        line = sorted((e for e in self._order if e.session == entry.session and e.branch.id in near),
                      key=lambda e: e.branch.id)  # fmt: skip
        found = neighbour(line, entry.key, direction)
        if found is not None:
            self.select(found.key)

    def _go_failure(self) -> None:
        keys = [entry.key for entry in self._order]
        at = keys.index(self._key) if self._key in keys else -1
        around = [*self._order[at + 1 :], *self._order[: at + 1]]
        found = next((e for e in around if e.branch.outcome in ("failure", "timeout")), None)
        if found is not None:
            self.select(found.key)

    def _compare(self) -> None:
        entry = self.current
        if entry is not None:
            self.viewer.player.stop()
            self.compare_asked.emit(self._labellers[entry.session], entry.branch.id)

    # -- labels ----------------------------------------------------------------------------------------------------

    def judge(self, review: Review) -> None:
        """Give the selected branches a verdict and go to the next one that has none."""
        entries = self._selected()
        if not entries or not all(self._may_label(entry) for entry in entries):
            return
        self._label([(entry, SetReview(review, entry.branch.id, self.reviewer)) for entry in entries])
        found = following(self._order, entries[-1].key)
        if found is not None:
            self._key = found.key
        self._look()

    def undo(self) -> None:
        """Take the last verdict or note of this review back, and look at its branch."""
        self._again(self._done, self._undone, lambda labeller: labeller.undo() if labeller.undo_label else None)

    def redo(self) -> None:
        """Do it once more."""
        self._again(self._undone, self._done, lambda labeller: labeller.redo() if labeller.redo_label else None)

    def _again(
        self,
        source: list[list[tuple[Labeller, Key]]],
        target: list[list[tuple[Labeller, Key]]],
        act: Callable[[Labeller], None],
    ) -> None:
        if not source:
            return
        together = source.pop()[::-1]
        target.append(together)
        for labeller, _ in together:
            act(labeller)
        self._key = together[-1][1]
        self.refresh()
        self._look()

    def _may_label(self, entry: Entry) -> bool:
        why_not = self._labellers[entry.session].why_not
        if why_not:
            self.said.emit(Message("warning", why_not))
        return not why_not

    def _selected(self) -> list[Entry]:
        """The entries that a verdict is for: those selected in the queue, else the one that is looked at."""
        keys = self.queue_view.selected
        if self._key not in keys:
            return [entry for entry in self._order if entry.key == self._key]
        return [entry for entry in self._order if entry.key in keys]

    def _label(self, verbs: Sequence[tuple[Entry, SetReview | SetNote]]) -> None:
        """Give labels together."""
        kept = [
            (entry, self._labellers[entry.session])
            for entry, verb in verbs
            if self._labellers[entry.session].label(verb)
        ]
        if kept:
            self._done.append([(labeller, entry.key) for entry, labeller in kept])
            self._undone.clear()
            self.refresh()

    def _ask_note(self) -> None:
        entry = self.current
        if entry is not None and self._may_label(entry):
            self.branch_head.ask_note(entry.branch.note)

    def _write_note(self, text: str) -> None:
        entry = self.current
        if entry is not None and text != entry.branch.note:
            self._label([(entry, SetNote(text, entry.branch.id))])
        self.setFocus()

    def _rename_reviewer(self, name: str) -> None:
        self.reviewer = name
        self.setFocus()

    # -- what is seen ----------------------------------------------------------------------------------------------

    def _show(self) -> None:
        entry = self.current
        self.queue_view.show_order(self._order, self._key)
        words = "Reading…" if self.reading else progress_words(self._order)
        hidden = len(self._entries) - len(self._order)
        part = done(self._order) / len(self._order) if self._order else 0.0
        self.head.show_progress(words, part, f"{hidden} hidden by the filter" if hidden else "")
        session = entry.session if entry is not None else next(iter(self._labellers), None)
        self.head.show_place(session.name if session is not None else "", len(self._labellers), self.reviewer)
        self.branch_head.show_entry(entry)
        may = entry is not None and not self._labellers[entry.session].why_not
        self.verdicts.show_state(entry.branch.review if entry is not None else None, may=may,
                                 undo=bool(self._done), complete=bool(self._order) and part == 1.0)  # fmt: skip
