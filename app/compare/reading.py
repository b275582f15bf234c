"""What a comparison reads of a session: which branches, their columns, where they are aligned. No Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.compare.alignment import anchors, before_after, extent, four
from app.playback.tracks import Track, track_of
from app.timeline.model import labels_of
from core.branch_tree import Branch, BranchTree, Head
from core.errors import StudioError
from core.store.archive import StoreArchive

Choose = Callable[[BranchTree, dict[int, float]], Sequence[int]]
"""Tree and progress at the end of each branch -> the branches to compare, the reference first."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two to four branches, read."""

    archive: StoreArchive
    tree: BranchTree
    branches: tuple[Branch, ...]
    tracks: tuple[Track, ...]
    anchors: tuple[int, ...]
    """Node of each branch at offset 0."""
    labels: dict[int, str]
    """Of every branch of the session."""

    @property
    def extent(self) -> tuple[int, int]:
        """First and last offset at which any of them has a node."""
        return extent([track.last for track in self.tracks], self.anchors)

    @property
    def forked(self) -> bool:
        """Whether they share a past: offset 0 is a fork, not a start."""
        return any(self.anchors)


def compare(archive: StoreArchive, tree: BranchTree, choose: Choose) -> Comparison:
    """Read what is chosen.

    Raises:
        BadStore: a column is missing or torn.
    """
    chosen = choose(tree, ends(archive, tree))
    tracks = tuple(track_of(archive, tree, branch) for branch in chosen)
    branches = tuple(tree.branches[branch] for branch in chosen)
    return Comparison(archive, tree, branches, tracks, anchors(tree, chosen), labels_of(tree))


def ends(archive: StoreArchive, tree: BranchTree) -> dict[int, float]:
    """Progress at the end of every branch that has a step and can be read."""
    found = {}
    for branch in tree.branches.values():
        if branch.length > branch.fork_step:
            try:
                found[branch.id] = float(archive.column("progress", branch.id)[-1])
            except (StudioError, IndexError):
                continue
    return found


def pair_about(branch: int) -> Choose:
    """The failure that a branch is about and its best correction; where there is none, it and its parent or child.

    A branch that is alone in its episode has nothing beside it: then the newest failure of the session that has a
    correction.
    """

    def choose(tree: BranchTree, progress: dict[int, float]) -> Sequence[int]:
        pair = before_after(tree, branch, progress)
        near = pair if pair is not None else four(tree, branch, progress)[:2]
        if len(near) > 1:
            return near
        others = (before_after(tree, other, progress) for other in sorted(tree.branches, reverse=True))
        return next((found for found in others if found is not None), near)

    return choose


def four_about(branch: int) -> Choose:
    """Up to four branches worth seeing together."""
    return lambda tree, progress: four(tree, branch, progress)


def these(branches: Sequence[int]) -> Choose:
    """Exactly these."""
    return lambda tree, progress: branches


def start_of(archive: StoreArchive) -> int:
    """The branch of the head: what a comparison is about until a branch is chosen."""
    head = archive.head() or Head(0, 0)
    return head.branch
