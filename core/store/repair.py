"""Mends a session folder where what is lost can be made again from what is there. Destroys nothing.

Every file is copied into a folder beside the session before it is touched. What cannot be mended stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadStore
from core.regular_files import require_regular
from core.store.column_files import ColumnFiles
from core.store.copies import Copies, Mend
from core.store.damage import DAMAGE, reason
from core.store.layout import JOURNAL_FOLDER, ROOT, VERSION
from core.store.lock import WriterLock
from core.store.mend_arrays import mend_checksums, mend_lengths, mend_metadata, mend_order, mend_shards
from core.store.mend_labels import mend_checks, mend_labels, mend_lengths_of_branches
from core.store.opening import committed_of, partial_files, read_session, require_room, root_of, tables_of
from core.store.root import COPY, SEAL, intact, read_copy, read_root, unsealed, write_copy, write_root
from core.store.root_values import require_values
from core.store.verdict import Verdict
from core.store.verify import verify
from core.store.writer import StoreWriter


@dataclass(frozen=True, slots=True, eq=False)
class Repaired:
    """What a repair did."""

    mends: tuple[Mend, ...]
    copies: Path | None
    """Where the files lie as they were; None where none was touched."""
    verdict: Verdict
    """Of the session afterwards."""


def repair(folder: Path) -> Repaired:
    """Mend what can be mended, close what was not closed, and check the result.

    Raises:
        StoreBusy: another program has the session open.
        BadStore: it is not a session, or neither its root nor a copy of it can be read.
        OSError: the folder cannot be written.
    """
    if not folder.is_dir():
        raise BadStore(f"There is no session at {folder}. Check the path.")
    require_regular(folder)
    if not any(folder.iterdir()):
        raise BadStore(f"{folder} is empty: there is no session to repair. Check the path.")
    if unsealed(folder) is None and read_copy(folder) is None:
        if read_root(folder) is None:
            return Repaired((), None, verify(folder))
        raise BadStore(f"{folder} cannot be repaired: nothing of it tells what it was. Restore it from a copy.")
    copies = Copies(folder)
    lock = WriterLock(folder, "checking")
    try:
        mends = list(_mends(folder, copies))
    finally:
        lock.release()
    mends += _closed(folder, copies)
    return Repaired(tuple(mends), copies.any, verify(folder))


def _mends(folder: Path, copies: Copies) -> Iterator[Mend]:
    """Everything but the journal, in the order in which one thing needs the other."""
    yield from _root(folder, copies)
    found = root_of(folder)
    assert found is not None, "it was mended above"
    values = found.values
    try:
        tables, committed = tables_of(values), committed_of(values)
        require_room(folder, committed)
    except DAMAGE as error:
        raise BadStore(f"{folder} cannot be repaired: of its {ROOT}, {reason(error)}.") from error
    for path in partial_files(folder):
        copies.keep_replaced(path)
        path.unlink()
        yield Mend(str(path.relative_to(folder)), "Removed: a killed program had left it unfinished.")
    files = ColumnFiles(folder)
    yield from mend_metadata(files, tables, committed, copies, closed=bool(values["closed"]))
    yield from mend_checksums(files, tables, values, committed, copies)
    for column in tables.columns():
        yield from mend_lengths(files, column, committed.nodes, copies)
        yield from mend_shards(files, column, committed.nodes, copies)
    yield from mend_order(files, committed.nodes, values, committed, copies)
    yield from mend_labels(folder, values, committed, copies)
    if values["closed"] or not _opens(folder):  # else what a killed program wrote ahead of its journal is in order
        yield from mend_lengths_of_branches(folder, committed, copies)
        yield from mend_checks(folder, committed, copies)


def _opens(folder: Path) -> bool:
    try:
        read_session(folder)
    except BadStore:
        return False
    return True


def _root(folder: Path, copies: Copies) -> Iterator[Mend]:
    """The root from its copy, the copy from the root; a root that fits nothing is taken as it is.

    Raises:
        BadStore: neither can be what was written.
    """
    copy, here = read_copy(folder), unsealed(folder)
    lost_seal = here is not None and SEAL not in here and copy is not None
    if here is not None and _whole(here) and not lost_seal:
        if here.get("version") == VERSION and SEAL in here and copy is None:
            copies.keep_replaced(folder / COPY)
            write_copy(folder, here)
            yield Mend(COPY, "Written again from the root.")
        return
    if copy is not None and _possible(copy):
        copies.keep_replaced(folder / ROOT)
        copy.pop(SEAL)
        write_root(folder, copy)
        yield Mend(ROOT, "Put back from its copy.")
    elif here is not None and _possible(here):
        copies.keep_replaced(folder / ROOT)
        here.pop(SEAL, None)
        write_root(folder, here)
        yield Mend(ROOT, "It did not fit its checksum and has no copy; it was taken as it is, and sealed anew.")
    else:
        root_of(folder)  # raises with the reason
        raise BadStore(f"{folder} cannot be repaired: nothing of it tells what it was. Restore it from a copy.")


def _whole(values: dict[str, Any]) -> bool:
    try:
        return intact(values) and (_possible(values) or values.get("version") != VERSION)
    except (KeyError, TypeError, RecursionError):
        return False


def _possible(values: dict[str, Any]) -> bool:
    try:
        require_values(values)
    except ValueError:
        return False
    return True


def _closed(folder: Path, copies: Copies) -> list[Mend]:
    """Carry over what a killed program left in the journal."""
    try:
        opened = read_session(folder)
    except BadStore:
        return []
    if opened.closed and not opened.recovery.words():
        return []
    for path in (folder / JOURNAL_FOLDER).glob("*"):
        copies.keep_replaced(path)
    try:
        writer = StoreWriter(folder)
    except BadStore as error:
        return [Mend(JOURNAL_FOLDER, f"It was left as it is: {error}")]
    try:
        writer.close()
    except OSError as error:
        writer.abandon()
        return [Mend(JOURNAL_FOLDER, f"It was left as it is, the arrays cannot be added to: {reason(error)}.")]
    return [Mend("", writer.recovery.words() or "It was not closed; it is now.")]
