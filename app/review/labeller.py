"""Puts verdicts and notes on the branches of one session, and takes them back.

Two implementations: the session that is open for driving takes verbs, as from any key; a folder needs no world, no
policy and no device: a recorder on a separate thread writes its labels, and locks the folder from the first label to
the end of the review.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from app.opening.live_session import LiveSession
from core.branch_tree import BranchTree, Head
from core.edits import Edit, edit_of, relabelled
from core.errors import IllegalVerb, StudioError
from core.events import Message
from core.history import Change, History, changed
from core.recorder import Recorder
from core.store.archive import StoreArchive, open_archive
from core.verbs import Redo, SetNote, SetReview, Undo, Verb

log = logging.getLogger(__name__)

REVIEWED = frozenset({"review", "reviewer", "note"})
"""The fields of a branch that a reviewer edits, and may take back without touching anything else."""


class Labeller(Protocol):
    """One session under review."""

    @property
    def folder(self) -> Path:
        """Where it is."""

    @property
    def archive(self) -> StoreArchive:
        """Reads what is recorded."""

    @property
    def tree(self) -> BranchTree:
        """With the newest labels."""

    @property
    def why_not(self) -> str:
        """Why nothing can be labelled, in words; "" where it can."""

    @property
    def undo_label(self) -> str:
        """What Undo would take back, "" where the last edit is not a reviewer's."""

    @property
    def redo_label(self) -> str:
        """What Redo would do again."""

    def label(self, verb: SetReview | SetNote) -> bool:
        """Put a verdict or a note on the branch that the verb names; whether that changes anything."""

    def undo(self) -> None:
        """Take the last verdict or note back."""

    def redo(self) -> None:
        """Do the last one that was taken back again."""

    @property
    def holds(self) -> bool:
        """Whether the folder is locked for labels that are being written."""

    def rest(self) -> None:
        """Write what was labelled and unlock the folder, without waiting for it; another label locks it again."""

    def close(self) -> None:
        """Write all labels to disk and unlock the folder. Idempotent."""


def own(edit: Edit | None) -> str:
    """The label of an edit of the history where a reviewer made it, else ""."""
    return edit.label if edit is not None and edit.labels and edit.labels <= REVIEWED else ""


class LiveLabeller:
    """The session that is open for driving: verbs go to its runtime."""

    def __init__(self, session: LiveSession, archive: StoreArchive) -> None:
        self._session = session
        self._submitted_at: History | None = None
        """The history when the last label was submitted: until another one comes, that label is on its way."""
        self.archive = archive

    @property
    def folder(self) -> Path:
        """See Labeller."""
        return self.archive.folder

    @property
    def tree(self) -> BranchTree:
        """See Labeller."""
        return self._session.tree

    @property
    def why_not(self) -> str:
        """See Labeller: this program holds the session."""
        return ""

    @property
    def undo_label(self) -> str:
        """See Labeller."""
        history = self._session.history
        return "review " if history is self._submitted_at else own(history.next_undo)

    @property
    def redo_label(self) -> str:
        """See Labeller."""
        return own(self._session.history.next_redo)

    def label(self, verb: SetReview | SetNote) -> bool:
        """See Labeller."""
        if edit_of(self.tree, Head(0, 0), verb) is None:
            return False
        self._submitted_at = self._session.history
        self._session.submit(verb)
        return True

    def undo(self) -> None:
        """See Labeller."""
        if self.undo_label:
            self._submitted_at = None
            self._session.submit(Undo())

    def redo(self) -> None:
        """See Labeller."""
        if self.redo_label:
            self._session.submit(Redo())

    @property
    def holds(self) -> bool:
        """See Labeller: the session locks its folder, not the labeller."""
        return False

    def rest(self) -> None:
        """See Labeller: there is nothing to release."""

    def close(self) -> None:
        """See Labeller: the session stays open."""


class FolderLabeller(QObject):
    """A session that is not open: labels are shown at once and written on another thread."""

    failed = pyqtSignal(str)
    """A label could not be written, in words; the tree is what is on disk again."""
    _refused = pyqtSignal(str, object, object)
    """Words, tree, history; from the writing thread."""

    def __init__(self, archive: StoreArchive, why_not: str = "", tell: Callable[[Message], None] | None = None) -> None:
        super().__init__()
        self.archive, self.folder, self.why_not = archive, archive.folder, why_not
        self.tree, self._history = archive.tree(), archive.history()
        self._tell = tell or (lambda message: None)
        self._recorder: Recorder | None = None
        self._closed = False
        self._writer = ThreadPoolExecutor(1, f"labels of {self.folder.name}")
        self._newest: Future[None] | None = None
        """The newest task of the writing thread."""
        self._refused.connect(self._go_back)

    @property
    def undo_label(self) -> str:
        """See Labeller."""
        return own(self._history.next_undo)

    @property
    def redo_label(self) -> str:
        """See Labeller."""
        return own(self._history.next_redo)

    def label(self, verb: SetReview | SetNote) -> bool:
        """See Labeller."""
        edit = edit_of(self.tree, self._head(), verb)
        if edit is None or self.why_not:
            return False
        self._apply(Change("do", edit), verb)
        return True

    def undo(self) -> None:
        """See Labeller."""
        if self.undo_label:
            self._apply(Change("undo"), Undo())

    def redo(self) -> None:
        """See Labeller."""
        if self.redo_label:
            self._apply(Change("redo"), Redo())

    @property
    def holds(self) -> bool:
        """See Labeller: a label that waits to be written counts."""
        waits = (
            self._newest is not None and not self._newest.done()
        )  # read first: a finished task may have left a recorder
        return waits or self._recorder is not None

    def rest(self) -> None:
        """See Labeller."""
        self._newest = self._writer.submit(self._close_recorder)

    def close(self) -> None:
        """See Labeller. Waits for the writing thread: labels are small."""
        if self._closed:
            return
        self._closed = True
        self._newest = self._writer.submit(self._close_recorder)
        self._writer.shutdown(wait=True)

    def _head(self) -> Head:
        return self.archive.head() or Head(0, 0)

    def _apply(self, change: Change, verb: Verb) -> None:
        self.tree, self._history = after(self.tree, self._history, change)
        self._newest = self._writer.submit(self._write, change, verb)

    def _go_back(self, words: str, tree: BranchTree, history: History) -> None:
        self.tree, self._history = tree, history
        self.failed.emit(words)

    # On the writing thread.

    def _write(self, change: Change, verb: Verb) -> None:
        try:
            recorder = self._opened()
            now, history = recorder.archive.tree(), recorder.archive.history()
            then, _ = after(now, history, change)
            for branch in then.branches.values():
                if branch is not now.branches[branch.id]:
                    recorder.branch(branch)
            recorder.verb(verb)
            recorder.edited(change)
            if not recorder.flush(10.0):
                recorder.check()  # raises the error of the last write
                raise IllegalVerb(f"{self.folder} takes longer than ten seconds to write a label. Is its disk asleep?")
        except StudioError as error:
            self._refuse(str(error))
        except Exception as error:  # no other code reports an exception of this thread
            log.exception("a label was not written")
            self._refuse(f"Writing failed ({type(error).__name__}: {error}). See the log.")

    def _opened(self) -> Recorder:
        """The recorder, with whatever another program labelled since the archive was read."""
        if self._recorder is None:
            self._recorder = Recorder(self.folder, self._tell)
        return self._recorder

    def _refuse(self, words: str) -> None:
        try:
            there = self._recorder.archive if self._recorder is not None else open_archive(self.folder)
            self._refused.emit(words, there.tree(), there.history())
        except (StudioError, OSError) as error:
            self._refused.emit(f"{words} {error}", self.archive.tree(), self.archive.history())

    def _close_recorder(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        try:
            recorder.close()
        except (StudioError, OSError) as error:
            self._tell(Message("error", str(error)))
            recorder.abandon()
        self._recorder = None


def after(tree: BranchTree, history: History, change: Change) -> tuple[BranchTree, History]:
    """Tree and history after a change; undo and redo with nothing to take change nothing."""
    match change.move:
        case "do":
            edit = change.edit
        case "undo":
            edit = history.done[-1].reversed() if history.done else None
        case "redo":
            edit = history.undone[-1] if history.undone else None
    return (tree if edit is None else relabelled(tree, edit)), changed(history, change)
