"""Training windows out of recorded sessions, in any order: the last observations, and the actions that followed.

Numbers of all steps are held in memory (112 bytes a step); pictures are read from the session when they are asked
for, one compressed chunk each, and the newest ones are kept. Any thread may ask.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import Branch, Head, owner
from core.errors import BadConfig, BadStore
from core.step import SOURCES, Source
from core.store.archive import StoreArchive, open_archive

KEPT: Final = 32 << 20
"""Bytes of pictures that a reader remembers: neighbouring windows share some."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What a policy sees at one step, and what it should do."""

    frames: dict[str, NDArray[np.uint8]]
    """Camera -> (O, H, W, 3), oldest first; before the start of an episode its first one."""
    ee_state: NDArray[np.float32]
    """(O, 14) measured."""
    actions: NDArray[np.float32]
    """(A, 14) commanded from the last observation on; past the end of the branch the last one is held."""
    held: int
    """Of the actions, how many only hold."""


@dataclass(frozen=True, slots=True, eq=False)
class _Session:
    """One session: its numbers, and where those of each branch begin."""

    archive: StoreArchive
    ee_state: NDArray[np.float32]
    action: NDArray[np.float32]
    offset: NDArray[np.int64]
    """(branches,) row of node 0 of a branch, as if it owned it: row of node n is offset + n."""
    first: NDArray[np.int64]
    """(branches,) first node that a branch owns."""
    last: NDArray[np.int64]
    """(branches,) last node that a branch owns."""


def kept(branch: Branch) -> bool:
    """Whether a branch is not in the trash."""
    return not branch.discarded


class TrainingWindows:
    """A sequence of windows, one per recorded step; torch's DataLoader takes it as it is."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        cameras: Collection[str] = (),
        observations: int = 2,
        horizon: int = 16,
        branches: Callable[[Branch], bool] = kept,
        sources: Collection[Source] = SOURCES,
        keep: int = KEPT,
    ) -> None:
        """Open sessions for reading; changes nothing on disk.

        Args:
            folders: Of the sessions.
            cameras: Views that are read; all of the first session where empty.
            observations: Of a window.
            horizon: Actions of a window.
            branches: Which branches give windows.
            sources: Who must have driven the step that a window begins with.
            keep: Bytes of pictures that are remembered.

        Raises:
            BadStore: a session is missing or torn, or there is no step of that kind.
            BadConfig: a window of nothing.
        """
        if observations < 1 or horizon < 1:
            raise BadConfig(f"A window of {observations} observations and {horizon} actions is none; take at least 1.")
        self._past = np.arange(1 - observations, 1)
        self._future = np.arange(horizon)
        self._sessions = [_opened(folder) for folder in folders]
        self.places = np.concatenate(
            [np.empty((0, 3), np.int64), *(_places(i, s, branches, sources) for i, s in enumerate(self._sessions))]
        )
        """(N, 3) session, branch, node of the last observation of each window."""
        if not len(self.places):
            raise BadStore(f"There is no such step in {', '.join(map(str, folders)) or 'no session'}.")
        self.cameras = tuple(cameras) or _cameras(self._sessions[0])
        self._keep, self._bytes = keep, 0
        self._frames: OrderedDict[tuple[int, int, int, str], NDArray[np.uint8]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: int) -> Window:
        """One window.

        Raises:
            IndexError: there is none of this number.
            BadStore: a picture is torn, or its session has no such camera.
        """
        if not -len(self) <= number < len(self):
            raise IndexError(f"There is no window {number}; there are {len(self)}.")
        of, branch, node = (int(value) for value in self.places[number])
        session = self._sessions[of]
        nodes = [_owner(session, branch, max(0, node + back)) for back in self._past.tolist()]
        ahead = session.offset[branch] + node + 1 + self._future
        end = session.offset[branch] + session.last[branch]
        return Window(
            {camera: np.stack([self._frame(of, at, camera) for at in nodes]) for camera in self.cameras},
            session.ee_state[[session.offset[at.branch] + at.index for at in nodes]],
            session.action[np.minimum(ahead, end)],
            int((ahead > end).sum()),
        )

    def frame(self, number: int, camera: str) -> NDArray[np.uint8]:
        """The newest picture (H, W, 3) of one window, read-only. Raises as indexing does."""
        of, branch, node = (int(value) for value in self.places[number])
        return self._frame(of, _owner(self._sessions[of], branch, node), camera)

    def _frame(self, of: int, at: Head, camera: str) -> NDArray[np.uint8]:
        key = (of, at.branch, at.index, camera)
        with self._lock:
            found = self._frames.get(key)
            if found is not None:
                self._frames.move_to_end(key)
                return found
        found = self._sessions[of].archive.frame(at.branch, at.index, camera)
        with self._lock:
            if key not in self._frames:
                self._frames[key] = found
                self._bytes += found.nbytes
            while self._bytes > self._keep and self._frames:
                self._bytes -= self._frames.popitem(last=False)[1].nbytes
        return found


def _owner(session: _Session, branch: int, node: int) -> Head:
    """Where a node of a branch is kept."""
    if node >= session.first[branch]:
        return Head(branch, node)
    return owner(session.archive.tree(), branch, node)


def _opened(folder: Path) -> _Session:
    archive = open_archive(folder)
    branches = archive.tree().branches
    first = np.array([0 if b.parent is None else b.fork_step + 1 for b in branches.values()], np.int64)
    columns = {
        name: [np.asarray(archive.column(name, b), np.float32) for b in branches] for name in ("ee_state", "action")
    }
    counts = np.array([len(rows) for rows in columns["action"]], np.int64)
    nothing = np.empty((0, 14), np.float32)
    ee_state, action = (np.concatenate([nothing, *columns[name]]) for name in ("ee_state", "action"))
    return _Session(archive, ee_state, action, np.cumsum(counts) - counts - first, first, first + counts - 1)


def _places(
    number: int, session: _Session, wanted: Callable[[Branch], bool], sources: Collection[Source]
) -> NDArray[np.int64]:
    """Every step of the branches that are wanted, (n, 3): session, branch, node that it leaves."""
    codes = [SOURCES.index(source) for source in sources]
    found = [np.empty((0, 3), np.int64)]
    for branch in session.archive.tree().branches.values():
        if not wanted(branch):
            continue
        steps = session.first[branch.id] + np.flatnonzero(np.isin(session.archive.column("source", branch.id), codes))
        places = np.empty((len(steps), 3), np.int64)
        places[:, 0], places[:, 1], places[:, 2] = number, branch.id, steps - 1
        found.append(places)
    return np.concatenate(found)


def _cameras(session: _Session) -> tuple[str, ...]:
    trunk = next(iter(session.archive.tree().branches))
    return tuple(session.archive.node(trunk, 0).observation.frames)
