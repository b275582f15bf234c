"""Data sets of other programs, written by pyarrow, PyAV and zarr in their documented layouts."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zarr
from numcodecs import Blosc
from numpy.typing import NDArray

from models.tasks.push_t import geometry as g
from models.tasks.push_t.task import load

NAMES = [f"{arm}_{part}" for arm in ("left", "right") for part in ("x", "y", "z", "rx", "ry", "rz", "gripper")]


@dataclass(frozen=True)
class Made:
    """One episode as it was before it was written."""

    frames: dict[str, NDArray[np.uint8]]
    state: NDArray[np.float32]
    action: NDArray[np.float32]


def episode(seed: int, length: int) -> Made:
    """A start that ships, seen for a while, with hands that move a little."""
    seen = load().scene(seed).observation
    assert seen is not None
    drift = np.linspace(0.0, 0.03, length, dtype=np.float32)[:, None] * np.array([1, 0, 0, 0, 0, 0, 0] * 2)
    state = (seen.ee_state + drift).astype(np.float32)
    frames = {name: np.repeat(frame[None], length, axis=0).copy() for name, frame in seen.frames.items()}
    for name in frames:
        frames[name][:, :8, :8] = (np.arange(length) * 3 % 250).astype(np.uint8)[:, None, None, None]  # which one it is
    return Made(frames, state, g.LIMITS.clip(state + 0.002))


def episodes(lengths: Sequence[int] = (9, 14, 7)) -> list[Made]:
    return [episode(seed, length) for seed, length in enumerate(lengths)]


def video(path: Path, frames: NDArray[np.uint8], fps: int, codec: str = "libx264") -> None:
    """As LeRobot writes it: yuv420p, two pictures per group; little loss, for the tests."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("SVT_LOG", "1")
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=fps, options={"g": "2", "crf": "5"})
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        stream.time_base = Fraction(1, fps)
        for frame in frames:
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def features(made: Made, names: Sequence[str] | None) -> dict[str, Any]:
    width = made.action.shape[1]
    found: dict[str, Any] = {
        f"observation.images.{name}": {
            "dtype": "video",
            "shape": list(frames.shape[1:]),
            "names": ["height", "width", "channels"],
        }
        for name, frames in made.frames.items()
    }
    for name in ("observation.state", "action"):
        found[name] = {"dtype": "float32", "shape": [width], "names": None if names is None else list(names)}
    for name in ("frame_index", "episode_index", "index", "task_index"):
        found[name] = {"dtype": "int64", "shape": [1], "names": None}
    return found | {"timestamp": {"dtype": "float32", "shape": [1], "names": None}}


def table(made: Made, number: int, first: int, fps: int) -> pa.Table:
    count, width = made.action.shape
    rows = np.arange(count)
    return pa.table(
        {
            "observation.state": pa.FixedSizeListArray.from_arrays(made.state.reshape(-1), width),
            "action": pa.FixedSizeListArray.from_arrays(made.action.reshape(-1), width),
            "timestamp": (rows / fps).astype(np.float32),
            "frame_index": rows,
            "episode_index": np.full(count, number),
            "index": first + rows,
            "task_index": np.zeros(count, np.int64),
        }
    )


def info(folder: Path, made: Sequence[Made], version: str, fps: int, names: Sequence[str] | None) -> None:
    values = {
        "codebase_version": version, "robot_type": "arms", "fps": fps, "features": features(made[0], names),
        "total_episodes": len(made), "total_frames": sum(len(m.action) for m in made), "chunks_size": 1000,
        "splits": {"train": f"0:{len(made)}"},
    }  # fmt: skip
    if version == "v3.0":
        values["data_path"] = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
        values["video_path"] = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    else:
        values["data_path"] = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
        values["video_path"] = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
    (folder / "meta").mkdir(parents=True, exist_ok=True)
    (folder / "meta" / "info.json").write_text(json.dumps(values))


def lerobot_v3(
    folder: Path,
    made: Sequence[Made],
    fps: int = 10,
    names: Sequence[str] | None = NAMES,
    per_file: int = 99,
    codec: str = "libx264",
) -> Path:
    """Many episodes in one file of each kind, the videos end to end."""
    info(folder, made, "v3.0", fps, names)
    starts = np.cumsum([0, *(len(m.action) for m in made)])
    (folder / "data/chunk-000").mkdir(parents=True)
    rows = []
    for file, first in enumerate(range(0, len(made), per_file)):
        some = made[first : first + per_file]
        path = folder / f"data/chunk-000/file-{file:03d}.parquet"
        with pq.ParquetWriter(path, table(made[0], 0, 0, fps).schema) as writer:
            for number, one in enumerate(some, first):
                writer.write_table(table(one, number, int(starts[number]), fps))
                begin, end = ((starts[number + i] - starts[first]) / fps for i in (0, 1))
                row: dict[str, Any] = {
                    "episode_index": number, "tasks": ["push the T"], "length": len(one.action),
                    "data/chunk_index": 0, "data/file_index": file, "dataset_from_index": int(starts[number]),
                    "dataset_to_index": int(starts[number + 1]),
                }  # fmt: skip
                for name in one.frames:
                    key = f"videos/observation.images.{name}"
                    row |= {f"{key}/chunk_index": 0, f"{key}/file_index": file}
                    row |= {f"{key}/from_timestamp": begin, f"{key}/to_timestamp": end}
                rows.append(row)
        for name in made[0].frames:
            whole = np.concatenate([one.frames[name] for one in some])
            video(folder / f"videos/observation.images.{name}/chunk-000/file-{file:03d}.mp4", whole, fps, codec)
    (folder / "meta/episodes/chunk-000").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "meta/episodes/chunk-000/file-000.parquet")
    return folder


def lerobot_v21(folder: Path, made: Sequence[Made], fps: int = 10, names: Sequence[str] | None = NAMES) -> Path:
    """One file of each kind per episode."""
    info(folder, made, "v2.1", fps, names)
    (folder / "data/chunk-000").mkdir(parents=True)
    lines, first = [], 0
    for number, one in enumerate(made):
        pq.write_table(table(one, number, first, fps), folder / f"data/chunk-000/episode_{number:06d}.parquet")
        lines.append(json.dumps({"episode_index": number, "tasks": ["push the T"], "length": len(one.action)}))
        for name, frames in one.frames.items():
            video(folder / f"videos/chunk-000/observation.images.{name}/episode_{number:06d}.mp4", frames, fps)
        first += len(one.action)
    (folder / "meta/episodes.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def buffer(path: Path, data: dict[str, NDArray[Any]], ends: Sequence[int], store: Any = None) -> Path:
    """Zarr v2, Blosc, chunk keys with dots, as diffusion_policy keeps it."""
    root = zarr.open_group(path if store is None else store, mode="w", zarr_format=2)
    for name, values in {f"data/{k}": v for k, v in data.items()}.items():
        chunks = (5, *values.shape[1:])
        made = root.create_array(
            name, shape=values.shape, chunks=chunks, dtype=values.dtype,
            compressors=[Blosc("zstd", 5, Blosc.BITSHUFFLE)], config={"write_empty_chunks": True},
        )  # fmt: skip
        made[:] = values
    kept = root.create_array("meta/episode_ends", shape=(len(ends),), dtype="int64", compressors=[Blosc("lz4")])
    kept[:] = np.asarray(ends)
    return path


def push_t_buffer(path: Path) -> Path:
    """As pusht_cchi_v7_replay.zarr: pictures of floats, a state with the pose of the T."""
    random = np.random.default_rng(0)
    count = 24
    agent = random.uniform(100, 400, (count, 2)).astype(np.float32)
    body = np.repeat([[256.0, 256.0, np.pi / 4]], count, axis=0).astype(np.float32)
    body[12:, 0] = 300.0
    frames = np.full((count, 96, 96, 3), 255, np.float32)
    frames[:, :48] = 10.0  # the upper half is dark
    data = {
        "img": frames, "state": np.concatenate([agent, body], axis=1), "action": agent + 2,
        "keypoint": random.uniform(0, 512, (count, 9, 2)).astype(np.float32),
        "n_contacts": np.ones((count, 1), np.float32),
    }  # fmt: skip
    return buffer(path, data, [12, 24])


def umi_buffer(path: Path, store: Any = None, count: int = 30) -> Path:
    """As UMI keeps one arm, at 20 Hz here."""
    x = np.linspace(0.4, 0.6, count, dtype=np.float32)
    data = {
        "camera0_rgb": np.repeat((np.arange(count) * 5).astype(np.uint8), 224 * 224 * 3).reshape(count, 224, 224, 3),
        "robot0_eef_pos": np.stack([x, x * 0 + 0.1, x * 0 + 0.1], 1),
        "robot0_eef_rot_axis_angle": np.zeros((count, 3), np.float32),
        "robot0_gripper_width": np.full((count, 1), 0.04, np.float32),
        "robot0_demo_start_pose": np.zeros((count, 6)),
    }
    return buffer(path, data, [count // 2, count], store)
