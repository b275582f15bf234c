"""Reads what is to be reviewed of a session: its branches and their numbers. No Qt; runs on a reading thread."""

import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path

from app.review.queue import Entry, reviewable
from app.review.statistics import statistics_of
from app.timeline.model import labels_of
from core.errors import BadStore, StudioError
from core.store.archive import StoreArchive, open_archive
from core.store.damage import trouble_words
from core.store.lock import held_by

log = logging.getLogger(__name__)

TRIES = 3
"""How often a session that is being written is read until its parts fit together."""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """One session as it was read; archive None where it cannot be."""

    folder: Path
    archive: StoreArchive | None
    entries: tuple[Entry, ...]
    why_not: str = ""
    """Why nothing can be labelled; "" where it can."""
    trouble: str = ""
    """Why it cannot be read, or what of it cannot."""


def load(source: Path | StoreArchive) -> Loaded:
    """Read a folder, or a session that is open here already; a broken one stays in the list with its error."""
    folder = source.folder if isinstance(source, StoreArchive) else source
    try:
        archive = source if isinstance(source, StoreArchive) else read_only(source)
        entries, trouble = entries_of(archive)
    except Exception as error:
        if not isinstance(error, StudioError):
            log.warning("%s cannot be reviewed", folder, exc_info=error)
        return Loaded(folder, None, (), "", trouble_words(folder, error))
    return Loaded(folder, archive, entries, "" if archive is source else locked_words(folder), trouble)


def read_only(folder: Path) -> StoreArchive:
    """Open for reading, also while another program writes.

    Raises:
        BadStore: see open_archive; a session that is being written is tried again, its parts may be of two moments.
    """
    for attempt in range(TRIES):
        try:
            return open_archive(folder)
        except BadStore:
            if attempt + 1 == TRIES or held_by(folder) is None:
                raise
            time.sleep(0.05)
    raise AssertionError("unreachable")


def locked_words(folder: Path) -> str:
    """Why a folder cannot be labelled now; "" where it can."""
    holder = held_by(folder)
    if holder is None:
        writable = os.access(folder, os.W_OK)
        return "" if writable else f"{folder.name} cannot be written by you: you can look, but not label."
    who = f" ({holder})" if holder else ""
    return (
        f"{folder.name} is being recorded by another program{who}: you can look, but not label. "
        "Close it there, then choose “Read again”."
    )


def entries_of(archive: StoreArchive) -> tuple[tuple[Entry, ...], str]:
    """The branches that can be judged, and words on what could not be read."""
    tree, info = archive.tree(), archive.info()
    task, labels, trouble = str(info["task"]) if info else "", labels_of(tree), ""
    entries = []
    for branch in tree.branches.values():
        if not reviewable(branch, branch.length - branch.fork_step):
            continue
        try:
            numbers = statistics_of(archive, branch)
        except StudioError as error:
            trouble = trouble or str(error)
            continue
        entries.append(Entry(archive.folder, branch, labels[branch.id], task, numbers))
    return tuple(entries), trouble
