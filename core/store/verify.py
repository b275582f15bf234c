"""Checks a session on disk: sizes, commit record, the tree, checksums of everything. Reads only."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from core.errors import BadStore, StoreBusy
from core.journal import replay
from core.regular_files import irregular
from core.store.check_arrays import (
    NODE_PATHS,
    check_labels,
    check_metadata,
    check_rows,
    check_shared,
    check_tables,
    checks_of,
)
from core.store.column_files import ColumnFiles
from core.store.damage import DAMAGE, reason
from core.store.fold import Committed
from core.store.layout import ROOT, Tables
from core.store.lock import held
from core.store.opening import (
    Opened,
    committed_of,
    journal_files,
    journal_path,
    partial_files,
    read_session,
    require_room,
    root_of,
    tables_of,
)
from core.store.root import COPY, SEAL, read_copy
from core.store.small_tables import read_branches
from core.store.verdict import Verdict


def verify(folder: Path) -> Verdict:
    """Check a session from end to end. Raises as verifying does."""
    work = verifying(folder)
    while True:
        try:
            next(work)
        except StopIteration as end:
            verdict: Verdict = end.value
            return verdict


def verifying(folder: Path, *, mine: bool = False) -> Generator[float, None, Verdict]:
    """Check a session in pieces; yields how far it is, 0..1.

    Args:
        folder: Of the session.
        mine: The caller holds the writer lock.

    Raises:
        StoreBusy: another program writes it now.
        BadStore: the folder is no session of this program.
    """
    who = None if mine else held(folder)
    if who is not None:
        raise StoreBusy(f"The session {folder} is open in another program (process {who.get('pid', '?')}). Close it.")
    verdict = Verdict(folder)
    for path, kind in irregular(folder):
        verdict.damage(str(path.relative_to(folder)), f"It is {kind}, not a regular file; nothing is read through it.")
    if not verdict.ok:
        return verdict
    values = _root(verdict, folder)
    if values is None:
        return verdict
    try:
        tables, committed = tables_of(values), committed_of(values)
        require_room(folder, committed)
    except DAMAGE as error:
        verdict.damage(ROOT, f"It cannot be what was written: {reason(error)}.")
        return verdict
    verdict.nodes, verdict.steps = committed.nodes, committed.nodes - committed.episodes
    opened = _opened(verdict, folder)
    closed = opened is not None and opened.closed
    _copy(verdict, folder, values)
    _left_over(verdict, folder, committed.journal, closed=bool(values["closed"]))
    files = ColumnFiles(folder)
    check_metadata(verdict, files, tables, committed, closed=closed)
    yield from _arrays(verdict, files, tables, committed, values)
    check_tables(verdict, folder, committed)
    check_labels(verdict, folder, committed, opened.contents.changed if opened is not None else frozenset())
    if opened is not None:
        _tree(verdict, folder, opened, committed)
    for digest in sorted({digest for names in tables.shared_sets for digest in names.values()}):
        check_shared(verdict, folder, digest)
    return verdict


def _root(verdict: Verdict, folder: Path) -> dict[str, Any] | None:
    """The attributes of the root; None if neither root nor copy can be used, which is added to the verdict.

    Raises:
        BadStore: the folder is no session of this program.
    """
    try:
        root = root_of(folder)
    except BadStore as error:
        if not (folder / ROOT).exists() and not (folder / COPY).exists():
            raise
        verdict.damage(ROOT, str(error))
        return None
    if root is None:
        verdict.note("", "Nothing was recorded here.")
        return None
    if root.trouble:
        verdict.damage(ROOT, f"It {root.trouble}; its copy is whole. A repair puts it back.")
    return root.values


def _arrays(
    verdict: Verdict, files: ColumnFiles, tables: Tables, committed: Committed, values: dict[str, Any]
) -> Iterator[float]:
    """Every row of every array; yields how far it is."""
    columns = [c for c in tables.columns() if (files.folder / c.path).is_dir() or c.path in NODE_PATHS]
    checks = checks_of(verdict, files, values, committed)
    since = min((check.start for check in checks if check.path in NODE_PATHS), default=committed.nodes)
    for place, column in enumerate(columns):
        yield place / len(columns)
        mine = [check for check in checks if check.path == column.path]
        state = column.path.startswith("states/")
        bare = since if state else committed.nodes  # behind it, state rows without a checksum belong to no node
        for _ in check_rows(verdict, files, column, mine, committed.nodes, bare):
            yield place / len(columns)


def _opened(verdict: Verdict, folder: Path) -> Opened | None:
    """The opened session; None if it does not open, which is added to the verdict."""
    try:
        opened = read_session(folder)
    except BadStore as error:
        verdict.damage("", str(error))
        return None
    verdict.nodes, verdict.steps = opened.contents.nodes, opened.contents.steps
    for path in opened.recovery.damaged:
        verdict.damage(str(path.relative_to(folder)), "It is damaged; what it holds up to there is brought back.")
    if not opened.closed:
        steps = opened.recovery.steps
        verdict.note("", f"It was not closed; {steps} steps are in its journal only. Opening it folds them in.")
    return opened


def _copy(verdict: Verdict, folder: Path, values: dict[str, Any]) -> None:
    if SEAL not in values:
        if (folder / COPY).exists():
            verdict.damage(ROOT, "It has lost its checksum, which its copy still has. A repair puts it back.")
        else:
            verdict.note(ROOT, "It was written by an earlier version and has no checksum; the next opening adds one.")
    elif not (folder / COPY).exists() and not values["closed"]:
        verdict.note(COPY, "A killed program had not yet written the copy of the root. The next opening writes it.")
    elif read_copy(folder) is None:
        verdict.damage(COPY, "The copy of the root is missing or torn. A repair writes it again.")
    elif read_copy(folder) != values:
        verdict.note(COPY, "The copy of the root is older than the root. The next opening writes it again.")


def _left_over(verdict: Verdict, folder: Path, journal: int, *, closed: bool) -> None:
    for path in partial_files(folder):
        verdict.note(str(path.relative_to(folder)), "Left over by a program that was killed; it counts for nothing.")
    left = journal_files(folder)
    if not closed and not any(number >= journal for number, _ in left):
        name = str(journal_path(folder, journal).relative_to(folder))
        verdict.damage(name, "It is missing; what was recorded last is lost with it.")
    for number, path in left:
        name = str(path.relative_to(folder))
        if number < journal:
            verdict.note(name, "What it holds is in the arrays; the next opening removes it.")
            continue
        try:
            torn = replay(path).torn
        except (BadStore, *DAMAGE) as error:
            verdict.damage(name, reason(error))
            continue
        if torn:
            words = f"{torn} bytes of a record that was being written are at its end; they were never acknowledged."
            verdict.note(name, words)


def _tree(verdict: Verdict, folder: Path, opened: Opened, committed: Committed) -> None:
    """The table of branches against the nodes that the branches own."""
    contents = opened.contents
    for listed in read_branches(folder / "branches", committed.branches):
        branch = contents.tree.branches[listed.id]
        if listed.id not in contents.changed and listed.length != branch.length:
            words = f"Branch {listed.id} says that it ends at node {listed.length}; it ends at node {branch.length}."
            verdict.damage("branches/length", f"{words} A repair corrects it.")
        if any(marker.index > branch.length for marker in branch.markers):
            verdict.damage("branches/markers", f"A marker of branch {listed.id} lies behind its last node.")
    if contents.episodes != sum(branch.parent is None for branch in contents.tree.branches.values()):
        verdict.damage(ROOT, f"It says {contents.episodes} episodes; the branches without a parent are others.")
