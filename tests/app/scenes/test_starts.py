from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.scenes.starts import fitting, from_pictures, read_picture
from core.errors import BadConfig
from core.observation import Observation
from models.tasks.push_t.geometry import CAMERAS

TOP, FRONT = CAMERAS


def picture(path: Path, size: tuple[int, int] = (128, 128), mode: str = "RGB") -> Path:
    colours = np.random.default_rng(0).integers(0, 256, (size[1], size[0], len(mode)), np.uint8)
    Image.fromarray(colours, mode).save(path)
    return path


def test_a_picture_comes_back_pixel_by_pixel_whatever_its_mode(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", mode="RGBA")
    wanted = np.asarray(Image.open(path))[..., :3]
    opaque = np.asarray(Image.open(path))[..., 3] == 255
    assert np.array_equal(read_picture(path, TOP)[opaque], wanted[opaque])
    plain = picture(tmp_path / "b.png")
    read = read_picture(plain, TOP)
    assert np.array_equal(read, np.asarray(Image.open(plain)))
    assert not read.flags.writeable
    assert read_picture(picture(tmp_path / "c.jpg"), TOP).shape == (128, 128, 3)


def test_a_wrong_size_is_reported_with_both_sizes(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"a.png is 640 × 480 .* 'top' as 128 × 128"):
        read_picture(picture(tmp_path / "a.png", (640, 480)), TOP)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"words"])
def test_what_is_no_picture_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(BadConfig, match="PNG or JPEG"):
        read_picture(path, TOP)


def test_a_missing_or_torn_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="There is no file"):
        read_picture(tmp_path / "none.png", TOP)
    path = picture(tmp_path / "torn.png")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(BadConfig, match=r"torn.png cannot be read"):
        read_picture(path, TOP)


def test_the_pictures_that_are_there_make_an_observation(tmp_path: Path) -> None:
    paths = {"front": picture(tmp_path / "f.png")}
    assert list(from_pictures(paths, CAMERAS, np.zeros(14, np.float32)).frames) == ["front"]


def observation(size: int = 128, names: tuple[str, ...] = ("top", "front"), ee: float = 0.0) -> Observation:
    return Observation({n: np.zeros((size, size, 3), np.uint8) for n in names}, np.full(14, ee, np.float32))


def test_steps_of_other_worlds_are_refused_where_they_do_not_fit() -> None:
    assert list(fitting(observation(names=("wrist", "front", "top")), CAMERAS, "The session x").frames) == [
        "top",
        "front",
    ]
    with pytest.raises(BadConfig, match="no camera 'front'"):
        fitting(observation(names=("top",)), CAMERAS, "The session x")
    with pytest.raises(BadConfig, match="64 × 64"):
        fitting(observation(64), CAMERAS, "The session x")
    with pytest.raises(BadConfig, match="end effectors"):
        fitting(observation(ee=float("nan")), CAMERAS, "The session x")
