from pathlib import Path

import av
import numpy as np
import pytest

from core.errors import PartFailed
from core.observation import Observation
from models.evaluation.video import side_by_side, write_video


def test_cameras_stand_side_by_side() -> None:
    frames = {"top": np.full((4, 4, 3), 10, np.uint8), "front": np.full((4, 6, 3), 200, np.uint8)}
    picture = side_by_side(Observation(frames, np.zeros(14, np.float32)), 2)
    assert picture.shape == (8, 20, 3)
    assert (picture[:, :8] == 10).all()
    assert (picture[:, 8:] == 200).all()


def test_a_video_plays_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rollout.mp4"
    pictures = [np.full((32, 64, 3), shade, np.uint8) for shade in (30, 120, 220)]
    write_video(path, iter(pictures), 10.0)
    with av.open(str(path)) as container:
        played = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 10
    assert len(played) == 3
    assert [round(float(frame.mean()), -1) for frame in played] == pytest.approx([30, 120, 220], abs=11)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PartFailed, match=r"rollout\.mp4 cannot be written"):
        write_video(tmp_path / "file" / "rollout.mp4", [np.zeros((32, 32, 3), np.uint8)], 10.0)
