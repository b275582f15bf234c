"""The sessions of a folder as they are on the disk. No Qt; counts in every session anew, trusts no stored counter."""

import logging
import math
import os
import platform
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.review.loader import read_only
from core.branch_tree import Branch, BranchTree
from core.errors import StudioError
from core.regular_files import size_of
from core.store.archive import StoreArchive
from core.store.damage import trouble_words
from core.store.folders import session_folders
from core.store.lock import held_by

log = logging.getLogger(__name__)

OUTCOMES: Final = ("success", "failure", "timeout", "open")
REVIEWS: Final = ("unreviewed", "accepted", "rejected", "needs_work")
THUMBNAIL: Final = 96
"""Largest side of a thumbnail, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class SessionRow:
    """One session as it is on the disk."""

    folder: Path
    size: int = 0
    """Bytes of all its files."""
    opened: float = math.nan
    """time.time() when it was last opened for driving; NaN where it does not say."""
    task: str = ""
    operators: tuple[str, ...] = ()
    episodes: int = 0
    branches: int = 0
    """With steps; what is in the trash is not among them."""
    steps: int = 0
    """Rows that are recorded, starts of episodes not counted; the trash included."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Outcome -> branches."""
    reviews: Mapping[str, int] = field(default_factory=dict)
    """Review -> branches."""
    thumbnail: NDArray[np.uint8] | None = None
    """(H, W, 3) at the head; None if there is no picture."""
    broken: str = ""
    """Why it cannot be read, in words; "" where it can."""
    busy: str | None = None
    """Description of another process that records into it, possibly empty; None if there is none."""
    here: bool = False
    """Whether this program records into it now."""
    note: str = ""
    """What else should be known: it was not closed, a picture is missing."""
    tree: BranchTree | None = None
    """Its branches as they were read; None where it is broken."""

    @property
    def text(self) -> str:
        """The text that the filter searches, lower case."""
        return "\n".join((self.folder.name, self.task, *self.operators, *self.outcomes, self.broken)).lower()

    @property
    def reviewed(self) -> int:
        """Branches with a verdict."""
        return self.branches - self.reviews.get("unreviewed", 0)


def read_rows(folder: Path) -> Iterator[SessionRow]:
    """Every session of a folder, one after the other; see core.store.folders.session_folders."""
    for path in session_folders(folder):
        yield read_row(path)


def read_row(folder: Path) -> SessionRow:
    """Read one session; an error is put into its row, so that the other sessions are still listed."""
    try:
        return _row(folder)
    except Exception as error:
        if not isinstance(error, StudioError):
            log.warning("%s cannot be listed", folder, exc_info=error)
        return SessionRow(folder, broken=trouble_words(folder, error))


def _row(folder: Path) -> SessionRow:
    size, busy = size_of(folder)[0], held_by(folder)
    here = busy is not None and f"process {os.getpid()} on {platform.node()}," in busy
    held, busy = busy is not None, None if here else busy
    try:
        archive = read_only(folder)
    except Exception as error:
        return SessionRow(folder, size, broken=trouble_words(folder, error), busy=busy, here=here)
    tree = archive.tree()
    kept = [b for b in tree.branches.values() if not b.discarded and b.length > b.fork_step]
    thumbnail, missing = _thumbnail(archive)
    info = archive.info()
    return SessionRow(
        folder=folder,
        size=size,
        opened=max((float(o["wall_time"]) for o in archive.openings), default=math.nan),
        task=str(info["task"]) if info is not None else "",
        operators=operators_of(archive.openings, kept),
        episodes=len({branch.episode for branch in tree.branches.values()}),
        branches=len(kept),
        steps=archive.steps,
        outcomes=dict(Counter(branch.outcome for branch in kept)),
        reviews=dict(Counter(branch.review for branch in kept)),
        thumbnail=thumbnail,
        busy=busy,
        here=here,
        note=" ".join(words for words in ("" if held else archive.recovery.words(), missing) if words),
        tree=tree,
    )


def operators_of(openings: list[dict[str, Any]], branches: list[Branch]) -> tuple[str, ...]:
    """Operators of a session, in alphabetical order."""
    names = {str(opening.get("operator", "")) for opening in openings} | {branch.operator for branch in branches}
    return tuple(sorted(names - {""}))


def _thumbnail(archive: StoreArchive) -> tuple[NDArray[np.uint8] | None, str]:
    """The first camera's picture at the head, and a message if it is missing."""
    head, cameras = archive.head(), archive.cameras()
    if head is None or not cameras:
        return None, ""
    try:
        frame = archive.frame(head.branch, head.index, cameras[0].name)
    except StudioError as error:
        return None, str(error)
    skip = max(1, -(-max(frame.shape[:2]) // THUMBNAIL))
    return np.ascontiguousarray(frame[::skip, ::skip]), ""


def passes(row: SessionRow, text: str) -> bool:
    """Whether every word of a filter occurs in a row."""
    return all(word in row.text for word in text.lower().split())
