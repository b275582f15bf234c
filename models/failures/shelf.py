"""Sessions that attempts are recorded into, a few in each, so that a finished one can be opened while others follow."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from core.branch_tree import BranchTree, with_branch
from core.errors import StoreBusy
from core.recorder import Recorder
from core.recording import SessionInfo
from core.step_request import Codec, Parts
from models.failures.attempt import Played, keep
from models.failures.finding import Failure

MOST: Final = 1000
"""Sessions of one name."""


class Shelf:
    """The sessions NAME-000, NAME-001, ... of a folder; the last one is gone on with where it has room."""

    def __init__(self, folder: Path, name: str, parts: Parts, size: int, known: set[tuple[str, int]]) -> None:
        """Open nothing yet.

        Args:
            folder: Where the sessions lie.
            name: What they are called.
            parts: That play the attempts.
            size: Attempts in each.
            known: (session, branch) of attempts that count; others are left from a run that was ended, and discarded.
        """
        self._folder, self._name, self._parts, self._size, self._known = folder, name, parts, size, known
        self._number = max(0, len(list(folder.glob(f"{name}-[0-9][0-9][0-9]"))) - 1)
        self._recorder: Recorder | None = None
        self._tree, self._kept = BranchTree(), 0

    def keep(self, played: Played, failure: Failure | None) -> tuple[str, int]:
        """Record an attempt; the session and the branch where it is.

        Raises:
            StudioError: it cannot be recorded.
        """
        recorder = self._recorder if self._recorder is not None else self._opened()
        numbered = played.numbered(self._tree)
        keep(recorder, numbered, failure)
        self._tree, self._kept = with_branch(self._tree, numbered.trunk), self._kept + 1
        place = recorder.archive.folder.name, numbered.trunk.id
        if self._kept >= self._size:
            self.close()
            self._number += 1
        return place

    def close(self) -> None:
        """Close the session that is open.

        Raises:
            StudioError: it cannot be written.
        """
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            recorder.close()

    def _opened(self) -> Recorder:
        """A session with room, which no other program records into."""
        for number in range(self._number, MOST):
            folder = self._folder / f"{self._name}-{number:03d}"
            try:
                recorder = Recorder(folder)
            except StoreBusy:
                continue
            tree = recorder.archive.tree()
            kept = sum((folder.name, branch.id) in self._known for branch in tree.branches.values())
            if kept >= self._size:
                recorder.close()
                continue
            self._number, self._recorder, self._tree, self._kept = number, recorder, tree, kept
            self._begin(recorder)
            return recorder
        raise StoreBusy(f"{self._folder} holds {MOST} sessions already. Name another folder with --out.")

    def _begin(self, recorder: Recorder) -> None:
        parts = self._parts
        recorder.begin(SessionInfo(parts.task.name, parts.world.spec, parts.policy.spec), Codec(parts))
        for branch in self._tree.branches.values():
            unknown = branch.parent is None and (recorder.archive.folder.name, branch.id) not in self._known
            if unknown and not branch.discarded and branch.outcome == "open":
                recorder.branch(replace(branch, discarded=True))
