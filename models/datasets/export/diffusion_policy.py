"""A ReplayBuffer of diffusion_policy: Zarr v2, Blosc, '.' in chunk names, as zarr 2.12 reads it.

data/<column> and data/<camera>_rgb hold the rows of all episodes, meta/episode_ends where each one ends.
"""

from pathlib import Path
from typing import Any, Final

import numcodecs
import numpy as np
import zarr

from models.datasets.export.codec import CODECS
from models.datasets.export.plan import Plan
from models.datasets.export.rows import COLUMNS, Rows, Tick

NAME: Final = "replay_buffer.zarr"
ROWS: Final = 4096
"""Of a chunk of numbers."""
PICTURE_BYTES: Final = 2_000_000
"""Of a chunk of pictures, before compression; diffusion_policy's own target."""


class ReplayBufferWriter:
    """See models.datasets.export.run.Writer."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._root = zarr.open_group(folder / NAME, mode="a", zarr_format=2)
        self._data = self._root.require_group("data")
        self._arrays = {c.name: self._array(c.name, c.shape, c.dtype, ROWS) for c in COLUMNS}
        self._cameras = {
            name: self._array(f"{name}_rgb", (height, width, 3), "uint8", max(1, PICTURE_BYTES // (height * width * 3)))
            for name, height, width in plan.shape.cameras
        }

    def write(self, number: int, start: int, rows: Rows, tick: Tick) -> None:
        """See Writer."""
        stop = start + len(rows)
        for name, array in self._arrays.items():
            array.resize((stop, *array.shape[1:]))
            array[start:stop] = rows.columns[name]
        for camera, array in self._cameras.items():
            array.resize((stop, *array.shape[1:]))
            pictures, at = rows.frames(camera), start
            while at < stop:
                count = min(stop - at, array.chunks[0] - at % array.chunks[0])  # up to the end of a chunk
                block = np.empty((count, *array.shape[1:]), np.uint8)
                for place in range(count):
                    block[place] = next(pictures)
                    tick()
                array[at : at + count] = block
                at += count

    def finish(self) -> None:
        """See Writer."""
        ends = np.cumsum([episode.length for episode in self._plan.episodes], dtype=np.int64)
        meta = self._root.require_group("meta")
        array = _create(meta, "episode_ends", ends.shape, "int64", len(ends), overwrite=True)
        array[:] = ends
        self._root.attrs.update(
            {
                "fps": self._plan.shape.fps,
                "task": self._plan.task,
                "action_codec": CODECS[self._plan.options.codec],
                "columns": {column.name: column.meaning for column in COLUMNS},
            }
        )

    def _array(self, name: str, shape: tuple[int, ...], dtype: str, rows: int) -> "zarr.Array[Any]":
        """An array of the group data, as a killed run left it or new."""
        found = self._data.get(name)
        if isinstance(found, zarr.Array):
            return found
        return _create(self._data, name, (0, *shape), dtype, rows)


def _create(
    group: zarr.Group, name: str, shape: tuple[int, ...], dtype: str, rows: int, overwrite: bool = False
) -> "zarr.Array[Any]":
    return group.create_array(
        name,
        shape=shape,
        chunks=(rows, *shape[1:]),
        dtype=dtype,
        compressors=numcodecs.Blosc("lz4", 5, numcodecs.Blosc.NOSHUFFLE),
        chunk_key_encoding={"name": "v2", "separator": "."},
        overwrite=overwrite,
        config={"write_empty_chunks": True},
    )
