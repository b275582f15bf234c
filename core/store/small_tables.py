"""Small tables whose rows may change (branches, episodes, verbs): whole chunks are put in place at once."""

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.branch_tree import AUTOMATIC, Branch
from core.regular_files import parse_json, read_bytes
from core.store.columns import (
    array_metadata,
    compressed,
    content_size,
    decompressed,
    frame_limit,
    replace_file,
)
from core.store.serialization import branch_from_dict, branch_to_dict
from core.store.session_index import VerbEntry

ROWS: Final = 256
"""Rows of a chunk."""
LARGEST_CHUNK: Final = 64 << 20
"""Bytes of the texts of a chunk; more are damage."""
_COUNT = struct.Struct("<I")
_PLAIN = {"name": "bytes", "configuration": {"endian": "little"}}
_TEXT = {"name": "vlen-utf8", "configuration": {}}
_ZSTD = {"name": "zstd", "configuration": {"level": 1, "checksum": True}}


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: a number or a text per row."""

    name: str
    dtype: str
    """NumPy's name, or "string"."""
    cell: Callable[[Any], Any]
    """Row -> value in this column."""
    missing: Any = None
    """What a store that was begun without this column means; None where there is none."""


def _json_of(key: str) -> Callable[[Branch], str]:
    return lambda branch: json.dumps(branch_to_dict(branch)[key])


BRANCHES: Final = (
    TableColumn("parent", "int64", lambda branch: -1 if branch.parent is None else branch.parent),
    *(
        TableColumn(name, "int64", attrgetter(name))
        for name in ("fork_step", "length", "episode", "seed", "scene_seed")
    ),
    TableColumn("color", "int64", attrgetter("color"), AUTOMATIC),
    *(TableColumn(name, "bool", attrgetter(name), False) for name in ("discarded", "pinned", "hidden")),
    *(
        TableColumn(name, "string", attrgetter(name), "")
        for name in ("kind", "name", "outcome", "review", "note", "operator", "reviewer")
    ),
    *(TableColumn(name, "string", _json_of(name)) for name in ("markers", "world", "policy")),
)
"""Row i is branch i; parent -1 is none; markers, world and policy are JSON."""

EPISODES: Final = (
    TableColumn("trunk", "int64", lambda branch: branch.id),
    TableColumn("scene_seed", "int64", lambda branch: branch.scene_seed),
)
"""Row i is episode i."""

VERBS: Final = (
    TableColumn("wall_time", "float64", lambda verb: verb.wall_time),
    TableColumn("nodes", "int64", lambda verb: verb.nodes),
    TableColumn("verb", "string", lambda verb: verb.text),
)
"""Row i is the i-th verb that was carried out."""

EDITS: Final = (TableColumn("edit", "string", json.dumps),)
"""Row i is the i-th thing that happened to the history of undo and redo, as JSON."""

UNKNOWN: Final = -1
"""The checksum of a row that was written before there were checksums of rows."""

CHECK: Final = TableColumn("check", "int64", lambda row: UNKNOWN, UNKNOWN)
"""CRC-32 of the other cells of a row, see row_check. Counts where the attribute ``checks`` says "tables"."""

TABLES: Final = {
    "branches": (*BRANCHES, CHECK),
    "episodes": EPISODES,
    "verbs": (*VERBS, CHECK),
    "edits": (*EDITS, CHECK),
}


def row_check(name: str, number: int, row: Any) -> int:
    """The checksum of one row: of the JSON list of its number and its cells, in the order of TABLES.

    The length of a branch is left out: it changes with every step, and the nodes of the branch say it as well.
    """
    cells = [column.cell(row) for column in TABLES[name] if column is not CHECK and column.name != "length"]
    return zlib.crc32(json.dumps([number, *cells]).encode())


def wrong_checks(folder: Path, name: str, rows: Sequence[Any], start: int = 0) -> list[int]:
    """Numbers of rows that do not fit their checksums.

    Args:
        folder: Of the session.
        name: Of the table.
        rows: Its rows from number ``start`` (the first of a chunk) on.
        start: See rows.

    Raises:
        OSError, ValueError, RuntimeError: the checksums are missing or torn.
    """
    blocks = range(start // ROWS, -(-(start + len(rows)) // ROWS))
    checks = [check for block in blocks for check in read_chunk(folder / name, CHECK, block)]
    pairs = enumerate(zip(rows, checks, strict=False), start)
    return [number for number, (row, check) in pairs if check not in (UNKNOWN, row_check(name, number, row))]


def write_chunk(folder: Path, column: TableColumn, block: int, cells: Sequence[Any]) -> Path:
    """Put one chunk of a column in place; returns its file."""
    (folder / column.name).mkdir(exist_ok=True)
    path = folder / column.name / f"c.{block}"
    padded = [*cells, *[_blank(column)] * (ROWS - len(cells))]
    if column.dtype == "string":
        texts = [str(cell).encode() for cell in padded]
        data = b"".join((_COUNT.pack(ROWS), *(_COUNT.pack(len(text)) + text for text in texts)))
    else:
        data = np.array(padded, np.dtype(column.dtype).newbyteorder("<")).tobytes()
    replace_file(path, compressed(data))
    return path


def metadata(column: TableColumn, rows: int) -> bytes:
    """The zarr.json of a column with so many rows."""
    codecs = [_TEXT if column.dtype == "string" else _PLAIN, _ZSTD]
    return array_metadata([rows], [ROWS], column.dtype, codecs)


def write_metadata(folder: Path, column: TableColumn, rows: int) -> None:
    """Say how many rows a column has."""
    (folder / column.name).mkdir(exist_ok=True)
    replace_file(folder / column.name / "zarr.json", metadata(column, rows))


def read_chunk(folder: Path, column: TableColumn, block: int) -> list[Any]:
    """The cells of a chunk, padding included: ROWS of them.

    Raises:
        OSError, ValueError, RuntimeError, struct.error: it is missing or torn.
    """
    data = read_bytes(folder / column.name / f"c.{block}", frame_limit(LARGEST_CHUNK))
    if column.dtype != "string":
        kind = np.dtype(column.dtype).newbyteorder("<")
        cells: list[Any] = np.frombuffer(decompressed(data, ROWS * kind.itemsize), kind).tolist()
        return cells
    size = content_size(data)
    if size > LARGEST_CHUNK:
        raise ValueError(f"{size} bytes of text are more than any session has")
    texts = _texts(decompressed(data, size))
    if len(texts) != ROWS:
        raise ValueError(f"it holds {len(texts)} rows where {ROWS} were written")
    return texts


def _texts(data: bytes) -> list[str]:
    """The texts of a chunk as vlen-utf8 lays them out: their number, then of each its length and its bytes."""
    texts, at = [], _COUNT.size
    for _ in range(_COUNT.unpack_from(data)[0]):
        (length,) = _COUNT.unpack_from(data, at)
        at += _COUNT.size
        texts.append(data[at : at + length].decode())
        at += length
    return texts


def read_branches(folder: Path, count: int) -> list[Branch]:
    """The first ``count`` branches of a table."""
    blocks = range(-(-count // ROWS))
    columns = {c.name: _cells(folder, c, blocks) for c in BRANCHES}
    branches = []
    for number in range(count):
        values = {name: cells[number] for name, cells in columns.items()}
        values |= {name: parse_json(values[name]) for name in ("markers", "world", "policy")}
        values |= {"id": number, "parent": None if values["parent"] < 0 else values["parent"]}
        branches.append(branch_from_dict(values))
    return branches


def read_edits(folder: Path, count: int) -> list[dict[str, Any]]:
    """The first ``count`` edits."""
    texts = _cells(folder, EDITS[0], range(-(-count // ROWS)))
    return [_table(text) for text in texts[:count]]


def _table(text: str) -> dict[str, Any]:
    values = parse_json(text)
    if not isinstance(values, dict):
        raise ValueError("an edit is no table of values")
    return values


def has(folder: Path, column: TableColumn) -> bool:
    """Whether a store was begun with this column."""
    return (folder / column.name / "zarr.json").exists()


def read_verbs(folder: Path, count: int, start: int = 0) -> list[VerbEntry]:
    """Verbs number ``start`` (the first of a chunk) .. ``count`` - 1."""
    blocks = range(start // ROWS, -(-count // ROWS))
    times, nodes, texts = ([c for b in blocks for c in read_chunk(folder, column, b)] for column in VERBS)
    return [VerbEntry(*cells) for cells in zip(times, nodes, texts, strict=True)][: count - start]


def _cells(folder: Path, column: TableColumn, blocks: range) -> list[Any]:
    if column.missing is not None and not has(folder, column):
        return [column.missing] * (ROWS * len(blocks))
    return [cell for block in blocks for cell in read_chunk(folder, column, block)]


def _blank(column: TableColumn) -> Any:
    return "" if column.dtype == "string" else np.zeros((), column.dtype).item()
