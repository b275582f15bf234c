"""LeRobot data sets, v2.1 and v3.0, read as they lie on disk: parquet by pyarrow, videos by PyAV."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

from core.errors import BadStore
from models.datasets.source import MOST_BYTES, MOST_ROWS, Column, SourceEpisode
from models.datasets.video import frames_at

VERSIONS: Final = ("v2.0", "v2.1", "v3.0")
_NO_NUMBERS: Final = ("video", "image", "string")
_AGAIN: Final = "Download the data set once more."
_PATHS: Final = {
    "v2": (
        "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
    ),
    "v3": (
        "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
    ),
}
"""What data_path and video_path are where info.json does not say."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an episode lies."""

    data: Path
    videos: Mapping[str, tuple[Path, float]] = field(default_factory=dict)
    """Camera -> file, and seconds in it at which the episode begins."""


class LeRobotSource:
    """A models.datasets.source.Source."""

    def __init__(self, folder: Path) -> None:
        """Read the tables of contents.

        Raises:
            BadStore: not a LeRobot data set, of another version, or torn.
        """
        self.folder, self.about = folder, _info(folder) | _exported(folder)
        version = str(self.about.get("codebase_version"))
        if version not in VERSIONS:
            raise BadStore(
                f"{folder} is a LeRobot data set of version {version}; {', '.join(VERSIONS)} can be read. "
                "Convert it with the scripts that come with lerobot."
            )
        self.format = f"LeRobot {version}"
        self.fps: float | None = float(self.about["fps"])
        features = self.about["features"]
        kinds = {name: str(value.get("dtype")) for name, value in features.items()}
        self._videos = tuple(name for name, kind in kinds.items() if kind == "video")
        try:
            self.columns = {n: _column(features[n]) for n, kind in kinds.items() if kind not in _NO_NUMBERS}
            self.cameras = {n: _size(features[n]) for n, kind in kinds.items() if kind in ("video", "image")}
        except (ValueError, TypeError, ArithmeticError) as error:
            raise _torn(folder / "meta" / "info.json", error) from error
        read = _episodes_v3 if version.startswith("v3") else _episodes_v2
        found = read(folder, self.about, self._videos)
        self.episodes = tuple(episode for episode, _ in found)
        self._places = {episode.number: place for episode, place in found}
        gap = [i for i, episode in enumerate(self.episodes) if episode.number != i]
        if gap:
            raise BadStore(
                f"{folder}: the table of episodes goes from {gap[0] - 1} to {self.episodes[gap[0]].number}: an episode "
                "is missing, and rows would be taken for those of another one. Export the data set once more."
            )

    def rows(self, episode: SourceEpisode, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        """See Source.rows."""
        table = self._table(episode, names)
        found = {}
        for name in names:
            width = self.columns[name].width
            values = table.column(name).combine_chunks()
            while pa.types.is_list(values.type) or pa.types.is_fixed_size_list(values.type):
                values = values.flatten()
            try:
                numbers = np.asarray(values.to_numpy(zero_copy_only=False), np.float64)
            except (TypeError, ValueError, pa.ArrowException) as error:
                raise BadStore(f"The column {name!r} of {self.folder} does not hold numbers: {error}.") from error
            if numbers.size != episode.length * width:
                raise BadStore(
                    f"The column {name!r} of episode {episode.number} in {self.folder} holds {numbers.size} numbers; "
                    f"{episode.length} rows of {width} are {episode.length * width}. {_AGAIN}"
                )
            found[name] = numbers.reshape(episode.length, width)
        return found

    def frames(self, episode: SourceEpisode, camera: str, wanted: NDArray[np.int64]) -> Iterator[NDArray[np.uint8]]:
        """See Source.frames."""
        place, fps = self._places[episode.number], self.fps
        assert fps is not None
        if camera in place.videos:
            path, begin = place.videos[camera]
            yield from frames_at(path, begin + wanted / fps, fps)
            return
        column = self._table(episode, [camera]).column(camera)
        for row in wanted:
            yield _picture(column[int(row)].as_py(), f"{place.data}, row {row}, {camera!r}")

    def _table(self, episode: SourceEpisode, names: Sequence[str]) -> pa.Table:
        """Some columns of one episode, in the order of its rows."""
        path = self._places[episode.number].data
        if not path.is_file():
            raise BadStore(f"{path}, which holds episode {episode.number}, is missing. {_AGAIN}")
        try:
            missing = [name for name in names if name not in pq.read_schema(path).names]
            if missing:
                raise BadStore(f"{path} has no column {missing[0]!r}, which meta/info.json promises. {_AGAIN}")
            wanted = list(dict.fromkeys([*names, "frame_index"]))
            table = pq.read_table(path, columns=wanted, filters=[("episode_index", "=", episode.number)])
            order = np.asarray(table.column("frame_index").to_numpy()).reshape(-1)
        except (pa.ArrowException, OSError, KeyError) as error:
            raise _torn(path, error) from error
        if not np.array_equal(order, np.arange(episode.length)):
            raise BadStore(
                f"Episode {episode.number} in {path} has {len(order)} rows that do not count from 0 to "
                f"{episode.length - 1}: rows are missing. {_AGAIN}"
            )
        return table


def _info(folder: Path) -> dict[str, Any]:
    path = folder / "meta" / "info.json"
    try:
        info = json.loads(path.read_bytes())
        fps, features = float(info["fps"]), info["features"]
        if not (0 < fps < 10_000) or not all(isinstance(value, dict) for value in features.values()):
            raise ValueError(f"fps {info['fps']}")
    except FileNotFoundError:
        raise BadStore(f"{folder} has no meta/info.json. {_AGAIN}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise _torn(path, error) from error
    return dict(info)


def _exported(folder: Path) -> dict[str, str]:
    """What this program's own exports say beside the data set: how their actions are to be read."""
    try:
        return {"action_codec": str(json.loads((folder / "export.json").read_bytes())["action_codec"]["name"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _column(feature: Mapping[str, Any]) -> Column:
    width = int(np.prod([int(size) for size in feature.get("shape") or (1,)]))
    return Column(width, tuple(_names(feature.get("names"))))


def _names(names: Any) -> list[str]:
    """The names of a feature: a list, or a list for each kind of part ({"motors": [...]})."""
    if isinstance(names, dict):
        return [name for part in names.values() for name in _names(part)]
    return [str(name) for name in names] if isinstance(names, list | tuple) else []


def _size(feature: Mapping[str, Any]) -> tuple[int, int]:
    shape = [int(size) for size in feature.get("shape") or ()]
    if len(shape) != 3:
        return 0, 0
    return (shape[1], shape[2]) if shape[0] in (1, 3) and shape[2] not in (1, 3) else (shape[0], shape[1])


def _filled(folder: Path, template: str, **values: int | str) -> Path:
    """A path of info.json with its numbers; nothing but numbers and names is put in, and it stays in the folder.

    Raises:
        BadStore: it leads elsewhere, or names something that does not exist.
    """

    def value(match: re.Match[str]) -> str:
        name, width = match.group(1), match.group(2)
        if name not in values:
            raise BadStore(f"meta/info.json of {folder} names a path with {{{name}}}, which is not known.")
        return f"{values[name]:0{int(width)}d}" if width else str(values[name])

    path = folder / re.sub(r"\{(\w+)(?::0?(\d{1,2})d)?\}", value, template)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BadStore(f"meta/info.json of {folder} names {path}, which is outside the data set. {_AGAIN}")
    return path


def _templates(info: Mapping[str, Any], version: str) -> tuple[str, str]:
    data, video = _PATHS[version]
    return str(info.get("data_path") or data), str(info.get("video_path") or video)


def _checked(path: Path, number: Any, length: Any, tasks: Any) -> SourceEpisode:
    if not 0 < int(length) <= MOST_ROWS or int(number) < 0:
        raise BadStore(f"{path}: episode {number} claims {length} rows. {_AGAIN}")
    words = [str(task) for task in tasks] if isinstance(tasks, list) else []
    return SourceEpisode(int(number), int(length), "; ".join(words))


def _episodes_v2(folder: Path, info: Mapping[str, Any], videos: Sequence[str]) -> list[tuple[SourceEpisode, _Place]]:
    path, (data, video) = folder / "meta" / "episodes.jsonl", _templates(info, "v2")
    try:
        size = max(1, int(info.get("chunks_size", 1000)))
        found = []
        for line in path.read_text().splitlines():
            if not line.strip():
                continue
            row = json.loads(line)
            episode = _checked(path, row["episode_index"], row["length"], row.get("tasks"))
            place = {"episode_chunk": episode.number // size, "episode_index": episode.number}
            shown = {name: (_filled(folder, video, video_key=name, **place), 0.0) for name in videos}
            found.append((episode, _Place(_filled(folder, data, **place), shown)))
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise _torn(path, error) from error
    return found


def _episodes_v3(folder: Path, info: Mapping[str, Any], videos: Sequence[str]) -> list[tuple[SourceEpisode, _Place]]:
    files = sorted((folder / "meta" / "episodes").glob("chunk-*/file-*.parquet"))
    if not files:
        raise BadStore(f"{folder} has no meta/episodes/chunk-*/file-*.parquet. {_AGAIN}")
    data, video = _templates(info, "v3")
    keys = ["episode_index", "length", "data/chunk_index", "data/file_index"]
    keys += [f"videos/{n}/{k}" for n in videos for k in ("chunk_index", "file_index", "from_timestamp")]
    found = []
    for path in files:
        try:
            there = pq.read_schema(path).names
            table = pq.read_table(path, columns=[*keys, *(name for name in ("tasks",) if name in there)])
            for row in table.to_pylist():
                episode = _checked(path, row["episode_index"], row["length"], row.get("tasks"))
                shown = {
                    name: (
                        _filled(
                            folder, video, video_key=name, chunk_index=int(row[f"videos/{name}/chunk_index"]),
                            file_index=int(row[f"videos/{name}/file_index"]),
                        ),
                        float(row[f"videos/{name}/from_timestamp"]),
                    )
                    for name in videos
                }  # fmt: skip
                chunk, file = int(row["data/chunk_index"]), int(row["data/file_index"])
                found.append((episode, _Place(_filled(folder, data, chunk_index=chunk, file_index=file), shown)))
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            raise _torn(path, error) from error
    return found


def _picture(cell: Any, where: str) -> NDArray[np.uint8]:
    """A picture that is kept in the table as the bytes of a file."""
    data = cell.get("bytes") if isinstance(cell, dict) else None
    if not data:
        raise BadStore(f"{where} holds no picture, only {cell!r:.60}. Export the data set with its pictures.")
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        if picture.width * picture.height * 3 > MOST_BYTES:
            raise BadStore(f"{where}: a picture of {picture.width} x {picture.height} pixels is no camera's.")
        return np.asarray(picture.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadStore(f"{where}: the picture is torn: {error}. {_AGAIN}") from error


def _torn(path: Path, error: Exception) -> BadStore:
    return BadStore(f"{path} is missing or torn: {str(error) or repr(error)}. {_AGAIN}")
