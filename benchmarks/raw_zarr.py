"""The same steps written with plain zarr-python: what recording is held against."""

import time
from pathlib import Path
from typing import Any

import zarr
from numpy.typing import NDArray
from zarr.codecs import ZstdCodec

from core.store.column_files import ColumnFiles
from core.store.columns import FLAT_ROWS, LEVEL, Column
from core.store.opening import read_session


def rows_of(session: Path, count: int) -> list[tuple[Column, NDArray[Any]]]:
    """The first rows of every array of a closed session."""
    contents, files = read_session(session).contents, ColumnFiles(session)
    count = min(count, contents.nodes)
    return [(column, files.read_range(column, 0, count)) for column in contents.tables.columns()]


def written(rows: list[tuple[Column, NDArray[Any]]], folder: Path, batch: int = 1) -> float:
    """Seconds that plain zarr-python takes for them, so many rows of every array at a time; chunks as in a session.

    Pictures that come in batches go into shards of a batch, as in a session; one at a time they cannot.
    """
    group = zarr.create_group(folder)
    arrays = [
        group.create_array(
            column.path.replace("/", "_"),
            shape=values.shape,
            chunks=(1 if column.big else FLAT_ROWS, *column.shape),
            shards=(batch, *column.shape) if column.big and batch > 1 else None,
            dtype=values.dtype,
            compressors=ZstdCodec(level=LEVEL, checksum=True) if column.big else None,
        )
        for column, values in rows
    ]
    began = time.perf_counter()
    for first in range(0, len(rows[0][1]), batch):
        for array, (_, values) in zip(arrays, rows, strict=True):
            array[first : first + batch] = values[first : first + batch]
    return time.perf_counter() - began


def bytes_of(rows: list[tuple[Column, NDArray[Any]]]) -> int:
    """What they weigh, not compressed."""
    return sum(values.nbytes for _, values in rows)
