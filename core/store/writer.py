"""The writing side of a session folder: records into the journal, the journal into the arrays. One thread."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.errors import BadStore
from core.journal import Journal, Record
from core.regular_files import require_regular
from core.store.column_files import ColumnFiles
from core.store.columns import SHARD_ROWS
from core.store.compaction import sweep
from core.store.copies import keep_second_name
from core.store.fold import Committed, Fold, root_attributes
from core.store.layout import JOURNAL_FOLDER, ROOT
from core.store.lock import WriterLock
from core.store.opening import Recovery, journal_files, journal_path, kept_name, partial_files, read_session
from core.store.root import write_root
from core.store.session_index import Contents
from core.store.small_tables import ROWS as TABLE_ROWS

FOLD_RECORDS = 4096
"""Records after which the journal is folded although few of them were steps."""
PRIVATE = 0o700
"""Permissions of a new session folder: it holds camera pictures; see docs/decisions/2026-11-28-session-folders.md."""


class StoreWriter:
    """A session folder, open and locked for writing; recovered where it was not closed."""

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        """Open a session, or begin one where the folder is missing or empty.

        Args:
            folder: Of the session.
            sync: Whether to wait for the disk now and then (a power cut), not only for the system (a kill).

        Raises:
            StoreBusy: another program writes it.
            BadStore: see core.store.opening; or the folder cannot be written.
        """
        self.folder, self._sync = folder, sync
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=PRIVATE, exist_ok=True)
        except OSError as error:
            raise BadStore(
                f"The session folder {folder} cannot be made: {error.strerror or error}. Choose another place."
            ) from error
        require_regular(folder)
        self._lock = WriterLock(folder)
        self._journal: Journal | None = None
        try:
            self._open()
        except OSError as error:
            self.abandon()
            raise BadStore(f"The session {folder} cannot be written: {error.strerror or error}.") from error
        except BaseException:
            self.abandon()
            raise

    def _open(self) -> None:
        opened = read_session(self.folder)
        self.contents: Contents = opened.contents
        self.recovery: Recovery = opened.recovery
        self.files = ColumnFiles(self.folder)
        self._committed, self._created = opened.committed, opened.created or time.time()
        self._records = 0
        for path in opened.recovery.damaged:  # what is left of it is carried over, then the file is removed
            keep_second_name(path, path.with_name(kept_name(path)))
        if opened.recovery.root and (self.folder / ROOT).exists():
            (self.folder / JOURNAL_FOLDER).mkdir(exist_ok=True)
            keep_second_name(self.folder / ROOT, self.folder / JOURNAL_FOLDER / "zarr.damaged")
        for path in partial_files(self.folder):
            path.unlink()
        sweep(self.files, self.contents.tables.columns())
        (self.folder / JOURNAL_FOLDER).mkdir(exist_ok=True)
        left = [number for number, _ in journal_files(self.folder)]
        self._number = max([self._committed.journal - 1, *left])
        self._switch()
        if left:
            for _ in self.folding():
                pass
        else:
            self._commit(replace(self._committed, journal=self._number))

    def append(self, records: list[Record]) -> None:
        """Record: when this returns, the records outlive the process.

        Raises:
            OSError: nothing was recorded; the same call may be made again.
        """
        self._open_journal.append(records)
        for record in records:
            self.contents.apply(record)
        self._records += len(records)

    @property
    def fold_due(self) -> bool:
        """Whether a whole block of nodes, or much else, is only in the journal."""
        waiting = self.contents.nodes - self._committed.nodes
        due = waiting >= SHARD_ROWS or (waiting > 0 and self.contents.nodes % SHARD_ROWS == 0)
        return due or self._records >= FOLD_RECORDS

    def folding(self) -> Iterator[None]:
        """Carry the journal over into the arrays, in pieces; what is recorded meanwhile stays in the journal.

        Raises:
            OSError: it was not carried over; nothing is lost, and it may be begun again.
        """
        contents = self.contents
        self._open_journal.require()
        self._switch()
        changed, contents.changed = frozenset(contents.changed), set()
        after = Committed(
            nodes=contents.nodes, branches=len(contents.rows), episodes=contents.episodes, verbs=contents.verb_count,
            edits=len(contents.edits), journal=self._number,
        )  # fmt: skip
        fold = Fold(self._committed, after, changed, tuple(contents.shared), self._sync)
        try:
            checks = yield from fold.pieces(contents, self.files)
            self._commit(replace(after, checks=checks))
        except BaseException:
            contents.changed |= changed
            raise
        for row in range(fold.before.nodes, after.nodes):
            del contents.pending[row]
        for digest in fold.shared:
            del contents.shared[digest]
        whole = after.verbs - after.verbs % TABLE_ROWS
        del contents.verbs[: whole - contents.verbs_from]
        contents.verbs_from = whole
        for number, path in journal_files(self.folder):
            if number < after.journal:
                path.unlink(missing_ok=True)

    def sync(self) -> None:
        """Wait until the disk has the journal."""
        if self._sync:
            self._open_journal.sync()

    def close(self) -> None:
        """Fold the journal into the arrays, remove it and release the lock.

        Raises:
            OSError: the folder could not be written; it stays open and locked, and nothing is lost.
        """
        self._lock.say("closing")
        for _ in self.folding():
            pass
        self._open_journal.close()
        self._commit(replace(self._committed, journal=self._number + 1), closed=True)
        for _, path in journal_files(self.folder):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # something else lies in it
            (self.folder / JOURNAL_FOLDER).rmdir()
        self._lock.release()

    def abandon(self) -> None:
        """Let go of the folder as it is; the next opening recovers it."""
        if self._journal is not None:
            self._journal.close()
        self._lock.release()

    @property
    def _open_journal(self) -> Journal:
        if self._journal is None:
            raise BadStore(f"The session {self.folder} is not open.")
        return self._journal

    def _switch(self) -> None:
        """Go on in a new journal file."""
        journal = Journal(journal_path(self.folder, self._number + 1))
        if self._journal is not None:
            self._journal.close()
        self._journal, self._number, self._records = journal, self._number + 1, 0

    def _commit(self, committed: Committed, *, closed: bool = False) -> None:
        root = root_attributes(self.contents, committed, self._created, closed=closed)
        write_root(self.folder, root, sync=self._sync)
        self._committed = committed
