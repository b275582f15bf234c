"""Which format a folder holds."""

from pathlib import Path

from core.errors import BadStore
from models.datasets.lerobot import LeRobotSource
from models.datasets.replay_buffer import ReplayBufferSource
from models.datasets.source import Source


def open_source(path: Path) -> Source:
    """The data set of a folder or a .zarr.zip file.

    Raises:
        BadStore: there is none, of no known format, or torn.
    """
    if not path.exists():
        raise BadStore(f"There is nothing at {path}. Check the path; a data set of the Hub is downloaded first.")
    if (path / "meta" / "info.json").is_file():
        return LeRobotSource(path)
    if path.suffix == ".zip" or (path / "meta" / "episode_ends" / ".zarray").is_file():
        return ReplayBufferSource(path)
    inside = sorted([*path.glob("*.zarr"), *path.glob("*.zarr.zip")])
    if len(inside) == 1:
        return ReplayBufferSource(inside[0])
    if (path / "zarr.json").is_file():
        raise BadStore(
            f"{path} is a Zarr v3 group; replay buffers are Zarr v2. Write it with zarr_format=2, or, if it is a "
            "session of this program, open it as it is: main.py run --session."
        )
    raise BadStore(
        f"{path} is neither a LeRobot data set (meta/info.json) nor a replay buffer (meta/episode_ends in Zarr v2). "
        "Name the folder that holds one of them."
    )
