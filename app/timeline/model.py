"""What the timeline shows, without a screen: lanes of the branches, columns of their steps, markers, the head.

Nothing here looks at all steps, and only what changes the order of the lanes looks at all branches: a session of a
million steps in ten thousand branches takes one more step at the same cost as the first one.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from app.timeline.rows import HIDDEN, Rows
from app.timeline.thumbnails import Thumbnails
from app.timeline.tracks import CODES, DISK, MEMORY, NOWHERE, Track
from core.branch_tree import AUTOMATIC, Branch, Branches, BranchTree, Head, Marker
from core.events import Status, Stepped, TreeChanged

REMEMBERED = 512
"""Changes of single branches that are kept; for older ones touched_since() reports that anything may have changed."""
PATHS = 64
"""Paths from a root to a branch that are kept."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the timeline."""

    branch: int
    label: str
    """Short and stable: A for the trunk of the first episode, A1, A2 .. for its branches in order of creation."""
    colour: int
    """Number of its colour; the palette is cycled by it. Without a choice, the branch's number in its episode."""
    parent_row: int | None
    """Row of the lane that it forks from; None for a trunk."""
    discarded: bool


class Lanes(Sequence[Lane]):
    """The rows of a model, each made when it is asked for."""

    def __init__(self, model: "TimelineModel") -> None:
        self._model = model

    def __len__(self) -> int:
        return len(self._model.rows)

    @overload
    def __getitem__(self, at: int) -> Lane: ...
    @overload
    def __getitem__(self, at: slice) -> list[Lane]: ...
    def __getitem__(self, at: int | slice) -> Lane | list[Lane]:
        if isinstance(at, slice):
            return [self._model.lane(row) for row in range(*at.indices(len(self)))]
        return self._model.lane(range(len(self))[at])


@dataclass(frozen=True, slots=True)
class Path:
    """Who owns the nodes from a root through a branch: owners[i] the nodes from starts[i] on."""

    starts: tuple[int, ...]
    owners: tuple[int, ...]

    def owner(self, node: int) -> int:
        """The branch that stepped to a node."""
        return self.owners[max(0, bisect_right(self.starts, node) - 1)]


def episode_letter(position: int) -> str:
    """0 -> A .. 25 -> Z, 26 -> AA."""
    letters = ""
    position += 1
    while position > 0:
        position, digit = divmod(position - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


class TimelineModel:
    """Fed with events on one thread; a view subscribes and asks what changed since it last drew."""

    def __init__(self, dt: float = 0.1) -> None:
        self.dt = dt
        """Seconds of world time per step."""
        self.revision = 0
        """Grows with every change of what is drawn below the cursor."""
        self.head: Head | None = None
        self.tree = BranchTree()
        self.episode: int | None = None
        """The one that is shown."""
        self.thumbnails = Thumbnails()
        self.shows_trash = False
        self.shows_hidden = False
        self.rows = Rows()
        self.order_revision = 0
        """The revision in which lanes were last put in another order, or other ones shown."""
        self._tracks: dict[int, Track] = {}
        self._lengths = np.zeros(64, np.int64)
        self._forks = np.zeros(64, np.int64)
        self._labels: dict[int, str] = {}
        self._numbers: dict[int, int] = {}
        self._per_episode: dict[int, list[int]] = {}
        self._steps = self._longest = 0
        self._gone: dict[int, int] = {}
        self._out_of_sight: dict[int, int] = {}
        self._changes: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)
        self._forgotten = 0
        self._paths: dict[int, Path] = {}
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call a listener after every change, on the thread that feeds the model."""
        self._listeners.append(listener)

    def touched_since(self, revision: int) -> set[int] | None:
        """Branches of which steps or words changed after a revision; None where anything may have."""
        if revision < self._forgotten:
            return None
        return {branch for at, branch in self._changes if at > revision}

    # Events

    def tree_changed(self, event: TreeChanged) -> None:
        """Take a new tree and head."""
        changed, self.tree = changes(self.tree, event.tree), event.tree
        anew, new = False, []
        for branch in changed:
            if branch.id not in self._labels:
                self._welcome(branch)
                new.append(branch)
            anew = self._take(branch) or anew
        anew = self._follow(event.head) or anew
        if anew or not all(self._insert(b) for b in new if b.episode == self.episode):
            self._arrange()
        elif new:
            self._reordered()
        else:
            for branch in changed:
                self._touch(branch.id)
        self.tell()

    def stepped(self, event: Stepped) -> None:
        """Append one step."""
        branch = self.tree.branches.get(event.branch)
        start = branch.fork_step if branch is not None else event.index
        track = self._tracks.get(event.branch)
        if track is None:
            track = self._tracks[event.branch] = Track(start)
        track.put(event.index, CODES[event.source], event.trust, event.progress, MEMORY)
        node = event.index + 1
        self._grow(event.branch, node)
        self._keep_picture(event.branch, node, event.observation.frames, pinned=node == start + 1)
        self._touch(event.branch)
        self.tell()

    def status(self, status: Status) -> None:
        """Follow the head; the start of an episode brings its first picture."""
        moved = status.head != self.head
        if status.head.index == 0 and self.thumbnails.at(status.head.branch, 0) is None:
            self._keep_picture(status.head.branch, 0, status.observation.frames, pinned=True)
            self._touch(status.head.branch)
        if moved:
            if self._follow(status.head):
                self._arrange()
            self.tell()

    def kept(self, branch: int, node: int, *, in_memory: bool) -> None:
        """The state of a node moved between memory and disk; tell() notifies the listeners."""
        if branch in self._tracks and node > 0:
            self._tracks[branch].keep(node - 1, MEMORY if in_memory else DISK)
            self._touch(branch)

    def load_steps(
        self, branch: int, source: NDArray[np.uint8], trust: NDArray[np.float32], progress: NDArray[np.float32]
    ) -> None:
        """Give the columns (N,) of a branch of a reopened session; refresh() notifies the listeners when all are given.

        `source` is as in app.timeline.tracks.CODES.
        """
        found = self.tree.branches[branch]
        self._tracks.setdefault(branch, Track(found.fork_step)).load(source, trust, progress, DISK)
        self._grow(branch, found.fork_step + len(source))

    def refresh(self) -> None:
        """Have everything drawn anew."""
        self._reordered()
        self.tell()

    def add_thumbnail(self, branch: int, node: int, frames: Mapping[str, NDArray[np.uint8]]) -> None:
        """Give the pictures of a node, {camera: (H, W, 3)}, for example of a reopened session."""
        self.thumbnails.look(branch, node, list(frames.values()))
        self._touch(branch)
        self.tell()

    def show_episode(self, episode: int) -> None:
        """Show another episode; the head stays where it is."""
        if episode in self._per_episode and episode != self.episode:
            self.episode = episode
            self._arrange()
            self.tell()

    def show_trash(self, on: bool) -> None:
        """Show discarded branches or fold them away."""
        self.shows_trash = on
        self._arrange()
        self.tell()

    def show_hidden(self, on: bool) -> None:
        """Show hidden branches or leave them out."""
        self.shows_hidden = on
        self._arrange()
        self.tell()

    # What is drawn

    @property
    def lanes(self) -> Lanes:
        """Of the shown episode, top to bottom: trunk first, then what is pinned, children under their parent, trash."""
        return Lanes(self)

    def lane(self, row: int) -> Lane:
        """One row."""
        branch, anchor = int(self.rows.order[row]), int(self.rows.anchor[row])
        found = self.tree.branches[branch]
        parent = self.rows.row(anchor)
        return Lane(
            branch, self._labels[branch], self.colour(branch), None if parent == HIDDEN else parent, found.discarded
        )

    def colour(self, branch: int) -> int:
        """Number of a branch's colour; the palette is cycled by it."""
        found = self.tree.branches.get(branch)
        own = found.color if found is not None else AUTOMATIC
        return own if own != AUTOMATIC else self._numbers.get(branch, 0)

    @property
    def discarded(self) -> int:
        """Discarded branches of the shown episode."""
        return self._gone.get(-1 if self.episode is None else self.episode, 0)

    @property
    def hidden(self) -> int:
        """Hidden branches of the shown episode."""
        return self._out_of_sight.get(-1 if self.episode is None else self.episode, 0)

    def episodes(self) -> list[int]:
        """Numbers of all episodes, in order."""
        return sorted(self._per_episode)

    def trunk(self) -> Branch | None:
        """The trunk of the shown episode."""
        members = self._per_episode.get(-1 if self.episode is None else self.episode)
        return self.tree.branches[members[0]] if members else None

    def branch(self, branch: int) -> Branch:
        """A branch of the tree."""
        return self.tree.branches[branch]

    def length(self, branch: int) -> int:
        """Index of the last node, including steps that the tree does not hold yet."""
        return int(self._lengths[branch]) if 0 <= branch < len(self._lengths) else 0

    def forks(self, branches: NDArray[np.int64]) -> NDArray[np.int64]:
        """The fork steps of branches."""
        return self._forks[branches]

    def steps(self) -> int:
        """Steps of the whole session."""
        return self._steps

    def longest(self) -> int:
        """Index of the last node over all lanes."""
        return self._longest

    def track(self, branch: int) -> Track:
        """The columns of a branch; empty where no step is known."""
        track = self._tracks.get(branch)
        return track if track is not None else Track(self.branch(branch).fork_step)

    def lane_of(self, head: Head) -> int:
        """The branch on whose lane a head is drawn: its own where it holds no step yet, else the node's owner."""
        empty = head.index == self.length(head.branch) == self.branch(head.branch).fork_step
        return head.branch if empty else self.owner(head.branch, head.index)

    def label(self, branch: int) -> str:
        """Short name of any branch: A, A1, B."""
        return self._labels.get(branch, "?")

    def row(self, branch: int) -> int | None:
        """The lane of a branch; None where it is not shown."""
        row = self.rows.row(branch)
        return None if row == HIDDEN else row

    @property
    def followed(self) -> int | None:
        """The branch whose path film and ruler show: the head's, else the trunk of the shown episode."""
        if self.head is not None and self.row(self.head.branch) is not None:
            return self.head.branch
        return int(self.rows.order[0]) if len(self.rows) else None

    def path(self, branch: int) -> Path:
        """Who owns the nodes from the root through a branch. Neither parents nor forks ever change."""
        found = self._paths.get(branch)
        if found is None:
            found = path_of(self.tree, branch)
            if branch in self.tree.branches:
                self._paths[branch] = found
            if len(self._paths) > PATHS:
                self._paths.pop(next(iter(self._paths)))
        return found

    def owner(self, branch: int, node: int) -> int:
        """The branch that stepped to a node of the path from the root through `branch`."""
        return self.path(branch).owner(node)

    def ancestors(self, branch: int | None) -> set[int]:
        """A branch and the branches that it grew from; empty for None."""
        found: set[int] = set()
        while branch is not None and branch in self.tree.branches:
            found.add(branch)
            branch = self.tree.branches[branch].parent
        return found

    def picture(self, branch: int, node: int) -> tuple[int, NDArray[np.uint8]] | None:
        """(node, thumbnail of all cameras side by side) nearest to a node of the path through `branch`."""
        path = self.path(branch)
        exact = self.thumbnails.at(path.owner(node), node)
        if exact is not None:
            return node, exact
        at = max(0, bisect_right(path.starts, node) - 1)
        for owner in path.owners[at::-1]:
            found = self.thumbnails.nearest(owner, node)
            if found is not None:
                return found
        return None

    def step_source(self, branch: int, node: int) -> int:
        """Who drove the step to a node of the path: UNKNOWN, POLICY, REPLAY or OPERATOR."""
        return int(self._value(branch, node, "source", 0))

    def trust(self, branch: int, node: int) -> float:
        """Trust of the step to a node of the path; NaN where unknown."""
        return float(self._value(branch, node, "trust", np.nan))

    def progress(self, branch: int, node: int) -> float:
        """Progress at a node of the path; NaN where unknown."""
        return float(self._value(branch, node, "progress", np.nan))

    def place(self, branch: int, node: int) -> int:
        """Where the state of a node is: NOWHERE, MEMORY or DISK."""
        return int(self._value(branch, node, "kept", NOWHERE))

    def markers(self, branch: int) -> list[tuple[int, Marker]]:
        """(owner, marker) of the path from the root through `branch`, in order of time."""
        path, found = self.path(branch), []
        ends = (*path.starts[1:], self.length(branch) + 1)
        for owner, start, end in zip(path.owners, path.starts, ends, strict=True):
            marked = self.tree.branches.get(owner)
            found += [(owner, m) for m in (marked.markers if marked is not None else ()) if start <= m.index < end]
        return sorted(found, key=lambda pair: pair[1].index)

    def markers_at(self, branch: int, node: int) -> list[Marker]:
        """Markers of a node of the path through `branch`."""
        owner = self.tree.branches.get(self.owner(branch, node))
        return [m for m in owner.markers if m.index == node] if owner is not None else []

    # Inside

    def _welcome(self, branch: Branch) -> None:
        """A name and a number for a new branch."""
        members = self._per_episode.setdefault(branch.episode, [])
        self._numbers[branch.id] = number = len(members)
        members.append(branch.id)
        letter = episode_letter(len(self._per_episode) - 1) if not number else self._labels[members[0]]
        self._labels[branch.id] = letter + (str(number) if number else "")
        count = branch.id + 1
        if count > len(self._lengths):
            more = np.zeros(max(count, 2 * len(self._lengths)) - len(self._lengths), np.int64)
            self._lengths, self._forks = np.append(self._lengths, more), np.append(self._forks, more)
        self._forks[branch.id] = self._lengths[branch.id] = branch.fork_step

    def _take(self, branch: Branch) -> bool:
        """Labels of a branch; whether the lanes must be put in order anew."""
        self._grow(branch.id, branch.length)
        moved = self.rows.know(branch)
        if moved:
            members = [self.tree.branches[b] for b in self._per_episode[branch.episode]]
            self._gone[branch.episode] = sum(b.discarded for b in members)
            self._out_of_sight[branch.episode] = sum(b.hidden and not b.discarded for b in members)
        return moved and branch.episode == self.episode

    def _insert(self, branch: Branch) -> bool:
        if self.rows.insert(branch) is None:
            return False
        self._longest = max(self._longest, self.length(branch.id))
        return True

    def _grow(self, branch: int, node: int) -> None:
        more = node - self.length(branch)
        if more > 0 and branch in self._labels:
            self._lengths[branch] = node
            self._steps += more
            if self.rows.row(branch) != HIDDEN:
                self._longest = max(self._longest, node)

    def _value(self, branch: int, node: int, column: str, unknown: float) -> float:
        track = self._tracks.get(self.owner(branch, node))
        if track is None or not track.start < node <= track.end:
            return unknown
        return float(getattr(track, column)[node - 1 - track.start])

    def _keep_picture(self, branch: int, node: int, frames: Mapping[str, NDArray[np.uint8]], *, pinned: bool) -> None:
        if frames:
            self.thumbnails.add(branch, node, list(frames.values()), pinned=pinned)

    def _follow(self, head: Head) -> bool:
        """Move the head; another episode's head brings its episode to the front. Whether lanes come or go by it.

        The head's branch is always shown, hidden or not.
        """
        shown = self.episode
        before = self.tree.branches.get(self.head.branch) if self.head is not None else None
        self.head = head
        branch = self.tree.branches.get(head.branch)
        if branch is not None and (before is None or before.episode != branch.episode):
            self.episode = branch.episode
        turned = before is not branch and any(at is not None and at.hidden for at in (before, branch))
        return shown != self.episode or turned

    def _arrange(self) -> None:
        kept = self.head.branch if self.head is not None else None
        self.rows.arrange(self.episode, trash=self.shows_trash, hidden=self.shows_hidden, kept=kept)
        shown = self._lengths[self.rows.order]
        self._longest = int(shown.max()) if len(shown) else 0
        self._reordered()

    def _reordered(self) -> None:
        self.revision += 1
        self._forgotten = self.order_revision = self.revision
        self._changes.clear()

    def _touch(self, branch: int) -> None:
        self.revision += 1
        if len(self._changes) == REMEMBERED:
            self._forgotten = self._changes[0][0]
        self._changes.append((self.revision, branch))

    def tell(self) -> None:
        """Notify the listeners."""
        for listener in self._listeners:
            listener()


def changes(before: BranchTree, after: BranchTree) -> list[Branch]:
    """Branches that are new or other than before, by id."""
    if isinstance(after.branches, Branches) and isinstance(before.branches, Branches):
        return after.branches.since(before.branches)
    return [b for i, b in sorted(after.branches.items()) if before.branches.get(i) is not b]


def path_of(tree: BranchTree, branch: int) -> Path:
    """Who owns the nodes from the root through a branch; a branch that is not in the tree owns them all."""
    starts, owners = [], []
    at = tree.branches.get(branch)
    while at is not None and at.parent is not None:
        starts.append(at.fork_step + 1)
        owners.append(at.id)
        node, at = at.fork_step, tree.branches.get(at.parent)
        while at is not None and at.parent is not None and node <= at.fork_step:
            at = tree.branches.get(at.parent)
    return Path((0, *starts[::-1]), (at.id if at is not None else branch, *owners[::-1]))


def labels_of(tree: BranchTree) -> dict[int, str]:
    """Short names: a letter per episode, then numbers by order of creation."""
    labels: dict[int, str] = {}
    numbers: dict[int, int] = {}
    letters = {e: episode_letter(i) for i, e in enumerate(sorted({b.episode for b in tree.branches.values()}))}
    for branch in sorted(tree.branches.values(), key=lambda b: b.id):
        number = numbers.get(branch.episode, 0)
        numbers[branch.episode] = number + 1
        labels[branch.id] = letters[branch.episode] + (str(number) if number else "")
    return labels
