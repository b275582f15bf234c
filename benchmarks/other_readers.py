"""The same steps on other people's shelves: LeRobot video, and a diffusion_policy buffer. Each reads at its best.

Numbers (end effectors, actions) are held in memory by every reader, ours too: what is compared is pictures from disk
and the way to them.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import zarr
from numcodecs import Blosc
from numpy.typing import NDArray

from models.datasets.windows import TrainingWindows

OBSERVATIONS, ACTIONS = 2, 16
"""Of a window."""
GROUP = "2"
"""Pictures per group of a video, as LeRobot writes them: a random picture is at most two decodes away."""
CODECS = {
    "AV1": ("libsvtav1", {"g": GROUP, "crf": "30", "preset": "12"}),
    "h264": ("libx264", {"g": GROUP, "crf": "30"}),
}
"""LeRobot's default, and the other one that it is often given."""
BARE = "bare read"
"""Name of the yardstick among the readers."""
TARGET_BYTES = 2e6
"""Of a chunk, as diffusion_policy's get_optimal_chunks aims at."""
BUFFERS = {
    "2 MB, lz4": (None, "lz4", 5, Blosc.NOSHUFFLE),
    "2 MB, zstd": (None, "zstd", 5, Blosc.BITSHUFFLE),
    "one picture, lz4": (1, "lz4", 5, Blosc.NOSHUFFLE),
    "one picture, zstd": (1, "zstd", 5, Blosc.BITSHUFFLE),
}
"""Rows of a chunk and compressor: what diffusion_policy calls disk compression, and UMI's chunks of one picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """All steps of the measurement, episodes end to end."""

    frames: dict[str, NDArray[np.uint8]]
    """Camera -> (N, H, W, 3)."""
    ee_state: NDArray[np.float32]
    action: NDArray[np.float32]
    first: NDArray[np.int64]
    """(N,) row of the first step of the same episode."""
    last: NDArray[np.int64]
    """(N,) row of the last step of the same episode."""


class Shelf(Protocol):
    """Reads one picture, or one window of two observations of every camera and the actions that followed."""

    name: str

    def frame(self, row: int, camera: str) -> NDArray[np.uint8]:
        """(H, W, 3)."""

    def window(self, row: int) -> tuple[list[NDArray[np.uint8]], NDArray[np.float32], NDArray[np.float32]]:
        """(2, H, W, 3) per camera, (2, 14) measured, (16, 14) commanded."""


def rows_of(windows: TrainingWindows) -> Rows:
    """Every window of a reader as a row; its branches are episodes."""
    some = [windows[i] for i in range(len(windows))]
    frames = {c: np.stack([w.frames[c][-1] for w in some]) for c in windows.cameras}
    branch = windows.places[:, 1]
    starts = np.searchsorted(branch, np.unique(branch))
    lengths = np.diff(np.append(starts, len(branch)))
    first, last = np.repeat(starts, lengths), np.repeat(starts + lengths - 1, lengths)
    return Rows(frames, np.stack([w.ee_state[-1] for w in some]), np.stack([w.actions[0] for w in some]), first, last)


class _Numbers:
    """What every shelf holds in memory."""

    def __init__(self, rows: Rows) -> None:
        self._rows, self.cameras = rows, tuple(rows.frames)

    def past(self, row: int) -> list[int]:
        """Rows of the observations of a window."""
        return [max(row + back, int(self._rows.first[row])) for back in range(1 - OBSERVATIONS, 1)]

    def numbers(self, row: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Measured and commanded numbers of a window."""
        ahead = np.minimum(row + np.arange(ACTIONS), self._rows.last[row])
        return self._rows.ee_state[self.past(row)], self._rows.action[ahead]


class SessionShelf:
    """One of our sessions."""

    def __init__(self, windows: TrainingWindows, name: str) -> None:
        self._windows, self.name = windows, name

    def frame(self, row: int, camera: str) -> NDArray[np.uint8]:
        """See Shelf.frame."""
        return self._windows.frame(row, camera)

    def window(self, row: int) -> tuple[list[NDArray[np.uint8]], NDArray[np.float32], NDArray[np.float32]]:
        """See Shelf.window."""
        window = self._windows[row]
        return list(window.frames.values()), window.ee_state, window.actions


class VideoShelf:
    """A LeRobot v3.0 data set's videos: all episodes in one file per camera, kept open, decoded by PyAV."""

    def __init__(self, rows: Rows, folder: Path, codec: str, fps: int = 10) -> None:
        self.name, self._fps, self._numbers = f"LeRobot {codec}", fps, _Numbers(rows)
        self._files: dict[str, Any] = {}
        for camera, frames in rows.frames.items():
            path = folder / f"videos/observation.images.{camera}/chunk-000/file-000.mp4"
            _encode(path, frames, fps, codec)
            self._files[camera] = av.open(str(path))
            self._files[camera].streams.video[0].codec_context.thread_count = 1  # frame threads delay a single picture

    def frame(self, row: int, camera: str) -> NDArray[np.uint8]:
        """See Shelf.frame."""
        return self._decoded(camera, [row])[0]

    def window(self, row: int) -> tuple[list[NDArray[np.uint8]], NDArray[np.float32], NDArray[np.float32]]:
        """See Shelf.window."""
        past = self._numbers.past(row)
        return [np.stack(self._decoded(c, past)) for c in self._numbers.cameras], *self._numbers.numbers(row)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    def _decoded(self, camera: str, rows: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Neighbouring rows with one seek."""
        file = self._files[camera]
        stream = file.streams.video[0]
        file.seek(round(rows[0] / self._fps / stream.time_base), stream=stream)
        found: dict[int, NDArray[np.uint8]] = {}
        for frame in file.decode(stream):
            shown = round(frame.time * self._fps)
            if shown in rows:
                found[shown] = frame.to_ndarray(format="rgb24")
            if shown >= rows[-1]:
                return [found[row] for row in rows]
        raise ValueError(f"the video ends before row {rows[-1]}")


class BufferShelf:
    """A diffusion_policy replay buffer on disk, opened by zarr-python."""

    def __init__(self, rows: Rows, folder: Path, kind: str) -> None:
        self.name, self._numbers = f"buffer, {kind}", _Numbers(rows)
        count, codec, level, shuffle = BUFFERS[kind]
        root = zarr.open_group(folder, mode="w", zarr_format=2)
        for camera, frames in rows.frames.items():
            chunk = count or max(1, int(TARGET_BYTES // frames[0].nbytes))
            made = root.create_array(
                f"data/{camera}", shape=frames.shape, chunks=(min(chunk, len(frames)), *frames.shape[1:]),
                dtype="uint8", compressors=[Blosc(codec, level, shuffle)], config={"write_empty_chunks": True},
            )  # fmt: skip
            made[:] = frames
        opened = zarr.open_group(folder, mode="r", zarr_format=2)
        self._arrays: dict[str, Any] = {camera: opened[f"data/{camera}"] for camera in rows.frames}

    def frame(self, row: int, camera: str) -> NDArray[np.uint8]:
        """See Shelf.frame."""
        return np.asarray(self._arrays[camera][row])

    def window(self, row: int) -> tuple[list[NDArray[np.uint8]], NDArray[np.float32], NDArray[np.float32]]:
        """See Shelf.window."""
        past = self._numbers.past(row)
        frames = []
        for camera in self._numbers.cameras:
            seen = np.asarray(self._arrays[camera][past[0] : past[-1] + 1])
            frames.append(seen if len(seen) == OBSERVATIONS else np.repeat(seen, OBSERVATIONS, axis=0))
        return frames, *self._numbers.numbers(row)


class BareShelf:
    """The yardstick: pictures that are not compressed in one file per camera, each read by one system call."""

    def __init__(self, rows: Rows, folder: Path) -> None:
        self.name, self._numbers, self._frames = BARE, _Numbers(rows), rows.frames
        self._files: dict[str, int] = {}
        folder.mkdir()
        for camera, frames in rows.frames.items():
            (folder / camera).write_bytes(frames.tobytes())
            self._files[camera] = os.open(folder / camera, os.O_RDONLY)

    def frame(self, row: int, camera: str) -> NDArray[np.uint8]:
        """See Shelf.frame."""
        _, *shape = self._frames[camera].shape
        size = int(np.prod(shape))
        return np.frombuffer(os.pread(self._files[camera], size, row * size), np.uint8).reshape(shape)

    def window(self, row: int) -> tuple[list[NDArray[np.uint8]], NDArray[np.float32], NDArray[np.float32]]:
        """See Shelf.window."""
        past = self._numbers.past(row)
        frames = [np.stack([self.frame(one, camera) for one in past]) for camera in self._numbers.cameras]
        return frames, *self._numbers.numbers(row)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            os.close(file)


def _encode(path: Path, frames: NDArray[np.uint8], fps: int, codec: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    name, options = CODECS[codec]
    os.environ.setdefault("SVT_LOG", "1")  # or the encoder of AV1 writes a page about itself for each file
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(name, rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = frames.shape[2], frames.shape[1], "yuv420p"
        stream.time_base = Fraction(1, fps)
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
