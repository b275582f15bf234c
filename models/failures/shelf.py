"""Sessions that attempts are recorded into, a few in each.

A session is closed after every attempt, so that the window can open it meanwhile; while the window has it open,
attempts go into the next one.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from core.branch_tree import Branch, BranchTree, children
from core.errors import StoreBusy
from core.recorder import Recorder
from core.recording import SessionInfo
from core.seeds import step_seed
from core.step_request import Codec, Parts
from models.failures.attempt import Played, branch_seed, keep
from models.failures.finding import Failure

MOST: Final = 1000
"""Sessions of one name."""
DRAWS: Final = 100
"""Noises of one scene that a trunk which was cut short is looked for in."""


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

    def keep(self, played: Played, failure: Failure | None) -> tuple[str, int]:
        """Record an attempt; the session and the branch where it is.

        Raises:
            StudioError: it cannot be recorded.
        """
        recorder, tree = self._opened()
        try:
            numbered = played.numbered(tree)
            keep(recorder, numbered, failure)
        finally:
            recorder.close()
        place = recorder.archive.folder.name, numbered.trunk.id
        self._known.add(place)
        return place

    def _opened(self) -> tuple[Recorder, BranchTree]:
        """A session with room, which no other program records into, and its branches."""
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
            self._number = number
            self._begin(recorder, tree)
            return recorder, tree
        raise StoreBusy(f"{self._folder} holds {MOST} sessions already. Name another folder with --out.")

    def _begin(self, recorder: Recorder, tree: BranchTree) -> None:
        parts = self._parts
        recorder.begin(SessionInfo(parts.task.name, parts.world.spec, parts.policy.spec), Codec(parts))
        for branch in tree.branches.values():
            if (recorder.archive.folder.name, branch.id) not in self._known and _cut_short(tree, branch):
                recorder.branch(replace(branch, discarded=True))


def _cut_short(tree: BranchTree, branch: Branch) -> bool:
    """Whether a search that was ended left this trunk; an episode that an operator began has another seed."""
    if branch.parent is not None or branch.discarded or branch.outcome != "open" or children(tree, branch.id):
        return False
    if branch.id and branch.seed == step_seed(branch.scene_seed, branch.id):
        return False
    return any(branch.seed == branch_seed(branch.scene_seed, draw) for draw in range(DRAWS))
