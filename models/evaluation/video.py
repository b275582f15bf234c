"""Rollouts as MP4: the cameras side by side."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import PartFailed
from core.observation import Observation


def side_by_side(observation: Observation, scale: int = 2) -> NDArray[np.uint8]:
    """All cameras next to each other, (scale H, scale W1 + scale W2 + ..., 3), pixels repeated."""
    picture = np.concatenate([observation.frames[name] for name in observation.frames], axis=1)
    return np.ascontiguousarray(picture.repeat(scale, axis=0).repeat(scale, axis=1))


def write_video(path: Path, pictures: Iterable[NDArray[np.uint8]], rate: float) -> None:
    """Write (H, W, 3) RGB pictures of one size, even in both directions, at `rate` pictures a second.

    Raises:
        PartFailed: the file cannot be written.
    """
    import av

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=round(rate))
            stream.pix_fmt = "yuv420p"
            for index, picture in enumerate(pictures):
                if index == 0:
                    stream.height, stream.width = picture.shape[:2]
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode())
    except (OSError, av.FFmpegError) as error:
        raise PartFailed(f"The video {path} cannot be written: {error}.") from error
