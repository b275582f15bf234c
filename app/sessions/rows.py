"""What the disk says about the sessions of a folder. No Qt; reads every session anew, believes no counter."""

import json
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
from core.branch_tree import Branch
from core.errors import BadStore, StudioError
from core.store.archive import StoreArchive
from core.store.layout import COPIES, FORMAT, JOURNAL_FOLDER, ROOT
from core.store.lock import held_by

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
    """(H, W, 3) where it stands; None where there is no picture."""
    broken: str = ""
    """Why it cannot be read, in words; "" where it can."""
    busy: str | None = None
    """Who else records into it now, in words that may be empty; None where nobody does."""
    here: bool = False
    """Whether this program records into it now."""
    note: str = ""
    """What else should be known: it was not closed, a picture is missing."""

    @property
    def text(self) -> str:
        """What words are looked for in, lower case."""
        return "\n".join((self.folder.name, self.task, *self.operators, *self.outcomes, self.broken)).lower()

    @property
    def reviewed(self) -> int:
        """Branches with a verdict."""
        return self.branches - self.reviews.get("unreviewed", 0)


def session_folders(folder: Path) -> list[Path]:
    """Folders inside a folder that are or were meant to be sessions, by name; other things are passed over.

    Raises:
        BadStore: there is no such folder.
        OSError: it may not be read.
    """
    if not folder.is_dir():
        raise BadStore(f"There is no folder {folder}. Check the path, or record a session first.")
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and COPIES not in path.name and looks_like_session(path)
    )


def looks_like_session(folder: Path) -> bool:
    """Whether a folder has our journal, or a root that says it is ours or says nothing any more."""
    try:
        if (folder / JOURNAL_FOLDER).is_dir():
            return True
        values = json.loads((folder / ROOT).read_bytes())
        return isinstance(values, dict) and dict(values.get("attributes") or {}).get("format") == FORMAT
    except FileNotFoundError:
        return False
    except (ValueError, TypeError):
        return (folder / "nodes").is_dir() or (folder / "branches").is_dir()  # torn, but what is beside it is ours
    except OSError:
        return True  # it may not be read: said in words, not hidden


def read_rows(folder: Path) -> Iterator[SessionRow]:
    """Every session of a folder, one after the other; see session_folders."""
    for path in session_folders(folder):
        yield read_row(path)


def read_row(folder: Path) -> SessionRow:
    """One session; whatever is wrong with it is told in words."""
    size, busy = size_of(folder), held_by(folder)
    here = busy is not None and f"process {os.getpid()} on {platform.node()}," in busy
    held, busy = busy is not None, None if here else busy
    try:
        archive = read_only(folder)
    except (StudioError, OSError) as error:
        return SessionRow(folder, size, broken=str(error), busy=busy, here=here)
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
    )


def operators_of(openings: list[dict[str, Any]], branches: list[Branch]) -> tuple[str, ...]:
    """Who sat at a session, in alphabetical order."""
    names = {str(opening.get("operator", "")) for opening in openings} | {branch.operator for branch in branches}
    return tuple(sorted(names - {""}))


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile counts nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name)).st_size
            except OSError:
                continue
    return total


def _thumbnail(archive: StoreArchive) -> tuple[NDArray[np.uint8] | None, str]:
    """The first camera where the session stands, and words where it is missing."""
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
