"""Episodes as MP4 files, and many of them as one: picture k is at exactly k / fps seconds."""

import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from core.errors import BadStore
from models.datasets.export.options import VideoCodec

ENCODERS: Final[dict[VideoCodec, tuple[str, dict[str, str]]]] = {
    # as LeRobot (every other picture is a key frame, so that a random one is decoded fast), but preset 8 for its 12:
    # a third smaller and 0.6 dB nearer for 0.7 ms more per picture of 128 x 128
    "av1": ("libsvtav1", {"g": "2", "crf": "30", "preset": "8"}),
    "h264": ("libx264", {"g": "2", "crf": "23", "bf": "0"}),
}
"""Encoder and its options. No picture refers to a later one, so that files can be joined packet by packet."""
PIXELS: Final = "yuv420p"


def encode(
    path: Path, pictures: Iterable[NDArray[np.uint8]], fps: int, size: tuple[int, int], codec: VideoCodec
) -> None:
    """Write (H, W, 3) RGB pictures of size (height, width), both even, at ``fps`` pictures a second.

    Raises:
        BadStore: the encoder refuses.
        OSError: the disk refuses.
    """
    encoder, options = ENCODERS[codec]
    os.environ.setdefault("SVT_LOG", "1")  # errors only: the AV1 encoder else prints its settings for every file
    try:
        with av.open(str(path), "w", format="mp4") as container:
            stream = container.add_stream(encoder, rate=fps, options=options)
            assert isinstance(stream, VideoStream)
            stream.height, stream.width, stream.pix_fmt = *size, PIXELS
            stream.codec_context.time_base = Fraction(1, fps)
            for number, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, fps)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    except OSError:
        raise
    except av.FFmpegError as error:
        raise BadStore(f"The video {path} cannot be encoded: {error}. Try the other --video codec.") from error


def join(path: Path, parts: Sequence[Path], lengths: Sequence[int], fps: int) -> None:
    """Put videos one after the other without encoding them again.

    Args:
        path: The file that is made.
        parts: Videos of encode(), all of one size, rate and codec.
        lengths: Pictures of each part.
        fps: Pictures per second.
    """
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream: VideoStream | None = None
        first = 0
        for part, length in zip(parts, lengths, strict=True):
            with av.open(str(part)) as source:
                found = source.streams.video[0]
                if stream is None:
                    stream = container.add_stream_from_template(found, opaque=True)
                    stream.time_base = found.time_base
                assert found.time_base is not None
                shift = round(Fraction(first, fps) / found.time_base)
                for packet in source.demux(found):
                    if packet.dts is None or packet.pts is None:
                        continue  # the demuxer's last, empty one
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = stream
                    container.mux(packet)
            first += length
