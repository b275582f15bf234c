"""Reads a list of failures and the pictures of its proposed steps. No Qt; runs on a reading thread."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from app.review.loader import read_only
from core.errors import StudioError
from core.store.archive import StoreArchive
from models.failures.handled import read_handled
from models.failures.listing import read_listing
from models.failures.queue import Key, Queued, Summary, queue, summary

THUMBNAIL: Final = 128
"""Largest side of a picture, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """A list as it was read."""

    about: dict[str, Any]
    """Task, world and policy; empty where there is no list."""
    entries: tuple[Queued, ...] = ()
    attempts: int = 0
    successes: int = 0
    summary: Summary | None = None
    """What corrections took; None where nothing is corrected."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The first camera's picture of one node."""

    key: Key
    index: int
    pixels: NDArray[np.uint8]
    """(H, W, 3)."""


def read_list(folder: Path, known: Collection[tuple[Key, int]], tell: Callable[[object], None]) -> None:
    """Deliver a Listed, then a Picture for each proposed point that is not known yet.

    Args:
        folder: Of the list.
        known: (failure, node) of pictures that need not be read again.
        tell: Takes each part.

    Raises:
        BadStore: the list is torn.
    """
    listing = read_listing(folder)
    if listing is None:
        tell(Listed({}))
        return
    handled = read_handled(folder)
    entries = queue(listing, handled)
    successes = sum(one.success for one in listing.attempts)
    tell(Listed(dict(listing.about), tuple(entries), len(listing.attempts), successes, summary(handled)))
    archives: dict[str, StoreArchive | None] = {}
    for one in entries:
        for point in one.attempt.failure.points if one.attempt.failure is not None else ():
            if (one.key, point.index) in known:
                continue
            if one.key.session not in archives:
                archives[one.key.session] = _opened(folder / one.key.session)
            archive = archives[one.key.session]
            pixels = _pixels(archive, one.key.branch, point.index) if archive is not None else None
            if pixels is not None:
                tell(Picture(one.key, point.index, pixels))


def _opened(folder: Path) -> StoreArchive | None:
    try:
        return read_only(folder)
    except (StudioError, OSError):  # the row is listed without pictures; going there gives the reason
        return None


def _pixels(archive: StoreArchive, branch: int, index: int) -> NDArray[np.uint8] | None:
    try:
        frame = archive.frame(branch, index, archive.cameras()[0].name)
    except (StudioError, LookupError, OSError):
        return None
    skip = max(1, -(-max(frame.shape[:2]) // THUMBNAIL))
    return np.ascontiguousarray(frame[::skip, ::skip])
