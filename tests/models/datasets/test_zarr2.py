from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numcodecs import LZ4, Blosc, Zstd

from core.errors import BadStore
from models.datasets.zarr2 import Array, Files


@pytest.mark.parametrize("dtype", ["float32", "uint8", ">i2", "bool", "float64"])
@pytest.mark.parametrize("codec", [None, Blosc("lz4", 5, Blosc.NOSHUFFLE), Blosc("zstd", 3), Zstd(1), LZ4()], ids=str)
def test_rows_are_what_zarr_python_wrote(dtype: str, codec: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    values = random.integers(0, 100, (23, 5, 7)).astype(dtype)
    made = zarr.open_group(tmp_path, mode="w", zarr_format=2).create_array(
        "a", shape=values.shape, chunks=(4, 2, 7), dtype=dtype, compressors=None if codec is None else [codec],
        config={"write_empty_chunks": True},
    )  # fmt: skip
    made[:] = values
    array = Array(Files(tmp_path), "a")
    for _ in range(8):
        start, stop = sorted(random.integers(0, 24, 2))
        assert np.array_equal(array.rows(start, stop), values[start:stop])
    rows = np.array([0, 3, 4, 4, 22])
    assert np.array_equal(list(array.each(rows)), values[rows])


def test_pieces_named_with_slashes_are_found(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.int64).reshape(6, 2)
    made = zarr.open_group(tmp_path, mode="w", zarr_format=2).create_array(
        "a", shape=(6, 2), chunks=(4, 2), dtype="int64", chunk_key_encoding={"name": "v2", "separator": "/"}
    )
    made[:] = values
    assert np.array_equal(Array(Files(tmp_path), "a").rows(1, 6), values[1:])


def test_what_is_neither_folder_nor_zip_is_words(tmp_path: Path) -> None:
    path = tmp_path / "x.zarr.zip"
    path.write_bytes(b"PK\3\4 not really")
    with pytest.raises(BadStore, match="neither a folder nor a zip"):
        Files(path)
