"""Pictures of a recorded video at given times, one after the other, decoded by PyAV."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from core.errors import BadStore

MOST_PIXELS: Final = 8192 * 8192 // 2
RATE_SLACK: Final = 0.01
"""How far, relatively, the video's rate may be from the data set's."""


def frames_at(path: Path, times: NDArray[np.float64], fps: float) -> Iterator[NDArray[np.uint8]]:
    """The (H, W, 3) RGB picture that is shown at each time.

    Args:
        path: An MP4 file; no other container is tried, so that a file cannot make the demuxer open other files.
        times: Seconds in the file, ascending.
        fps: Pictures per second that the data set claims.

    Raises:
        BadStore: missing, torn, of another rate, or with no picture at one of the times.
    """
    if not path.is_file():
        raise BadStore(f"The video {path} is missing. Download the data set once more, with its videos.")
    try:
        with av.open(str(path), format="mp4") as container:
            if not container.streams.video:
                raise BadStore(f"{path} holds no video. Download the data set once more.")
            stream = container.streams.video[0]
            _check(path, stream, fps)
            yield from _decoded(path, container, times, fps)
    except (av.FFmpegError, EOFError, ValueError) as error:  # damage may also look like text that is none
        raise BadStore(f"The video {path} is torn: {error}. Download the data set once more.") from error


def _check(path: Path, stream: "av.VideoStream", fps: float) -> None:
    if stream.width * stream.height > MOST_PIXELS:
        raise BadStore(f"The video {path} claims {stream.width} x {stream.height} pixels; that is no camera's.")
    rate = float(stream.average_rate or 0)
    if abs(rate - fps) > RATE_SLACK * fps:
        raise BadStore(
            f"The video {path} shows {rate:g} pictures per second and meta/info.json says {fps:g}: pictures would not "
            "belong to their rows. Correct fps in meta/info.json, or export the data set once more."
        )


def _decoded(
    path: Path, container: "av.container.InputContainer", times: NDArray[np.float64], fps: float
) -> Iterator[NDArray[np.uint8]]:
    """Seek to the first time, then go on: recorded rows are neighbours."""
    stream = container.streams.video[0]
    if stream.time_base is None:
        raise BadStore(f"The video {path} has no clock. Export the data set once more.")
    container.seek(int(float(times[0]) / float(stream.time_base)), stream=stream, backward=True)
    at, near = 0, 0.5 / fps
    for frame in container.decode(stream):
        if at == len(times):
            return
        shown = float(frame.time or 0.0)
        if shown < times[at] - near:
            continue
        if shown > times[at] + near:
            raise BadStore(f"The video {path} has no picture at {times[at]:.3f} s. Export the data set once more.")
        yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        at += 1
    if at < len(times):
        raise BadStore(
            f"The video {path} ends before {times[at]:.3f} s, and the data go on: it is cut off. "
            "Download the data set once more."
        )
