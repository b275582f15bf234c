"""Checks of the arrays of a session: their zarr.json, every row, every chunk of the small tables. Reads only."""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.branch_tree import Branch
from core.regular_files import read_json
from core.store import small_tables as table
from core.store.archive import read_shared
from core.store.checks import CHECKS, Check, read_checks
from core.store.column_files import METADATA, ColumnFiles
from core.store.columns import Column, group_metadata
from core.store.damage import DAMAGE, reason
from core.store.encoder import digest_of
from core.store.fold import Committed
from core.store.layout import GROUPS, NODE_COLUMNS, Field, Tables
from core.store.opening import journal_files
from core.store.packed import packed_metadata
from core.store.verdict import Verdict

NODE_PATHS: Final = frozenset(column.path for column in NODE_COLUMNS.values())


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
            if entry is table.CHECK and not committed.tables_checked:
                continue
            expected[f"{name}/{entry.name}"] = table.metadata(entry, getattr(committed, name))
    return expected


def check_metadata(verdict: Verdict, files: ColumnFiles, tables: Tables, committed: Committed, *, closed: bool) -> None:
    """Check every zarr.json against the root."""
    if committed.nodes == 0:
        return
    for path, expected in expected_metadata(files, tables, committed).items():
        words = wrong_metadata(files.folder / path / METADATA, expected, closed=closed)
        if words:
            verdict.damage(f"{path}/{METADATA}", f"{words} A repair writes it again.")


def wrong_metadata(path: Path, expected: bytes, *, closed: bool) -> str:
    """What is wrong with a zarr.json, in words; "" where it is what it should be."""
    try:
        found = read_json(path)
    except FileNotFoundError:
        return "It is missing."
    except (OSError, ValueError) as error:
        return f"It cannot be read: {reason(error)}."
    wanted = json.loads(expected)
    try:
        if found["node_type"] == wanted["node_type"] == "group":
            return ""  # users may have added attributes
        rows, should = found["shape"][0], wanted["shape"][0]
        same = all(found.get(k) == v for k, v in wanted.items() if k not in ("shape", "attributes", "codecs"))
        if (
            not same
            or found["shape"][1:] != wanted["shape"][1:]
            or _codecs(found["codecs"]) != _codecs(wanted["codecs"])
        ):
            return "It does not describe the array that is there."
    except (LookupError, TypeError, AttributeError) as error:
        return f"It is torn: {reason(error)}."
    if rows != should and (closed or rows < should):
        return f"It says {rows} rows where {should} were committed."
    return ""


def _codecs(value: Any) -> Any:
    """Codecs without their compression level, which does not affect reading."""
    if isinstance(value, dict):
        return {key: _codecs(found) for key, found in value.items() if key != "level"}
    return [_codecs(found) for found in value] if isinstance(value, list) else value


def checks_of(verdict: Verdict, files: ColumnFiles, values: dict[str, Any], committed: Committed) -> list[Check]:
    """The checksums of a session; empty if they cannot be read, which is added to the verdict."""
    if committed.checks.rows == 0:
        return []
    try:
        return read_checks(files, values["checks"]["columns"], committed.checks)
    except DAMAGE as error:
        verdict.damage(CHECKS.path, f"The checksums cannot be read: {reason(error)}. A repair makes them again.")
        return []


def check_rows(
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
            path = files.block_path(column, _torn_block(files, column, start, stop))
            verdict.damage(str(path.relative_to(files.folder)), words)
        yield


def _torn_block(files: ColumnFiles, column: Column, start: int, stop: int) -> int:
    """The first file with some of the rows that cannot be read; the first of all where every one can be."""
    size = files.block_rows(column)
    first = start // size
    for block in range(first, -(-stop // size)):
        if wrong_rows(files, column, max(start, block * size), min(stop, (block + 1) * size), None):
            return block
    return first


def wrong_rows(files: ColumnFiles, column: Column, start: int, stop: int, crc: int | None) -> str:
    """What is wrong with rows of an array, in words; "" where they are as they were recorded."""
    found, crc32 = 0, 0
    try:
        for values in files.pieces(column, start, stop):
            found += len(values)
            crc32 = zlib.crc32(np.ascontiguousarray(values).tobytes(), crc32)
    except FileNotFoundError:
        return "It is missing."
    except DAMAGE as error:
        words = reason(error)
        return f"Rows {start} to {stop - 1} cannot be read: {words}.{_which(files, column, start, stop)}"
    if found != stop - start:
        return f"It ends before row {stop - 1}."
    if crc is None or crc32 == crc:
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


def check_tables(verdict: Verdict, folder: Path, committed: Committed) -> None:
    """Read every chunk of the small tables."""
    for name, column, block in table_chunks(folder, committed):
        try:
            table.read_chunk(folder / name, column, block)
        except DAMAGE as error:
            verdict.damage(f"{name}/{column.name}/c.{block}", f"It is missing or torn: {reason(error)}.")


def check_labels(verdict: Verdict, folder: Path, committed: Committed, changed: Set[int]) -> None:
    """Check the rows of the small tables against their checksums, except ``changed``: branches in the journal."""
    if not committed.tables_checked:
        return
    rows: dict[str, Callable[[], Sequence[Any]]] = {
        "branches": lambda: table.read_branches(folder / "branches", committed.branches),
        "verbs": lambda: table.read_verbs(folder / "verbs", committed.verbs),
        "edits": lambda: table.read_edits(folder / "edits", committed.edits),
    }
    for name, read in rows.items():
        try:
            wrong = table.wrong_checks(folder, name, read())
        except DAMAGE as error:
            verdict.damage(name, f"It cannot be checked: {reason(error)}.")
            continue
        for number in wrong:
            if name != "branches" or number not in changed:
                verdict.damage(name, f"Row {number} is not what was recorded: its checksum is another one.")
    try:
        _check_episodes(verdict, folder, rows["branches"](), committed.episodes)
    except DAMAGE as error:
        verdict.damage("episodes", f"It cannot be checked: {reason(error)}.")


def _check_episodes(verdict: Verdict, folder: Path, branches: Sequence[Branch], count: int) -> None:
    """Hold the table of episodes against the branches without a parent."""
    trunks = [(branch.id, branch.scene_seed) for branch in branches if branch.parent is None]
    cells = [
        [cell for block in range(-(-count // table.ROWS)) for cell in table.read_chunk(folder / "episodes", c, block)]
        for c in table.EPISODES
    ]
    if trunks != list(zip(*cells, strict=True))[:count]:
        verdict.damage("episodes", "It names other branches than those that begin an episode.")


def table_chunks(folder: Path, committed: Committed) -> Iterator[tuple[str, table.TableColumn, int]]:
    """Every chunk that the tables of a session should have."""
    for name, columns in table.TABLES.items():
        for column in columns:
            if column.missing is not None and not table.has(folder / name, column):
                continue  # begun before there was this column; else its zarr.json is missed
            for block in range(-(-getattr(committed, name) // table.ROWS)):
                yield name, column, block


def check_shared(verdict: Verdict, folder: Path, digest: str) -> None:
    """Hold an array that many states share against its hash."""
    try:
        value = read_shared(folder, digest)
    except FileNotFoundError:
        if journal_files(folder):
            return  # it is still in the journal; opening the session reports damage there
        verdict.damage(f"shared/{digest}", "It is missing; states that share it cannot be gone on from.")
        return
    except DAMAGE as error:
        verdict.damage(f"shared/{digest}", f"It is torn: {reason(error)}. States that share it cannot be gone on from.")
        return
    if digest_of(Field.of("shared", value), np.ascontiguousarray(value).tobytes()) != digest:
        verdict.damage(f"shared/{digest}", "It is not what was recorded: its hash is another one.")
