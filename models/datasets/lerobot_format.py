"""Names and shapes of LeRobotDataset v3.0, shared by reader and writer.

Layout (see docs/exports.md):

    meta/info.json, meta/stats.json, meta/tasks.parquet, meta/episodes/chunk-000/file-000.parquet
    data/chunk-000/file-000.parquet
    videos/<feature>/chunk-000/file-000.mp4
"""

from typing import Any, Final

VERSION: Final = "v3.0"
INFO_PATH: Final = "meta/info.json"
STATS_PATH: Final = "meta/stats.json"
TASKS_PATH: Final = "meta/tasks.parquet"
EPISODES_PATH: Final = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
DATA_PATH: Final = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH: Final = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
CHUNK_FILES: Final = 1000
"""Files in a chunk folder."""
DATA_FILE_MB: Final = 100
VIDEO_FILE_MB: Final = 200
MB: Final = 1024**2

STATE: Final = "observation.state"
IMAGES: Final = "observation.images."
ACTION: Final = "action"
QUANTILES: Final = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
STATISTICS: Final = ("min", "max", "mean", "std", "count", *QUANTILES)

INDEX_FEATURES: Final[dict[str, dict[str, Any]]] = {
    "timestamp": {"dtype": "float32", "shape": [1], "names": None},
    "frame_index": {"dtype": "int64", "shape": [1], "names": None},
    "episode_index": {"dtype": "int64", "shape": [1], "names": None},
    "index": {"dtype": "int64", "shape": [1], "names": None},
    "task_index": {"dtype": "int64", "shape": [1], "names": None},
}
"""Features that every data set has. A feature of shape (1,) is a scalar column."""


def place(file: int) -> tuple[int, int]:
    """Chunk and file index of the file-th file of a kind."""
    return divmod(file, CHUNK_FILES)
