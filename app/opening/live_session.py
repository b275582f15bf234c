"""The session that is open for driving, as the user interface knows it: newest status and tree, and a way to verbs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from app.opening.opener import Opened
from core.branch_tree import BranchTree, Head
from core.events import Status, TreeChanged
from core.history import History
from core.verbs import HandBack, Propose, Replay, Run, StepOnce, TakeOver, Verb

if TYPE_CHECKING:
    from core.recorder import Unwritten
    from core.store.archive import StoreArchive

DRIVING = Run | StepOnce | TakeOver | HandBack | Replay | Propose
"""Verbs after which the world goes on."""


class LiveSession(QObject):
    """One per window, whatever is open; with nothing open it is empty and submits nothing."""

    submitting = pyqtSignal()
    """Verbs are about to be submitted: what only looks at the past stops first."""

    stand_in = pyqtSignal(str)
    """Why the world or the policy is not the first choice: as a session opens, and before it first drives."""

    def __init__(self) -> None:
        super().__init__()
        self._stand_ins = ""
        self.opened: Opened | None = None
        """What runs; None while nothing is open."""
        self.length: Callable[[int], int] = lambda branch: 0
        """Index of the last node of a branch, steps included that no tree has listed yet."""
        self._status: Status | None = None
        self._tree = TreeChanged(BranchTree(), Head(0, 0))

    @property
    def status(self) -> Status | None:
        """The newest status; None while nothing is open or nothing was reported yet."""
        return self._status

    @property
    def tree(self) -> BranchTree:
        """The newest tree; empty while nothing is open."""
        return self._tree.tree

    @property
    def history(self) -> History:
        """What can be undone and redone."""
        return self._tree.history

    @property
    def head(self) -> Head | None:
        """Node of the newest status; None without one."""
        return self._status.head if self._status is not None else None

    @property
    def folder(self) -> Path | None:
        """Where steps are recorded; None where nothing is."""
        return self.opened.folder if self.opened is not None else None

    @property
    def archive(self) -> "StoreArchive | None":
        """Reads what is recorded; None where nothing is."""
        return self.opened.archive if self.opened is not None else None

    def unwritten(self) -> "Unwritten | None":
        """What waits in memory because the disk refuses it; None where nothing does."""
        return self.opened.unwritten() if self.opened is not None else None

    def attach(self, opened: Opened, length: Callable[[int], int]) -> None:
        """Take a session that was opened; see `length`."""
        self.opened, self.length = opened, length
        self._stand_ins = opened.parts.stand_ins
        if self._stand_ins:
            self.stand_in.emit(self._stand_ins)

    def take_status(self, status: Status) -> None:
        """Keep the newest status."""
        self._status = status

    def take_tree(self, event: TreeChanged) -> None:
        """Keep the newest tree and history."""
        self._tree = event

    def submit(self, *verbs: Verb) -> None:
        """Hand verbs to the runtime in order; ignored while nothing is open.

        With a stand-in, the first verb that lets the world go on only says why it is one.
        """
        self.submitting.emit()
        if self._stand_ins and any(isinstance(verb, DRIVING) for verb in verbs):
            self.stand_in.emit(f"{self.acknowledge_stand_in()}\nThe same command once more drives with it.")
            return
        if self.opened is not None:
            for verb in verbs:
                self.opened.runtime.submit(verb)

    def acknowledge_stand_in(self) -> str:
        """Let a stand-in drive from now on; why it is one, "" where there is none or its reason was shown before."""
        words, self._stand_ins = self._stand_ins, ""
        return words

    def detach(self) -> Opened | None:
        """Forget the session; what is returned is to be closed by the caller."""
        opened, self.opened, self._stand_ins = self.opened, None, ""
        self.length = lambda branch: 0
        self._status, self._tree = None, TreeChanged(BranchTree(), Head(0, 0))
        return opened
