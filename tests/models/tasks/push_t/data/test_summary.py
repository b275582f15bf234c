from pathlib import Path

import numpy as np
import pytest

from core.errors import BadStore
from models.datasets.dataset_parts import PartInfo, PartWriter
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.summary import Rows, describe, figures, read_rows

FAR = np.array([0.3, 0.2, 0.0])


def rows() -> Rows:
    """Two episodes of five frames: in the first a hand at the T brings it home, in the second nothing happens."""
    ee = np.tile(g.HOME, (10, 1)).astype(np.float32)
    ee[:5, [0, 1, 2]] = (0.5, 0.05, 0.02)
    ee[:5, [7, 8, 9]] = (0.5, -0.05, 0.02)
    pose = np.array([FAR] * 10, np.float32)
    pose[:5] = g.TARGET_POSE
    pose[:3, 0] -= (0.02, 0.02, 0.01)  # still, then two steps of 1 cm
    pose[9, 0] = 0.95
    kind, split = np.array([0, 2], np.int8), np.array([0, 1], np.int8)
    return Rows(ee, ee, pose, np.array([5, 10]), kind, split, ("goal", "none", "play"))


def test_figures_are_counted() -> None:
    found = figures(rows())
    assert (found.frames, found.episodes) == (10, 2)
    assert found.episodes_of_kind == {"goal": 1, "play": 1}, "kinds without an episode are not listed"
    assert found.episodes_of_split == {"train": 1, "validation": 1, "test": 0}
    assert found.moving_share == pytest.approx(3 / 8), "steps lead from a row to the next of the same episode"
    assert found.moving_share_of_kind == pytest.approx({"goal": 2 / 4, "play": 1 / 4})
    assert found.both_near_share == pytest.approx(5 / 10)
    assert found.solved_of_kind == {"goal": 1.0, "play": 0.0}
    assert found.off_table_share == pytest.approx(1 / 10)
    assert found.motion_cm == pytest.approx((1.0, 58.6, 65.0), rel=1e-2)
    assert found.hand_speed_cm == pytest.approx((0.0, 0.0, 0.0))
    assert "T moves in 38% of steps" in describe(found, Path("x"))


def test_a_set_without_a_whole_episode_is_reported(tmp_path: Path) -> None:
    PartWriter(tmp_path / "part-000.zarr", PartInfo(g.TASK, ("idle",), g.WORKCELL, {"object_pose": (3,)}))
    with pytest.raises(BadStore, match="no whole episode"):
        read_rows(tmp_path)


def test_a_torn_part_is_named(tmp_path: Path) -> None:
    (tmp_path / "part-000.zarr").mkdir()
    with pytest.raises(BadStore, match=r"part-000\.zarr cannot be read"):
        read_rows(tmp_path)
