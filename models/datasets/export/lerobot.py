"""A LeRobotDataset v3.0, written directly: each episode as separate parts, which are joined at the end.

A killed run loses at most the episode that it was at; files of the data set itself are only written by finish(), which
may be done again from the parts.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import BadConfig
from core.store.columns import replace_file, sync_file
from models.datasets import lerobot_format as f
from models.datasets.export.codec import NUMBERS
from models.datasets.export.plan import Plan
from models.datasets.export.rows import COLUMNS, ColumnSpec, Rows, Tick
from models.datasets.export.statistics import PictureStatistics, Statistics, of_numbers, together
from models.datasets.export.target import PARTS
from models.datasets.export.video import PIXELS, encode, join

ROBOT: Final = "bimanual-end-effectors"
RENAMED: Final = {"state": f.STATE, "success": "next.success", "done": "next.done"}
"""Columns that have another name in LeRobot; timestamp is added separately."""
EPISODES_AT_ONCE: Final = 100
"""Rows of meta/episodes that are in memory together."""


def check(plan: Plan) -> None:
    """Refuse what LeRobot cannot hold.

    Raises:
        BadConfig: a rate that is not whole, or pictures of an odd size.
    """
    if not float(plan.shape.fps).is_integer():
        raise BadConfig(
            f"LeRobot counts whole frames per second; this session has {plan.shape.fps:.3f} (a step is "
            f"{plan.shape.dt:g} s). Export it as diffusion-policy or robomimic."
        )
    for name, height, width in plan.shape.cameras:
        if height % 2 or width % 2:
            raise BadConfig(
                f"Videos need even sizes; the camera {name!r} has {width} x {height} pixels. "
                "Export it as diffusion-policy or robomimic."
            )


class LeRobotWriter:
    """See models.datasets.export.run.Writer."""

    def __init__(self, plan: Plan, folder: Path, data_mb: float = f.DATA_FILE_MB, video_mb: float = f.VIDEO_FILE_MB):
        """Get ready.

        Args:
            plan: What is written.
            folder: Of the data set.
            data_mb: Size after which a new parquet file begins, 2**20 bytes.
            video_mb: The same of videos.
        """
        self._plan, self._folder, self._parts = plan, folder, folder / PARTS
        self._data_bytes, self._video_bytes = data_mb * f.MB, video_mb * f.MB
        self._data_mb, self._video_mb = data_mb, video_mb
        self._fps = int(plan.shape.fps)
        self._cameras = {f.IMAGES + name: (name, (height, width)) for name, height, width in plan.shape.cameras}

    # -- an episode ------------------------------------------------------------------------------------------------

    def write(self, number: int, start: int, rows: Rows, tick: Tick) -> None:
        """See Writer."""
        self._parts.mkdir(exist_ok=True)
        columns = self._columns(number, start, rows)
        statistics = {name: of_numbers(values) for name, values in columns.items()}
        table = pa.table({name: _arrow(values) for name, values in columns.items()})
        pq.write_table(table, self._part(number, "parquet"))
        for feature, (camera, size) in self._cameras.items():
            levels, path = PictureStatistics(), self._part(number, "mp4", feature)
            encode(path, _watched(rows.frames(camera), levels, tick), self._fps, size, self._plan.options.video)
            sync_file(path)
            statistics[feature] = levels.result()
        sync_file(self._part(number, "parquet"))
        content = {name: {k: v.tolist() for k, v in values.items()} for name, values in statistics.items()}
        replace_file(self._part(number, "json"), json.dumps(content).encode())

    def _columns(self, number: int, start: int, rows: Rows) -> dict[str, NDArray[Any]]:
        count = np.arange(len(rows), dtype=np.int64)
        columns = {RENAMED.get(c.name, c.name): rows.columns[c.name] for c in COLUMNS if c.name != "timestamp"}
        return columns | {
            "timestamp": (count / self._fps).astype(np.float32),
            "frame_index": count,
            "episode_index": np.full(len(rows), number, np.int64),
            "index": start + count,
            "task_index": np.zeros(len(rows), np.int64),
        }

    # -- the whole -------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """See Writer."""
        places = [dict[str, Any]() for _ in self._plan.episodes]
        for kind in ("meta", "data", "videos"):  # what a killed run put together
            shutil.rmtree(self._folder / kind, ignore_errors=True)
        self._join_data(places)
        for feature in self._cameras:
            self._join_videos(feature, places)
        self._write_episodes(places)
        self._write_tasks()
        self._write_json(f.STATS_PATH, self._all_statistics())
        self._write_json(f.INFO_PATH, self._info())

    def _join_data(self, places: list[dict[str, Any]]) -> None:
        for file, group in enumerate(self._groups("parquet", self._data_bytes)):
            path = self._new(f.DATA_PATH, file)
            schema = pq.read_schema(self._part(group[0], "parquet"))
            with pq.ParquetWriter(path, schema, compression="snappy", use_dictionary=True) as writer:
                for number in group:
                    writer.write_table(pq.read_table(self._part(number, "parquet")))
                    places[number]["data/chunk_index"], places[number]["data/file_index"] = f.place(file)

    def _join_videos(self, feature: str, places: list[dict[str, Any]]) -> None:
        for file, group in enumerate(self._groups("mp4", self._video_bytes, feature)):
            path = self._new(f.VIDEO_PATH, file, feature)
            lengths = [self._plan.episodes[number].length for number in group]
            join(path, [self._part(number, "mp4", feature) for number in group], lengths, self._fps)
            first = 0
            for number, length in zip(group, lengths, strict=True):
                chunk, within = f.place(file)
                places[number] |= {
                    f"videos/{feature}/chunk_index": chunk,
                    f"videos/{feature}/file_index": within,
                    f"videos/{feature}/from_timestamp": first / self._fps,
                    f"videos/{feature}/to_timestamp": (first + length) / self._fps,
                }
                first += length

    def _write_episodes(self, places: list[dict[str, Any]]) -> None:
        """One row per episode, in as many files as their size asks for."""
        starts, writer, file, size = self._plan.starts(), None, 0, 0
        for first in range(0, len(places), EPISODES_AT_ONCE):
            batch = range(first, min(first + EPISODES_AT_ONCE, len(places)))
            chunk, within = f.place(file)
            rows = [self._episode_row(n, starts[n], places[n], chunk, within) for n in batch]
            table = pa.Table.from_pylist(rows, schema=self._episode_schema(rows[0]))
            if writer is None:
                path = self._new(f.EPISODES_PATH, file)
                writer = pq.ParquetWriter(path, table.schema, compression="snappy", use_dictionary=True)
            writer.write_table(table)
            size += table.nbytes
            if size >= self._data_bytes:
                writer.close()
                writer, file, size = None, file + 1, 0
        if writer is not None:
            writer.close()

    def _episode_row(self, number: int, start: int, places: dict[str, Any], chunk: int, within: int) -> dict[str, Any]:
        length = self._plan.episodes[number].length
        row: dict[str, Any] = {"episode_index": number, "tasks": [self._plan.task], "length": length}
        row |= {"dataset_from_index": start, "dataset_to_index": start + length} | places
        for feature, values in self._statistics(number).items():
            row |= {f"stats/{feature}/{name}": value.tolist() for name, value in values.items()}
        return row | {"meta/episodes/chunk_index": chunk, "meta/episodes/file_index": within}

    def _episode_schema(self, row: dict[str, Any]) -> pa.Schema:
        """Types of a row: what NumPy would say, but numbers of statistics are floats also where they look whole."""
        fields = []
        for name, value in row.items():
            if not name.startswith("stats/"):
                fields.append(pa.field(name, pa.infer_type([value])))
            elif name.endswith("/count"):
                fields.append(pa.field(name, pa.list_(pa.int64())))
            else:
                feature = name.split("/")[1]
                depth, kind = (3 if feature in self._cameras else 1), pa.float64()
                for _ in range(depth):
                    kind = pa.list_(kind)
                fields.append(pa.field(name, kind))
        return pa.schema(fields)

    def _write_tasks(self) -> None:
        """The text is the index of the table, as pandas writes one."""
        index = "__index_level_0__"
        columns = [
            {"name": "task_index", "field_name": "task_index", "pandas_type": "int64", "numpy_type": "int64",
             "metadata": None},
            {"name": None, "field_name": index, "pandas_type": "unicode", "numpy_type": "object", "metadata": None},
        ]  # fmt: skip
        names = [{"name": None, "field_name": None, "pandas_type": "unicode", "numpy_type": "object",
                  "metadata": {"encoding": "UTF-8"}}]  # fmt: skip
        about = {"index_columns": [index], "column_indexes": names, "columns": columns, "pandas_version": "2.2.0"}
        table = pa.table({"task_index": pa.array([0], pa.int64()), index: [self._plan.task]})
        pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(about)}), self._folder / f.TASKS_PATH)

    def _all_statistics(self) -> dict[str, Any]:
        """Of all episodes, read one after the other; each is folded in, so that only one is in memory."""
        whole: dict[str, Statistics] = {}
        for number in range(len(self._plan.episodes)):
            for feature, values in self._statistics(number).items():
                whole[feature] = together([whole[feature], values]) if feature in whole else values
        return {n: {k: v.tolist() for k, v in together([s]).items()} for n, s in whole.items()}

    def _info(self) -> dict[str, Any]:
        plan = self._plan
        return {
            "codebase_version": f.VERSION,
            "robot_type": ROBOT,
            "total_episodes": len(plan.episodes),
            "total_frames": plan.steps,
            "total_tasks": 1,
            "chunks_size": f.CHUNK_FILES,
            "data_files_size_in_mb": self._data_mb,
            "video_files_size_in_mb": self._video_mb,
            "fps": self._fps,
            "splits": {"train": f"0:{len(plan.episodes)}"},
            "data_path": f.DATA_PATH,
            "video_path": f.VIDEO_PATH if self._cameras else None,
            "features": self.features(),
        }

    def features(self) -> dict[str, Any]:
        """Description of the columns for info.json."""
        found: dict[str, Any] = {}
        for feature, (_, (height, width)) in self._cameras.items():
            info = {
                "video.height": height,
                "video.width": width,
                "video.codec": self._plan.options.video,
                "video.pix_fmt": PIXELS,
                "video.is_depth_map": False,
                "video.fps": self._fps,
                "video.channels": 3,
                "has_audio": False,
            }
            names = ["height", "width", "channels"]
            found[feature] = {"dtype": "video", "shape": [height, width, 3], "names": names, "info": info}
        for column in COLUMNS:
            if column.name != "timestamp":
                found[RENAMED.get(column.name, column.name)] = _feature(column)
        return found | f.INDEX_FEATURES

    # -- files -----------------------------------------------------------------------------------------------------

    def _part(self, number: int, suffix: str, feature: str = "") -> Path:
        return self._parts / f"episode-{number:06d}{'.' if feature else ''}{feature}.{suffix}"

    def _statistics(self, number: int) -> dict[str, Statistics]:
        content = json.loads(self._part(number, "json").read_bytes())
        return {name: {k: np.asarray(v) for k, v in values.items()} for name, values in content.items()}

    def _groups(self, suffix: str, most: float, feature: str = "") -> Iterator[list[int]]:
        """Episodes whose parts go into one file, file after file."""
        group: list[int] = []
        size = 0
        for number in range(len(self._plan.episodes)):
            bytes_of = self._part(number, suffix, feature).stat().st_size
            if group and size + bytes_of > most:
                yield group
                group, size = [], 0
            group.append(number)
            size += bytes_of
        yield group

    def _new(self, pattern: str, file: int, feature: str = "") -> Path:
        chunk, within = f.place(file)
        path = self._folder / pattern.format(video_key=feature, chunk_index=chunk, file_index=within)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _write_json(self, name: str, values: dict[str, Any]) -> None:
        replace_file(self._folder / name, json.dumps(values, indent=4, ensure_ascii=False).encode())


def _feature(column: ColumnSpec) -> dict[str, Any]:
    names = list(NUMBERS) if column.shape else None
    return {"dtype": column.dtype, "shape": list(column.shape or (1,)), "names": names}


def _arrow(values: NDArray[Any]) -> pa.Array:
    """A scalar column, or one of fixed-size lists."""
    if values.ndim == 1:
        return pa.array(values)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])


def _watched(
    pictures: Iterator[NDArray[np.uint8]], levels: PictureStatistics, tick: Tick
) -> Iterator[NDArray[np.uint8]]:
    for picture in pictures:
        levels.add(picture)
        yield picture
        tick()
