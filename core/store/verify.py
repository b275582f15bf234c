"""Checks a session on disk: sizes, commit record, checksums of everything. Reads only."""

import json
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from core.errors import BadStore, StoreBusy
from core.journal import replay
from core.store import small_tables as table
from core.store.archive import read_shared
from core.store.checks import CHECKS, Check, read_checks
from core.store.column_files import METADATA, ColumnFiles
from core.store.columns import Column, group_metadata
from core.store.encoder import digest_of
from core.store.fold import Committed
from core.store.layout import GROUPS, NODE_COLUMNS, ROOT, Field, Tables
from core.store.lock import held
from core.store.opening import (
    Recovery,
    committed_of,
    journal_files,
    partial_files,
    read_session,
    root_of,
    tables_of,
)
from core.store.packed import packed_metadata
from core.store.root import COPY, SEAL, read_copy

Level = Literal["damage", "note"]
DAMAGE: Final = (OSError, ValueError, RuntimeError, KeyError, TypeError, IndexError)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a session that its user should know."""

    level: Level
    path: str
    """Inside the session; "" for the session itself."""
    words: str


@dataclass(slots=True, eq=False)
class Verdict:
    """What verify found out; filled while it works."""

    folder: Path
    nodes: int = 0
    """That are in the arrays or in the journal."""
    steps: int = 0
    rows: int = 0
    """Rows of arrays that were read."""
    unchecked: int = 0
    """Of these, rows without a checksum of their own."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything that was recorded is there as it was recorded."""
        return not any(finding.level == "damage" for finding in self.findings)

    def damage(self, path: str, words: str) -> None:
        """Something is not as it was recorded; said once, however many rows of a file it concerns."""
        finding = Finding("damage", path, words)
        if self.findings[-1:] != [finding]:
            self.findings.append(finding)

    def note(self, path: str, words: str) -> None:
        """Something is worth knowing and costs nothing."""
        self.findings.append(Finding("note", path, words))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        findings = [{"level": f.level, "path": f.path, "words": f.words} for f in self.findings]
        numbers = {name: getattr(self, name) for name in ("nodes", "steps", "rows", "unchecked")}
        return {"folder": str(self.folder), "ok": self.ok, **numbers, "findings": findings}


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
    try:
        root = root_of(folder)
    except BadStore as error:
        if not (folder / ROOT).exists() or not (folder / COPY).exists():
            raise
        verdict.damage(ROOT, str(error))
        return verdict
    if root is None:
        verdict.note("", "Nothing was recorded here.")
        return verdict
    if root.trouble:
        verdict.damage(ROOT, f"It {root.trouble}; its copy is whole. A repair puts it back.")
    try:
        tables, committed = tables_of(root.values), committed_of(root.values)
    except DAMAGE as error:
        verdict.damage(ROOT, f"It lacks what the session needs: {error!r}.")
        return verdict
    verdict.nodes = committed.nodes
    verdict.steps = committed.nodes - committed.episodes
    closed = _opens(verdict, folder) and bool(root.values["closed"])
    _copy(verdict, folder, root.values)
    _left_over(verdict, folder, committed.journal)
    files = ColumnFiles(folder)
    _metadata(verdict, files, tables, committed, closed=closed)
    columns = [column for column in tables.columns() if (folder / column.path).is_dir() or column.path in NODE_PATHS]
    checks = checks_of(verdict, files, root.values, committed)
    since = min((check.start for check in checks if check.path in NODE_PATHS), default=committed.nodes)
    for place, column in enumerate(columns):
        yield place / len(columns)
        mine_of = [check for check in checks if check.path == column.path]
        state = column.path.startswith("states/")
        bare = since if state else committed.nodes  # behind it, state rows without a checksum belong to no node
        for _ in _rows(verdict, files, column, mine_of, committed.nodes, bare):
            yield place / len(columns)
    _tables(verdict, folder, committed)
    for digest in sorted({digest for names in tables.shared_sets for digest in names.values()}):
        _shared(verdict, folder, digest)
    return verdict


NODE_PATHS: Final = frozenset(column.path for column in NODE_COLUMNS.values())


def _opens(verdict: Verdict, folder: Path) -> bool:
    """Whether it opens; what is only in its journal."""
    try:
        opened = read_session(folder)
    except BadStore as error:
        verdict.damage("", str(error))
        return False
    verdict.nodes, verdict.steps = opened.contents.nodes, opened.contents.steps
    recovery: Recovery = opened.recovery
    for path in recovery.damaged:
        verdict.damage(str(path.relative_to(folder)), "It is damaged; what it holds up to there is brought back.")
    if not opened.closed:
        verdict.note(
            "", f"It was not closed; {recovery.steps} steps are in its journal only. Opening it folds them in."
        )
    return opened.closed


def _copy(verdict: Verdict, folder: Path, values: dict[str, Any]) -> None:
    if SEAL not in values:
        verdict.note(ROOT, "It was written by an earlier version and has no checksum; the next opening adds one.")
    elif not (folder / COPY).exists() and not values["closed"]:
        verdict.note(COPY, "A killed program had not yet written the copy of the root. The next opening writes it.")
    elif read_copy(folder) is None:
        verdict.damage(COPY, "The copy of the root is missing or torn. A repair writes it again.")
    elif read_copy(folder) != values:
        verdict.note(COPY, "The copy of the root is older than the root. The next opening writes it again.")


def _left_over(verdict: Verdict, folder: Path, journal: int) -> None:
    for path in partial_files(folder):
        verdict.note(str(path.relative_to(folder)), "Left over by a program that was killed; it counts for nothing.")
    for number, path in journal_files(folder):
        name = str(path.relative_to(folder))
        if number < journal:
            verdict.note(name, "What it holds is in the arrays; the next opening removes it.")
            continue
        try:
            torn = replay(path).torn
        except BadStore as error:
            verdict.damage(name, str(error))
            continue
        if torn:
            verdict.note(
                name, f"{torn} bytes of a record that was being written are at its end; nobody was told of it."
            )


def expected_metadata(files: ColumnFiles, tables: Tables, committed: Committed) -> dict[str, bytes]:
    """What the zarr.json of every group and array of the session should be, by folder."""
    old = committed.checks.rows == 0  # nothing was added since there are checksums: later columns may be missing
    expected = {group: group_metadata({}) for group in GROUPS}
    expected |= {f"states/{layout.part}/{layout.id}": group_metadata({}) for layout in tables.layouts}
    for column in [*tables.columns(), *([CHECKS] if committed.checks.rows else [])]:
        packing, rows = files.packing(column), committed.checks.rows if column is CHECKS else committed.nodes
        expected[column.path] = column.metadata(rows) if packing is None else packed_metadata(column, rows, packing)
    for name, columns in table.TABLES.items():
        if old and not (files.folder / name).is_dir():
            continue
        expected[name] = group_metadata({})
        for entry in columns:
            if old and entry.missing is not None and not table.has(files.folder / name, entry):
                continue
            expected[f"{name}/{entry.name}"] = table.metadata(entry, getattr(committed, name))
    return expected


def _metadata(verdict: Verdict, files: ColumnFiles, tables: Tables, committed: Committed, *, closed: bool) -> None:
    if committed.nodes == 0:
        return
    for path, expected in expected_metadata(files, tables, committed).items():
        words = wrong_metadata(files.folder / path / METADATA, expected, closed=closed)
        if words:
            verdict.damage(f"{path}/{METADATA}", f"{words} A repair writes it again.")


def wrong_metadata(path: Path, expected: bytes, *, closed: bool) -> str:
    """What is wrong with a zarr.json, in words; "" where it is what it should be."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return "It is missing."
    except (OSError, ValueError) as error:
        return f"It cannot be read: {error}."
    wanted = json.loads(expected)
    try:
        if found["node_type"] == wanted["node_type"] == "group":
            return ""  # somebody may have put attributes there
        rows, should = found["shape"][0], wanted["shape"][0]
        same = all(found.get(k) == v for k, v in wanted.items() if k not in ("shape", "attributes", "codecs"))
        if (
            not same
            or found["shape"][1:] != wanted["shape"][1:]
            or _codecs(found["codecs"]) != _codecs(wanted["codecs"])
        ):
            return "It does not describe the array that is there."
    except (KeyError, TypeError, IndexError) as error:
        return f"It is torn: {error!r}."
    if rows != should and (closed or rows < should):
        return f"It says {rows} rows where {should} were committed."
    return ""


def _codecs(value: Any) -> Any:
    """Codecs without the level of their compression, which does not matter to whoever reads."""
    if isinstance(value, dict):
        return {key: _codecs(found) for key, found in value.items() if key != "level"}
    return [_codecs(found) for found in value] if isinstance(value, list) else value


def checks_of(verdict: Verdict, files: ColumnFiles, values: dict[str, Any], committed: Committed) -> list[Check]:
    """The checksums of a session; none where they cannot be read, which the verdict then says."""
    if committed.checks.rows == 0:
        return []
    try:
        return read_checks(files, values["checks"]["columns"], committed.checks)
    except DAMAGE as error:
        verdict.damage(CHECKS.path, f"The checksums cannot be read: {error}. A repair makes them again.")
        return []


def _rows(
    verdict: Verdict, files: ColumnFiles, column: Column, checks: list[Check], nodes: int, bare: int
) -> Iterator[None]:
    """Read every row of an array; each piece is held against its checksum where it has one.

    Rows without a checksum from ``bare`` on hold nothing that counts.
    """
    covered = 0
    pieces: list[tuple[int, int, int | None]] = []
    for check in sorted(checks, key=lambda c: c.start):
        pieces.append((covered, min(check.start, bare), None))
        pieces.append((check.start, min(check.stop, nodes), check.crc32 if check.stop <= nodes else None))
        covered = max(covered, check.stop)
    pieces.append((covered, min(nodes, bare), None))
    for start, stop, crc in pieces:
        if stop <= start:
            continue
        verdict.rows += stop - start
        verdict.unchecked += 0 if crc is not None else stop - start
        words = wrong_rows(files, column, start, stop, crc)
        if words:
            path = files.block_path(column, start // files.block_rows(column))
            verdict.damage(str(path.relative_to(files.folder)), words)
        yield


def wrong_rows(files: ColumnFiles, column: Column, start: int, stop: int, crc: int | None) -> str:
    """What is wrong with rows of an array, in words; "" where they are as they were recorded."""
    try:
        values = files.read_range(column, start, stop)
    except FileNotFoundError:
        return "It is missing."
    except DAMAGE as error:
        return f"Rows {start} to {stop - 1} cannot be read: {error}.{_which(files, column, start, stop)}"
    if len(values) != stop - start:
        return f"It ends before row {stop - 1}."
    if crc is None or zlib.crc32(np.ascontiguousarray(values).tobytes()) == crc:
        return ""
    return f"Rows {start} to {stop - 1} are not what was recorded: their checksum is another one."


def _which(files: ColumnFiles, column: Column, start: int, stop: int) -> str:
    """The rows of a big column that are torn themselves, where the others can still be read."""
    if not column.big:
        return ""
    torn = []
    for row in range(start, stop):
        try:
            files.read(column, row)
        except DAMAGE:
            torn.append(row)
    return f" Torn are {len(torn)} of them: {', '.join(map(str, torn[:8]))}{' ..' if len(torn) > 8 else ''}."


def _tables(verdict: Verdict, folder: Path, committed: Committed) -> None:
    for name, column, block in table_chunks(folder, committed):
        try:
            table.read_chunk(folder / name, column, block)
        except DAMAGE as error:
            verdict.damage(f"{name}/{column.name}/c.{block}", f"It is missing or torn: {error}.")


def table_chunks(folder: Path, committed: Committed) -> Iterator[tuple[str, table.TableColumn, int]]:
    """Every chunk that the tables of a session should have."""
    for name, columns in table.TABLES.items():
        for column in columns:
            if column.missing is not None and not table.has(folder / name, column):
                continue  # begun before there was this column; else its zarr.json is missed
            for block in range(-(-getattr(committed, name) // table.ROWS)):
                yield name, column, block


def _shared(verdict: Verdict, folder: Path, digest: str) -> None:
    try:
        value = read_shared(folder, digest)
    except FileNotFoundError:
        if journal_files(folder):
            return  # it is still in the journal; opening says where that is damaged
        verdict.damage(f"shared/{digest}", "It is missing; states that share it cannot be gone on from.")
        return
    except DAMAGE as error:
        verdict.damage(f"shared/{digest}", f"It is torn: {error}. States that share it cannot be gone on from.")
        return
    if digest_of(Field.of("shared", value), np.ascontiguousarray(value).tobytes()) != digest:
        verdict.damage(f"shared/{digest}", "It is not what was recorded: its hash is another one.")
