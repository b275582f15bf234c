"""The records of the journal: what a session emitted, as bytes. Binary and versioned with the store; no pickle.

NODE is binary: u64 row, the fixed numbers (layout.NODE), the small arrays of the three states one after the other,
then each big array (frames first) as u32 length and a zstd frame. EPISODE is a branch and a NODE in one record, so
that an episode is there with its start or not at all. The rest is JSON, SHARED with an array behind it.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadStore
from core.journal import Record
from core.regular_files import parse_json
from core.store.columns import Column
from core.store.layout import ABSENT, NODE, PARTS, Layout, Tables

_ROW = struct.Struct("<Q")
_LENGTH = struct.Struct("<I")
_FIXED_END = _ROW.size + NODE.itemsize


class Kind(IntEnum):
    """The kind of a record."""

    BEGIN = 1
    EPISODE = 2
    BRANCH = 3
    NODE = 4
    HEAD = 5
    VERB = 6
    LAYOUT = 7
    SHARED = 8
    SHARED_SET = 9
    DEVICE = 10
    EDIT = 11


@dataclass(frozen=True, slots=True, eq=False)
class NodeRecord:
    """A node as it travels: fixed numbers and the bytes of every array."""

    row: int
    fixed: Any
    """A scalar of dtype layout.NODE."""
    values: Mapping[str, bytes]
    """Path of a column -> bytes of the row; compressed where the column is big."""


def json_record(kind: Kind, values: Mapping[str, Any]) -> Record:
    """A record of plain values."""
    return Record(kind, json.dumps(values, allow_nan=False).encode())


def json_of(payload: bytes) -> dict[str, Any]:
    """The plain values of a record."""
    values = parse_json(payload)
    if not isinstance(values, dict):
        raise BadStore("The journal of this session holds a record that is not a table of values; it is damaged.")
    return values


def behind_json(kind: Kind, values: Mapping[str, Any], data: bytes) -> Record:
    """A record of plain values with bytes behind them."""
    head = json.dumps(values, allow_nan=False).encode()
    return Record(kind, b"".join((_LENGTH.pack(len(head)), head, data)))


def split_json(payload: bytes) -> tuple[dict[str, Any], bytes]:
    """The inverse of behind_json."""
    (length,) = _LENGTH.unpack_from(payload)
    end = _LENGTH.size + length
    return json_of(payload[_LENGTH.size : end]), payload[end:]


def node_payload(row: int, fixed: NDArray[Any], values: Mapping[str, bytes], tables: Tables) -> bytes:
    """A node as bytes; ``values`` as in NodeRecord, ``fixed`` a (1,) array of dtype layout.NODE."""
    small, big = [], []
    for column in _columns(fixed[0], tables):
        data = values[column.path]
        if column.big:
            big += [_LENGTH.pack(len(data)), data]
        else:
            small.append(data)
    return b"".join((_ROW.pack(row), fixed.tobytes(), *small, *big))


def row_of(payload: bytes) -> int:
    """Which row a node goes to."""
    return int(_ROW.unpack_from(payload)[0])


def fixed_of(payload: bytes) -> Any:
    """The fixed numbers of a node, a scalar of dtype layout.NODE."""
    return np.frombuffer(payload, NODE, 1, _ROW.size)[0]


def fixed_bytes(payload: bytes) -> bytes:
    """The fixed numbers of a node as bytes."""
    return payload[_ROW.size : _FIXED_END]


def node_record(payload: bytes, tables: Tables) -> NodeRecord:
    """The inverse of node_payload."""
    fixed = fixed_of(payload)
    columns = list(_columns(fixed, tables))
    values, at = {}, _FIXED_END
    for column in columns:
        if not column.big:
            values[column.path] = payload[at : at + column.row_bytes]
            at += column.row_bytes
    for column in columns:
        if column.big:
            (length,) = _LENGTH.unpack_from(payload, at)
            at += _LENGTH.size
            values[column.path] = payload[at : at + length]
            at += length
    return NodeRecord(row_of(payload), fixed, values)


def layouts_of(fixed: Any, tables: Tables) -> list[Layout]:
    """The layouts of the three states of a node."""
    return [tables.layouts[number] for number in fixed["layout"]]


def shared_of(fixed: Any, tables: Tables) -> list[Mapping[str, str]]:
    """Per state of a node: name -> hash of its shared arrays."""
    return [{} if number == ABSENT else tables.shared_sets[number] for number in fixed["shared"]]


def _columns(fixed: Any, tables: Tables) -> Iterator[Column]:
    for _, column in tables.frame_columns():
        yield column
    for layout in layouts_of(fixed, tables):
        for _, column in layout.columns():
            yield column


assert len(PARTS) == NODE["layout"].shape[0] == NODE["shared"].shape[0]
