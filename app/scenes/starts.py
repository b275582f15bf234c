"""Where a new scene may start: pictures from files, a recorded step. Each is checked, and refused in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage, QImageReader

from core.action import ACTION_DIM
from core.branch_tree import owner
from core.camera import Camera
from core.errors import BadConfig
from core.observation import Observation
from core.store.archive import StoreArchive

PICTURES = "Pictures (*.png *.jpg *.jpeg)"
"""What a file dialog offers."""


def read_picture(path: Path, camera: Camera) -> NDArray[np.uint8]:
    """The (H, W, 3) RGB of a PNG or JPEG file, of exactly the camera's size.

    Raises:
        BadConfig: it is missing, no picture, torn, or of another size.
    """
    if not path.is_file():
        raise BadConfig(f"There is no file {path}. Choose the picture of camera {camera.name!r} again.")
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if bytes(reader.format().data()) not in (b"png", b"jpeg"):
        raise BadConfig(f"{path.name} is not a PNG or JPEG picture. Save it as one of them and choose it again.")
    image = reader.read()
    if image.isNull():
        raise BadConfig(f"{path.name} cannot be read: {reader.errorString()}. Save it once more and choose it again.")
    if (image.width(), image.height()) != (camera.width, camera.height):
        raise BadConfig(
            f"{path.name} is {image.width()} × {image.height()} pixels; the world sees camera {camera.name!r} as "
            f"{camera.width} × {camera.height}. Crop and scale the picture to that."
        )
    return pixels_of(image)


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """A picture as (H, W, 3) RGB, read-only."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    bits = rgb.constBits()
    if bits is None:
        raise BadConfig("A picture is empty. Choose another one.")
    rows = np.frombuffer(bits.asstring(rgb.sizeInBytes()), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    pixels = rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()
    pixels.flags.writeable = False
    return pixels


def from_pictures(paths: Mapping[str, Path], cameras: Sequence[Camera], ee_state: NDArray[np.float32]) -> Observation:
    """What pictures and the measured end effectors (14,) show, of those cameras whose pictures there are.

    Raises:
        BadConfig: a picture cannot be read, or does not fit its camera.
    """
    frames = {c.name: read_picture(paths[c.name], c) for c in cameras if c.name in paths}
    return Observation(frames, ee_state.astype(np.float32))


def fitting(observation: Observation, cameras: Sequence[Camera], source: str) -> Observation:
    """What a world with these cameras can see of an observation that another world may have made.

    Raises:
        BadConfig: a camera is missing, its picture has another size, or the end effectors are not finite.
    """
    frames: dict[str, NDArray[np.uint8]] = {}
    for camera in cameras:
        frame = observation.frames.get(camera.name)
        if frame is None:
            raise BadConfig(
                f"{source} has no camera {camera.name!r}, which this world needs; it has "
                f"{', '.join(observation.frames) or 'none'}. Choose a session of the same task."
            )
        if frame.shape != (camera.height, camera.width, 3):
            raise BadConfig(
                f"{source} shows camera {camera.name!r} in {frame.shape[1]} × {frame.shape[0]} pixels; this world "
                f"needs {camera.width} × {camera.height}. Choose a session of the same task and size."
            )
        frames[camera.name] = frame
    if observation.ee_state.shape != (ACTION_DIM,) or not np.isfinite(observation.ee_state).all():
        raise BadConfig(f"{source} has no measured end effectors at this step. Choose another step.")
    return Observation(frames, observation.ee_state)


def recorded_start(archive: StoreArchive, branch: int, index: int, cameras: Sequence[Camera]) -> Observation:
    """What was seen at a node of a session; the session may be open.

    Raises:
        StudioError: there is no such node, it is torn, or it does not fit the cameras.
    """
    at = owner(archive.tree(), branch, index)
    return fitting(archive.node(at.branch, at.index).observation, cameras, f"The session {archive.folder.name}")
