"""Exports read back with plain zarr, pyarrow, PyAV and h5py, under the names of tests.models.datasets.recorded."""

import json
from pathlib import Path
from typing import Any

import av
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zarr
from numpy.typing import NDArray

RENAMED = {"observation.state": "state", "next.success": "success", "next.done": "done"}
RENAMED_HDF5 = {"actions": "action", "actions_policy": "action_policy", "action_modes": "action_mode",
                "intv_labels": "intv_label", "dones": "done", "states": "state"}  # fmt: skip


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "lineage.jsonl").read_text().splitlines()]


def replay_buffer(folder: Path) -> dict[str, NDArray[Any]]:
    root = zarr.open_group(folder / "replay_buffer.zarr", mode="r", zarr_format=2)
    data = root["data"]
    assert isinstance(data, zarr.Group)
    return {"episode_ends": root["meta/episode_ends"][:]} | {f"data/{name}": array[:] for name, array in data.arrays()}


def lerobot(folder: Path) -> dict[str, NDArray[Any]]:
    """Pictures of an episode are those between its timestamps in its video file."""
    files = sorted((folder / "data").glob("*/*.parquet"))
    table = pa.concat_tables([pq.read_table(file) for file in files])
    found = {f"data/{RENAMED.get(name, name)}": values(table[name]) for name in table.column_names}
    rows = [
        row
        for file in sorted((folder / "meta/episodes").glob("*/*.parquet"))
        for row in pq.read_table(file).to_pylist()
    ]
    found["episode_ends"] = np.array([row["dataset_to_index"] for row in rows])
    info = json.loads((folder / "meta/info.json").read_text())
    videos: dict[Path, dict[float, NDArray[np.uint8]]] = {}
    for feature in [name for name, about in info["features"].items() if about["dtype"] == "video"]:
        pictures = []
        for row in rows:
            path = folder / info["video_path"].format(
                video_key=feature, chunk_index=row[f"videos/{feature}/chunk_index"],
                file_index=row[f"videos/{feature}/file_index"],
            )  # fmt: skip
            if path not in videos:
                videos[path] = decoded(path)
            for k in range(row["length"]):
                pictures.append(videos[path][round(row[f"videos/{feature}/from_timestamp"] + k / info["fps"], 9)])
            assert (
                row[f"videos/{feature}/to_timestamp"]
                == row[f"videos/{feature}/from_timestamp"] + row["length"] / info["fps"]
            )
        found[f"data/{feature.rsplit('.', 1)[1]}_rgb"] = np.stack(pictures)
    return found


def values(column: pa.ChunkedArray) -> NDArray[Any]:
    whole = column.combine_chunks()
    if pa.types.is_fixed_size_list(whole.type):
        return np.asarray(whole.flatten()).reshape(len(whole), -1)
    return whole.to_numpy(zero_copy_only=False)


def decoded(path: Path) -> dict[float, NDArray[np.uint8]]:
    """Exact time in the file, seconds -> picture."""
    with av.open(str(path)) as container:
        frames = [(frame.pts, frame.time_base, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
    return {round(float(pts * base), 9): picture for pts, base, picture in frames if pts is not None}


def robomimic(folder: Path) -> dict[str, NDArray[Any]]:
    rows: dict[str, list[NDArray[Any]]] = {}
    with h5py.File(folder / "image.hdf5", "r") as file:
        demos = [file[f"data/demo_{number}"] for number in range(len(file["data"]))]
        assert file["data"].attrs["total"] == sum(demo.attrs["num_samples"] for demo in demos)
        for demo in demos:
            for name, data in demo.items():
                if isinstance(data, h5py.Dataset):
                    rows.setdefault(f"data/{RENAMED_HDF5.get(name, name)}", []).append(data[:])
            for group, prefix in (("obs", "data"), ("next_obs", "next")):
                for name, data in demo.get(group, {}).items():
                    key = "state" if name == "ee_state" else name.replace("_image", "_rgb")
                    if f"{prefix}/{key}" != "data/state":
                        rows.setdefault(f"{prefix}/{key}", []).append(data[:])
        lengths = [int(demo.attrs["num_samples"]) for demo in demos]
    return {name: np.concatenate(parts) for name, parts in rows.items()} | {"episode_ends": np.cumsum(lengths)}


READ = {"diffusion-policy": replay_buffer, "lerobot": lerobot, "robomimic": robomimic}


def same(found: dict[str, NDArray[Any]], want: dict[str, Any], exact_pictures: bool = True) -> None:
    """Numbers bit for bit, pictures too or by their signal to noise ratio."""
    assert np.array_equal(found["episode_ends"], want["episode_ends"])
    for name, value in want.items():
        if not name.startswith("data/") or (name == "data/timestamp" and not exact_pictures):
            continue
        got = found[name]
        assert got.shape == value.shape, name
        if name.endswith("_rgb") and not exact_pictures:
            for mine, theirs in zip(value, got, strict=True):
                assert psnr(mine, theirs) > 28.0, name
        else:
            assert got.dtype == value.dtype, name
            assert got.tobytes() == value.tobytes(), name


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Decibels."""
    return float(10 * np.log10(255**2 / max(((a.astype(float) - b) ** 2).mean(), 1e-9)))
