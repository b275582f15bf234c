"""What the timeline shows, without a screen: lanes of the branches, columns of their steps, markers, the head."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.thumbnails import Thumbnails
from app.timeline_tracks import CODES, Track
from core.branch_tree import Branch, BranchTree, Head, Marker
from core.events import Status, Stepped, TreeChanged


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the timeline."""

    branch: int
    label: str
    """Short and stable: A for the trunk of the first episode, A1, A2 .. for its branches in order of creation."""
    colour: int
    """Number of the branch in its episode; the palette is cycled by it."""
    parent_row: int | None
    """Row of the lane that it forks from; None for a trunk."""
    discarded: bool


def episode_letter(position: int) -> str:
    """0 -> A .. 25 -> Z, 26 -> AA."""
    letters = ""
    position += 1
    while position > 0:
        position, digit = divmod(position - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


class TimelineModel:
    """Fed with events on one thread; whoever draws it subscribes and compares `revision`."""

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
        self._tracks: dict[int, Track] = {}
        self._lengths: dict[int, int] = {}
        self._lanes: tuple[Lane, ...] = ()
        self._rows: dict[int, int] = {}
        self._labels: dict[int, str] = {}
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call somebody after every change, on the thread that feeds the model."""
        self._listeners.append(listener)

    # Events

    def tree_changed(self, event: TreeChanged) -> None:
        """Take a new tree and head."""
        self.tree = event.tree
        for branch in event.tree.branches.values():
            self._lengths[branch.id] = max(branch.length, self._lengths.get(branch.id, 0))
        self._set_head(event.head)
        self._arrange()

    def stepped(self, event: Stepped) -> None:
        """Append one step."""
        branch = self.tree.branches.get(event.branch)
        start = branch.fork_step if branch is not None else event.index
        track = self._tracks.setdefault(event.branch, Track(start))
        track.put(event.index, CODES[event.source], event.trust, event.progress)
        node = event.index + 1
        self._lengths[event.branch] = max(node, self._lengths.get(event.branch, 0))
        self._keep_picture(event.branch, node, event.observation.frames, pinned=node == start + 1)
        self._changed()

    def status(self, status: Status) -> None:
        """Follow the head; the start of an episode brings its first picture."""
        moved = status.head != self.head
        if status.head.index == 0:
            self._keep_picture(status.head.branch, 0, status.observation.frames, pinned=True)
        if moved:
            self._set_head(status.head)
            self._notify()

    def load_steps(
        self, branch: int, source: NDArray[np.uint8], trust: NDArray[np.float32], progress: NDArray[np.float32]
    ) -> None:
        """Give the columns (N,) of a branch of a reopened session; `source` as in app.timeline_tracks.CODES."""
        found = self.tree.branches[branch]
        self._tracks.setdefault(branch, Track(found.fork_step)).load(source, trust, progress)
        self._changed()

    def add_thumbnail(self, branch: int, node: int, frame: NDArray[np.uint8]) -> None:
        """Give the picture (H, W, 3) of a node, for example of a reopened session."""
        self.thumbnails.add(branch, node, frame, pinned=True)
        self._changed()

    def show_episode(self, episode: int) -> None:
        """Show another episode; the head stays where it is."""
        if episode in self.episodes() and episode != self.episode:
            self.episode = episode
            self._arrange()

    def show_trash(self, on: bool) -> None:
        """Show discarded branches or fold them away."""
        self.shows_trash = on
        self._arrange()

    # What is drawn

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Of the shown episode, top to bottom: trunk first, children under their parent, the trash last."""
        return self._lanes

    @property
    def discarded(self) -> int:
        """Discarded branches of the shown episode."""
        return sum(b.discarded for b in self.tree.branches.values() if b.episode == self.episode)

    def episodes(self) -> list[int]:
        """Numbers of all episodes, in order."""
        return sorted({branch.episode for branch in self.tree.branches.values()})

    def branch(self, branch: int) -> Branch:
        """A branch of the tree."""
        return self.tree.branches[branch]

    def length(self, branch: int) -> int:
        """Index of the last node, steps that the tree has not told yet included."""
        return self._lengths.get(branch, 0)

    def steps(self) -> int:
        """Steps of the whole session."""
        return sum(self.length(branch.id) - branch.fork_step for branch in self.tree.branches.values())

    def longest(self) -> int:
        """Index of the last node over all lanes."""
        return max((self.length(lane.branch) for lane in self._lanes), default=0)

    def track(self, branch: int) -> Track:
        """The columns of a branch; empty where no step is known."""
        track = self._tracks.get(branch)
        return track if track is not None else Track(self.branch(branch).fork_step)

    def lane_of(self, head: Head) -> int:
        """The branch on whose lane a head stands: its own where it holds no step yet, else the node's owner."""
        empty = head.index == self.length(head.branch) == self.branch(head.branch).fork_step
        return head.branch if empty else self.owner(head.branch, head.index)

    def label(self, branch: int) -> str:
        """Short name of any branch: A, A1, B."""
        return self._labels.get(branch, "?")

    def row(self, branch: int) -> int | None:
        """The lane of a branch; None where it is not shown."""
        return self._rows.get(branch)

    @property
    def followed(self) -> int | None:
        """The branch whose path film and ruler stand for: the head's, else the trunk of the shown episode."""
        if self.head is not None and self.head.branch in self._rows:
            return self.head.branch
        return self._lanes[0].branch if self._lanes else None

    def owner(self, branch: int, node: int) -> int:
        """The branch that stepped to a node of the path from the root through `branch`."""
        found = self.tree.branches.get(branch)
        while found is not None and found.parent is not None and node <= found.fork_step:
            found = self.tree.branches.get(found.parent)
        return found.id if found is not None else branch

    def ancestors(self, branch: int | None) -> set[int]:
        """A branch and the branches that it grew from; empty for None."""
        found: set[int] = set()
        while branch is not None and branch in self.tree.branches:
            found.add(branch)
            branch = self.tree.branches[branch].parent
        return found

    def picture(self, branch: int, node: int) -> tuple[int, NDArray[np.uint8]] | None:
        """(node, thumbnail) nearest to a node of the path through `branch`."""
        owner = self.owner(branch, node)
        found = self.thumbnails.nearest(owner, node)
        parent = self.tree.branches[owner].parent if owner in self.tree.branches else None
        return found if found is not None or parent is None else self.picture(parent, node)

    def step_source(self, branch: int, node: int) -> int:
        """Who drove the step to a node of the path: UNKNOWN, POLICY, REPLAY or OPERATOR."""
        return int(self._value(branch, node, "source", 0))

    def trust(self, branch: int, node: int) -> float:
        """Trust of the step to a node of the path; NaN where unknown."""
        return float(self._value(branch, node, "trust", np.nan))

    def progress(self, branch: int, node: int) -> float:
        """Progress at a node of the path; NaN where unknown."""
        return float(self._value(branch, node, "progress", np.nan))

    def markers(self, branch: int) -> list[tuple[int, Marker]]:
        """(owner, marker) of the path from the root through `branch`, in order of time."""
        found: list[tuple[int, Marker]] = []
        here: int | None = branch
        last = self.length(branch)
        while here is not None and here in self.tree.branches:
            at = self.branch(here)
            first = at.fork_step if at.parent is not None else -1
            found += [(here, m) for m in at.markers if first < m.index <= last]
            here, last = at.parent, at.fork_step
        return sorted(found, key=lambda pair: pair[1].index)

    # Inside

    def _value(self, branch: int, node: int, column: str, unknown: float) -> float:
        owner = self.owner(branch, node)
        track = self._tracks.get(owner)
        if track is None or not track.start < node <= track.end:
            return unknown
        return float(getattr(track, column)[node - 1 - track.start])

    def _keep_picture(self, branch: int, node: int, frames: Mapping[str, NDArray[np.uint8]], *, pinned: bool) -> None:
        frame = next(iter(frames.values()), None)
        if frame is not None:
            self.thumbnails.add(branch, node, frame, pinned=pinned)

    def _set_head(self, head: Head) -> None:
        """Move the head; another episode's head brings its episode to the front."""
        before = self.tree.branches.get(self.head.branch) if self.head is not None else None
        self.head = head
        branch = self.tree.branches.get(head.branch)
        if branch is not None and (before is None or before.episode != branch.episode):
            self.episode = branch.episode
            self._arrange()

    def _arrange(self) -> None:
        self._labels = labels_of(self.tree)
        self._lanes = _lanes(self.tree, self.episode, self._labels, self.shows_trash)
        self._rows = {lane.branch: row for row, lane in enumerate(self._lanes)}
        self._changed()

    def _changed(self) -> None:
        self.revision += 1
        self._notify()

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()


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


def _lanes(tree: BranchTree, episode: int | None, labels: Mapping[int, str], trash: bool) -> tuple[Lane, ...]:
    """Rows of an episode: each branch above its children, siblings by age; what was discarded at the end."""
    branches = [b for b in tree.branches.values() if b.episode == episode]
    children: dict[int | None, list[Branch]] = {}
    for branch in sorted(branches, key=lambda b: b.id):
        children.setdefault(branch.parent, []).append(branch)
    order: list[Branch] = []
    stack = list(reversed(children.get(None, [])))
    while stack:
        branch = stack.pop()
        order.append(branch)
        stack.extend(reversed(children.get(branch.id, [])))
    shown = [b for b in order if not b.discarded] + ([b for b in order if b.discarded] if trash else [])
    rows = {branch.id: row for row, branch in enumerate(shown)}
    colours = {branch.id: i for i, branch in enumerate(sorted(branches, key=lambda b: b.id))}
    return tuple(
        Lane(
            branch=b.id,
            label=labels[b.id],
            colour=colours[b.id],
            parent_row=_shown_parent(b, tree, rows),
            discarded=b.discarded,
        )
        for b in shown
    )


def _shown_parent(branch: Branch, tree: BranchTree, rows: Mapping[int, int]) -> int | None:
    """The row of the nearest ancestor that has one."""
    parent = branch.parent
    while parent is not None and parent not in rows:
        parent = tree.branches[parent].parent
    return rows[parent] if parent is not None else None
