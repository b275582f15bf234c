"""Runs under robomimic: opens an export with its SequenceDataset and compares it with what was recorded.

python read_robomimic.py FOLDER EXPECTED.npz
"""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

with contextlib.redirect_stdout(io.StringIO()):  # it greets
    import h5py
    import numpy as np
    import robomimic
    import robomimic.utils.file_utils as files
    import robomimic.utils.obs_utils as observations
    from robomimic.utils.dataset import SequenceDataset


def main(folder: str, expected: str) -> None:
    want = np.load(expected)
    path = folder + "/image.hdf5"
    cameras = [name[5:-4] for name in want.files if name.endswith("_rgb")]
    keys = ["ee_state", *(camera + "_image" for camera in cameras)]
    low, rgb = keys[:1], keys[1:]
    with contextlib.redirect_stdout(io.StringIO()):
        observations.initialize_obs_utils_with_obs_specs({"obs": {"low_dim": low, "rgb": rgb}})
        about = files.get_env_metadata_from_dataset(path)
        shapes = files.get_shape_metadata_from_dataset(path, all_obs_keys=keys)
    assert shapes["ac_dim"] == 14
    assert shapes["use_images"]
    assert set(about) == {"env_name", "type", "env_kwargs"}
    extra = ["actions", "rewards", "dones", "intervention", "action_modes", "intv_labels", "actions_policy", "states"]
    with contextlib.redirect_stdout(io.StringIO()):
        one = SequenceDataset(path, keys, extra, seq_length=1, load_next_obs=True, hdf5_cache_mode=None)
        stacked = SequenceDataset(
            path,
            keys,
            ["actions"],
            frame_stack=3,
            seq_length=4,
            load_next_obs=False,
            hdf5_cache_mode="low_dim",
            filter_by_attribute="success",
        )
    ends = want["episode_ends"]
    starts = np.concatenate([[0], ends[:-1]])
    assert len(one) == ends[-1]
    assert one.n_demos == len(ends)
    names = {
        "actions": "action",
        "dones": "done",
        "intervention": "intervention",
        "action_modes": "action_mode",
        "intv_labels": "intv_label",
        "actions_policy": "action_policy",
        "states": "state",
        "rewards": "success",
    }
    for row in range(len(one)):
        item = one[row]
        for key, name in names.items():
            assert np.array_equal(item[key][0], want["data/" + name][row].astype(item[key].dtype), equal_nan=True), key
        assert np.array_equal(item["obs"]["ee_state"][0], want["data/state"][row])
        assert np.array_equal(item["next_obs"]["ee_state"][0], want["next/state"][row])
        for camera in cameras:
            assert np.array_equal(item["obs"][camera + "_image"][0], want[f"data/{camera}_rgb"][row])
            assert np.array_equal(item["next_obs"][camera + "_image"][0], want[f"next/{camera}_rgb"][row])
    sample = stacked[0]
    assert sample["actions"].shape == (6, 14)
    assert sample["obs"][rgb[0]].shape[0] == 6
    succeeded = [i for i, outcome in enumerate(json.loads(str(want["outcomes"]))) if outcome == "success"]
    assert stacked.demos == [f"demo_{i}" for i in succeeded]
    with h5py.File(path, "r") as file:
        for number, (start, stop) in enumerate(zip(starts, ends, strict=True)):
            assert file[f"data/demo_{number}"].attrs["num_samples"] == stop - start
    script = Path(robomimic.__file__).parent / "scripts" / "get_dataset_info.py"
    told = subprocess.run([sys.executable, script, "--dataset", path, "--verbose"], capture_output=True, text=True)
    assert told.returncode == 0 or "[-1., 1.]" in told.stderr, told.stderr  # it only doubts the range of actions
    assert f"total transitions: {ends[-1]}" in told.stdout
    print(
        json.dumps(
            {
                "robomimic": robomimic.__version__,
                "python": sys.version.split()[0],
                "demos": one.n_demos,
                "rows": len(one),
                "masks": sorted(h5py.File(path, "r")["mask"]),
            }
        )
    )


main(*sys.argv[1:])
