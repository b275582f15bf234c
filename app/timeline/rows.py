"""Which branch is on which row of the timeline. A new branch is put in without a look at the others. No Qt."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import Branch

HIDDEN: Final = -1
"""The row of a branch that is not shown, and the anchor of one that hangs on nothing."""


class Rows:
    """Trunk first, then what is pinned, then each branch above its children, siblings by age; the trash last."""

    def __init__(self) -> None:
        self.order: NDArray[np.int64] = np.zeros(0, np.int64)
        """(R,) branch of each row."""
        self.anchor: NDArray[np.int64] = np.zeros(0, np.int64)
        """(R,) the nearest shown ancestor of each row's branch; HIDDEN for a trunk."""
        self._row: NDArray[np.int64] = np.full(64, HIDDEN, np.int64)
        self._children: dict[int, list[int]] = {}
        self._branches: dict[int, Branch] = {}
        self._trunks: dict[int, list[int]] = {}
        self._lead = 0  # rows of trunk and pinned branches, where any is pinned

    def __len__(self) -> int:
        return len(self.order)

    def row(self, branch: int) -> int:
        """The row of a branch, HIDDEN where it has none."""
        return int(self._row[branch]) if 0 <= branch < len(self._row) else HIDDEN

    def rows(self, branches: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of shown branches; HIDDEN stays HIDDEN."""
        return np.where(branches >= 0, self._row[branches], HIDDEN)

    def siblings(self, branch: int) -> list[int]:
        """Branches of the same parent, itself included, by age."""
        parent = self._branches[branch].parent
        return self._trunks[self._branches[branch].episode] if parent is None else self._children[parent]

    def forks_of(self, branch: int) -> list[int]:
        """Nodes of a branch from which shown branches grow."""
        return [self._branches[c].fork_step for c in self._children.get(branch, ()) if self.row(c) != HIDDEN]

    def know(self, branch: Branch) -> bool:
        """Take a new or changed branch; whether the order must be made anew for it."""
        before = self._branches.get(branch.id)
        self._branches[branch.id] = branch
        if before is not None:
            return _place(before) != _place(branch)
        if branch.parent is None:
            self._trunks.setdefault(branch.episode, []).append(branch.id)
        else:
            self._children.setdefault(branch.parent, []).append(branch.id)
        return _place(branch) != (False, False, False)

    def insert(self, branch: Branch) -> int | None:
        """Show a branch that is the youngest of all; its row, None where the order must be made anew."""
        parent = branch.parent
        above = self._row_above(parent) if parent is not None else HIDDEN
        if above == HIDDEN:
            return None
        row = max(above + 1, self._lead)
        self._reserve(branch.id + 1)
        self._row[self._row >= row] += 1
        self._row[branch.id] = row
        self.order = np.insert(self.order, row, branch.id)
        self.anchor = np.insert(self.anchor, row, self._anchor(branch))
        return row

    def arrange(self, episode: int | None, *, trash: bool, hidden: bool, kept: int | None = None) -> None:
        """Make the order of an episode anew; `kept` is a branch that is shown although it is hidden."""
        family = self._family(self._trunks.get(episode, []) if episode is not None else [])
        shown = [b for b in family if not b.discarded and (hidden or not b.hidden or b.parent is None or b.id == kept)]
        trunks = [b for b in shown if b.parent is None]
        pinned = [b for b in shown if b.parent is not None and b.pinned]
        rest = [b for b in shown if b.parent is not None and not b.pinned]
        gone = [b for b in family if b.discarded] if trash else []
        self._lead = len(trunks) + len(pinned) if pinned else 0
        self._set([*trunks, *pinned, *rest, *gone])

    def _set(self, branches: list[Branch]) -> None:
        self._row[:] = HIDDEN
        self._reserve(1 + max((b.id for b in branches), default=0))
        self.order = np.array([b.id for b in branches], np.int64)
        self._row[self.order] = np.arange(len(branches))
        self.anchor = np.array([self._anchor(b) for b in branches], np.int64)

    def _family(self, roots: Iterable[int]) -> list[Branch]:
        """Each branch above its children."""
        found: list[Branch] = []
        stack = list(roots)[::-1]
        while stack:
            branch = stack.pop()
            found.append(self._branches[branch])
            stack.extend(reversed(self._children.get(branch, ())))
        return found

    def _row_above(self, parent: int) -> int:
        """The row below which the youngest child of a branch comes; HIDDEN where nothing above it is shown.

        The parent itself may be discarded, hidden or pinned: then it is whatever comes before it in the order.
        """
        at: int | None = parent
        row = self._last_row(parent)
        while row == HIDDEN and at is not None:
            siblings = self.siblings(at)
            older = reversed(siblings[: siblings.index(at)])
            row = next((found for found in map(self._last_row, older) if found != HIDDEN), HIDDEN)
            at = self._branches[at].parent
            if row == HIDDEN and at is not None and self._plain(at):
                row = self.row(at)
        return row

    def _last_row(self, branch: int) -> int:
        """The lowest row in the family of a branch, of those in their usual place; HIDDEN where there is none."""
        stack = [(branch, False)]
        while stack:
            at, seen = stack.pop()
            children = self._children.get(at)
            if children and not seen:
                stack.append((at, True))
                stack.extend((child, False) for child in children)
            elif self._plain(at):
                return self.row(at)
        return HIDDEN

    def _plain(self, branch: int) -> bool:
        """Whether a branch is shown in its usual place: below its parent, or as a trunk."""
        at = self._branches[branch]
        return self.row(branch) != HIDDEN and not at.discarded and (not at.pinned or at.parent is None)

    def _anchor(self, branch: Branch) -> int:
        parent = branch.parent
        while parent is not None and self._row[parent] == HIDDEN:
            parent = self._branches[parent].parent
        return HIDDEN if parent is None else parent

    def _reserve(self, count: int) -> None:
        if count > len(self._row):
            more = np.full(max(count, 2 * len(self._row)) - len(self._row), HIDDEN, np.int64)
            self._row = np.concatenate([self._row, more])


def _place(branch: Branch) -> tuple[bool, bool, bool]:
    """What decides the row of a branch besides its parent."""
    return branch.discarded, branch.pinned, branch.hidden
