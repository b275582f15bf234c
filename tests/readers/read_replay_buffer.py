"""Runs under zarr 2.12: opens an export as diffusion_policy's ReplayBuffer does and compares it with what was recorded.

python read_replay_buffer.py FOLDER EXPECTED.npz
"""

import json
import sys

import numcodecs
import numpy as np
import zarr


def main(folder: str, expected: str) -> None:
    want = np.load(expected)
    path = folder + "/replay_buffer.zarr"
    root = zarr.open(path, "r")  # ReplayBuffer.create_from_path
    ends = root["meta"]["episode_ends"]
    assert ends.dtype == np.int64
    assert (ends[:] == want["episode_ends"]).all()
    for key, value in root["data"].items():  # ReplayBuffer.__init__ asserts this of every array
        assert value.shape[0] == ends[-1], key
        assert isinstance(value.compressor, numcodecs.Blosc), key
    # ReplayBuffer.copy_from_path: into memory, and from store to store without recompression
    store = zarr.MemoryStore()
    copy = zarr.group(store=store)
    zarr.copy_store(source=root.store, dest=store, source_path="/meta", dest_path="/meta")
    copy.create_group("data", overwrite=True)
    keys = list(root["data"].keys())
    for key in keys:
        zarr.copy_store(source=root.store, dest=store, source_path="/data/" + key, dest_path="/data/" + key)
    compared = 0
    for name in want.files:
        if name.startswith("data/"):
            key = name[5:]
            for group in (root["data"], copy["data"]):
                got = group[key][:]
                assert got.dtype == want[name].dtype, (key, got.dtype)
                assert got.tobytes() == want[name].tobytes(), key  # bit for bit, NaN included
            compared += 1
    assert compared == len(keys), (sorted(keys), want.files)
    # SequenceSampler: a window in the midst of an episode, straight from disk
    first, last = int(ends[0]) - 4, int(ends[0])
    for key in keys:
        assert root["data"][key][first:last].tobytes() == want["data/" + key][first:last].tobytes(), key
    assert sorted(root["data"].keys()) == sorted(copy["data"].keys())
    about = dict(root.attrs)
    print(
        json.dumps(
            {
                "zarr": zarr.__version__,
                "numcodecs": numcodecs.__version__,
                "python": sys.version.split()[0],
                "arrays": compared,
                "rows": int(ends[-1]),
                "codec": about["action_codec"],
            }
        )
    )


main(*sys.argv[1:])
