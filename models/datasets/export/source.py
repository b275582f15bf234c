"""Recorded sessions as the source of an export: opened for reading only, also while another program writes them."""

import json
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.action import CODEC
from core.branch_tree import Branch, BranchTree
from core.errors import BadStore
from core.identity import Identity
from core.store.archive import StoreArchive, open_archive
from core.store.lock import NAME as LOCK_NAME
from core.workcell import Workcell

_NAMESPACE: Final = uuid.UUID("7d0b6a52-6a5e-5e0e-9a8e-6d4d3e1f2a90")
"""Of identifiers made here; any constant would do."""
_COLUMNS_KEPT: Final = 64
_PAUSES: Final = (0.05, 0.2, 0.5)
"""Seconds between attempts to open a session that is being written: its journal may move on while it is read."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What sessions of one data set must agree in."""

    task: str
    dt: float
    """Seconds per step."""
    cameras: tuple[tuple[str, int, int], ...]
    """Name, height, width."""
    world: str
    """Name and SHA-256."""

    @property
    def fps(self) -> float:
        """Steps per second of world time; whole where dt is one over a whole number up to rounding."""
        whole = round(1.0 / self.dt)
        return float(whole) if abs(whole * self.dt - 1.0) < 1e-6 else 1.0 / self.dt


class RecordedSession:
    """One session folder as it is now; what is recorded later is not included."""

    def __init__(self, folder: Path) -> None:
        """Open it.

        Raises:
            BadStore: not a session, torn, or nothing was recorded in it.
        """
        self._archive = archive = _opened(folder)
        if archive.recovery.damaged:
            raise BadStore(
                f"The session {folder} cannot be exported as it is:{archive.recovery.words()} "
                f"`main.py repair {folder}` keeps the rest; then export again."
            )
        info, openings = archive.info(), archive.openings
        if info is None or not openings:
            raise BadStore(f"The session {folder} is empty; there is nothing to export. Choose another one.")
        if archive.codec != CODEC:
            raise BadStore(
                f"The session {folder} holds actions of the codec {archive.codec!r}; exports know {CODEC!r}."
            )
        self.folder = folder
        self._columns: OrderedDict[tuple[str, int], NDArray[Any]] = OrderedDict()
        self.tree: BranchTree = archive.tree()
        world = Identity.from_dict(dict(openings[-1]["world"]))
        cameras = tuple((camera.name, camera.height, camera.width) for camera in archive.cameras())
        self.shape = Shape(str(info["task"]), archive.dt, cameras, f"{world.name} ({world.sha256[:12]})")
        self.uuid = uuid.uuid5(_NAMESPACE, json.dumps(openings[0], sort_keys=True))
        """Of the recording: a copy of the folder has the same one."""

    @property
    def workcell(self) -> Workcell:
        """The robot, cameras and rate that it was recorded with."""
        workcell = self._archive.workcell()
        assert workcell is not None  # an empty session was refused when it was opened
        return workcell

    def branch_uuid(self, branch: int | None) -> str | None:
        """Of a branch of this recording; None for None."""
        return None if branch is None else str(uuid.uuid5(self.uuid, str(branch)))

    def rows(self, name: str, branch: Branch, start: int, stop: int) -> NDArray[Any]:
        """A column of core.store.layout.NODE_COLUMNS at nodes start .. stop - 1 of the path to a branch, (n, ...).

        Raises:
            BadStore: a node is missing or torn.
        """
        parts = []
        for owner, first, last in segments(self.tree, branch, start, stop):
            own = first_node(self.tree.branches[owner])
            parts.append(self._column(name, owner)[first - own : last + 1 - own])
        return np.concatenate(parts)

    def owners(self, branch: Branch, start: int, stop: int) -> NDArray[np.int64]:
        """The branches that own nodes start .. stop - 1 of a path, (n,)."""
        parts = segments(self.tree, branch, start, stop)
        return np.concatenate([np.full(last + 1 - first, owner, np.int64) for owner, first, last in parts])

    def frames(self, camera: str, branch: Branch, start: int, stop: int) -> Iterator[NDArray[np.uint8]]:
        """Pictures (H, W, 3) of nodes start .. stop - 1 of a path, one after the other."""
        for owner, first, last in segments(self.tree, branch, start, stop):
            for index in range(first, last + 1):
                yield self._archive.frame(owner, index, camera)

    def _column(self, name: str, branch: int) -> NDArray[Any]:
        key = (name, branch)
        values = self._columns.get(key)
        if values is None:
            values = self._columns[key] = self._archive.column(name, branch)
            if len(self._columns) > _COLUMNS_KEPT:
                self._columns.popitem(last=False)
        self._columns.move_to_end(key)
        return values


def first_node(branch: Branch) -> int:
    """The first node that a branch owns."""
    return 0 if branch.parent is None else branch.fork_step + 1


def segments(tree: BranchTree, branch: Branch, start: int, stop: int) -> list[tuple[int, int, int]]:
    """Who owns nodes start .. stop - 1 of the path to a branch: (branch id, first node, last node), in order."""
    found, at, last = [], branch, stop - 1
    while True:
        first = max(start, first_node(at))
        if first <= last:
            found.append((at.id, first, last))
        if at.parent is None:
            return found[::-1]
        last = min(last, at.fork_step)
        at = tree.branches[at.parent]


def open_sessions(folders: Sequence[Path]) -> list[RecordedSession]:
    """All sessions of an export.

    Raises:
        BadStore: none can be read, one is given twice, or they differ in what one data set must agree in.
    """
    sessions = [RecordedSession(folder) for folder in folders]
    for number, session in enumerate(sessions):
        twice = next((s for s in sessions[:number] if s.uuid == session.uuid), None)
        if twice is not None:
            raise BadStore(f"{session.folder} and {twice.folder} are the same recording. Name it once.")
        difference = differences(sessions[0].shape, session.shape)
        if difference:
            raise BadStore(
                f"{sessions[0].folder} and {session.folder} do not fit into one data set: {difference}. "
                "Export them into folders of their own."
            )
    return sessions


def differences(one: Shape, other: Shape) -> str:
    """In which way two sessions differ, "" where they do not."""
    compared = (
        ("tasks", one.task, other.task),
        ("frames per second", f"{one.fps:g}", f"{other.fps:g}"),
        ("cameras", _cameras(one), _cameras(other)),
        ("worlds", one.world, other.world),
    )
    return "; ".join(f"their {what} differ, {a} and {b}" for what, a, b in compared if a != b)


def _cameras(shape: Shape) -> str:
    return ", ".join(f"{name} {width}x{height}" for name, height, width in shape.cameras) or "none"


def _opened(folder: Path) -> StoreArchive:
    """The session; again where its writer moved on meanwhile."""
    for pause in _PAUSES:
        try:
            return open_archive(folder, checked=True)
        except (BadStore, OSError):
            if not (folder / LOCK_NAME).exists():
                break
        time.sleep(pause)
    try:
        return open_archive(folder, checked=True)
    except OSError as error:
        raise BadStore(f"The session {folder} cannot be read: {error.strerror or error}.") from error
