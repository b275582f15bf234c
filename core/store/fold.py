"""Carries what is only in the journal into the Zarr arrays, in small pieces, and commits it in one file.

The order makes a kill harmless: rows and tables first, the root's zarr.json last. Until that is in place, opening
the session replays the journal over whatever was written. Every piece may be done again.
"""

import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.step import SOURCES
from core.store import small_tables as table
from core.store.checks import CHECKS, NO_SUMS, Check, Sums, crc_of_rows, write_checks
from core.store.column_files import ColumnFiles
from core.store.columns import Column, array_metadata, replace_file, sync_file
from core.store.layout import FORMAT, GROUPS, NODE, NODE_COLUMNS, ROOT, VERSION
from core.store.records import NodeRecord, fixed_bytes, node_record
from core.store.serialization import workcell_values
from core.store.session_index import Contents, SharedArray


@dataclass(frozen=True, slots=True)
class Committed:
    """What the arrays hold; the journal files from ``journal`` on hold the rest."""

    nodes: int = 0
    branches: int = 0
    episodes: int = 0
    verbs: int = 0
    edits: int = 0
    journal: int = 0
    checks: Sums = NO_SUMS
    """Checksums; sessions from before there were any have none."""
    tables_checked: bool = False
    """Whether each row of the small tables has a checksum."""


_COUNTS = ("nodes", "branches", "episodes", "verbs", "edits", "journal")
"""Keys of the attribute ``committed``; the number of checksums is in ``checks``."""


def root_attributes(contents: Contents, committed: Committed, created: float, *, closed: bool) -> dict[str, Any]:
    """The attributes of the session: everything that is not an array, and what is committed."""
    info: dict[str, Any] = contents.info or {}
    world = info.get("world", {})
    workcell = workcell_values(world)
    return {
        "format": FORMAT,
        "version": VERSION,
        "created": created,
        "closed": closed,
        "task": info.get("task"),
        "world": world,
        "policy": info.get("policy"),
        "told": world.get("told"),
        "dt": workcell.get("dt"),
        "codec": workcell.get("codec"),
        "cameras": workcell.get("cameras"),
        "operator": info.get("operator", ""),
        "openings": contents.openings,
        "settings": contents.settings,
        "head": None if contents.head is None else [contents.head.branch, contents.head.index],
        "sources": list(SOURCES),
        "states": contents.tables.to_dict(),
        "checks": {"rows": committed.checks.rows, "crc32": committed.checks.crc32, "columns": list(contents.checked)}
        | ({"tables": True} if contents.tables_checked else {}),
        "committed": {name: getattr(committed, name) for name in _COUNTS},
    }


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One carrying over: what it covers is settled when it begins, whatever is recorded meanwhile."""

    before: Committed
    after: Committed
    changed: frozenset[int]
    """Branches whose rows of the table are written again."""
    shared: tuple[str, ...]
    """Hashes of shared arrays that are written."""
    sync: bool
    """Wait for the disk, so that the journal may go."""

    def pieces(self, contents: Contents, files: ColumnFiles) -> Generator[None, None, Sums]:
        """Write everything but the root; yields between pieces of a millisecond or so.

        Returns:
            The checksums that there are now.
        """
        touched: set[Path] = set()
        checks: list[Check] = []
        layouts = (f"states/{layout.part}/{layout.id}" for layout in contents.tables.layouts)
        for group in (*GROUPS, *table.TABLES, *layouts):
            files.group(group)
        (files.folder / CHECKS.path).parent.mkdir(exist_ok=True)  # its zarr.json comes with the commit
        for digest in self.shared:
            touched.add(_write_shared(files.folder / "shared" / digest, contents.shared[digest]))
            yield
        yield from _rows(contents, files, self.before.nodes, self.after.nodes, touched, checks)
        yield from self._tables(contents, files.folder, touched)
        sums = write_checks(files, contents.checked, self.before.checks, checks, touched)
        yield
        for path in touched if self.sync else ():
            sync_file(path)
            yield
        return sums

    def _tables(self, contents: Contents, folder: Path, touched: set[Path]) -> Iterator[None]:
        """The chunks of branches, episodes and verbs that changed."""
        branches = contents.tree.branches
        trunks = [b for b in branches.values() if b.parent is None]
        jobs: list[tuple[str, set[int], Callable[[int], Any]]] = [
            ("branches", set(self.changed), lambda n: branches[n]),
            ("episodes", self._new("episodes"), lambda n: trunks[n]),
            ("verbs", self._new("verbs"), lambda n: contents.verbs[n - contents.verbs_from]),
            ("edits", self._new("edits"), lambda n: contents.edits[n]),
        ]

        def cell(name: str, column: table.TableColumn, number: int) -> Any:
            if column is not table.CHECK:
                return column.cell(rows_of[name](number))
            known = name != "verbs" or number >= contents.verbs_from
            return table.row_check(name, number, rows_of[name](number)) if known else table.UNKNOWN

        rows_of = {name: row for name, _, row in jobs}
        for name, numbers, _ in jobs:
            count = getattr(self.after, name)
            for column in table.TABLES[name]:
                new = not table.has(folder / name, column)
                new |= column is table.CHECK and not contents.tables_checked
                written = range(count) if new else numbers
                for block in sorted({number // table.ROWS for number in written}):
                    rows = range(block * table.ROWS, min((block + 1) * table.ROWS, count))
                    touched.add(table.write_chunk(folder / name, column, block, [cell(name, column, n) for n in rows]))
                    yield
                if new or count != getattr(self.before, name):
                    table.write_metadata(folder / name, column, count)
                    yield
        contents.tables_checked = True

    def _new(self, name: str) -> set[int]:
        return set(range(getattr(self.before, name), getattr(self.after, name)))


def _rows(
    contents: Contents, files: ColumnFiles, start: int, stop: int, touched: set[Path], checks: list[Check]
) -> Iterator[None]:
    """Rows start .. stop of every column, their checksums, and the new length of every column."""
    tables = contents.tables
    if stop > start:
        payloads = [contents.pending[row] for row in range(start, stop)]
        fixed = np.frombuffer(b"".join(fixed_bytes(payload) for payload in payloads), NODE)
        for name, column in NODE_COLUMNS.items():
            touched.update(files.write_flat(column, start, fixed[name]))
            checks.append(Check(column.path, start, stop, zlib.crc32(np.ascontiguousarray(fixed[name]).tobytes())))
            yield
        records: list[NodeRecord] = []
        for payload in payloads:
            records.append(node_record(payload, tables))
            yield
        for column in tables.columns()[len(NODE_COLUMNS) :]:
            values = [record.values.get(column.path) for record in records]
            if any(value is not None for value in values):
                touched.update(_write(files, column, start, values))
                yield
                checks.append(Check(column.path, start, stop, crc_of_rows(column, values)))
                yield
    for column in tables.columns():
        files.grow(column, stop)
        yield


def _write(files: ColumnFiles, column: Column, start: int, values: Sequence[bytes | None]) -> list[Path]:
    if column.big:
        return files.write_big(column, start, values)
    blank = bytes(column.row_bytes)
    data = b"".join(blank if value is None else value for value in values)
    rows = np.frombuffer(data, np.dtype(column.dtype).newbyteorder("<")).reshape(len(values), *column.shape)
    return files.write_flat(column, start, rows)


def _write_shared(folder: Path, shared: SharedArray) -> Path:
    folder.mkdir(exist_ok=True)
    chunk = [max(1, size) for size in shared.shape]
    path = folder / ("c" + "".join(".0" for _ in shared.shape))
    if all(shared.shape):
        replace_file(path, shared.data)
    codecs = [
        {"name": "bytes", "configuration": {"endian": "little"}},
        {"name": "zstd", "configuration": {"level": 1, "checksum": True}},
    ]
    replace_file(folder / ROOT, array_metadata(shared.shape, chunk, shared.dtype, codecs))
    return path if all(shared.shape) else folder / ROOT
