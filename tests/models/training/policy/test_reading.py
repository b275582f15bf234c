from pathlib import Path

import numpy as np
import pytest
import zarr

from core.errors import BadStore
from models.policies.chunks.scaling import shrink
from models.training.policy.reading import read_windows
from models.training.policy.windows import episode_windows, joined, pose_errors, pose_target
from tests.models.training.policy.recorded import CONFIG, LENGTHS, OTHER_SIZE, SIZE, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "demos")


def test_a_split_holds_its_whole_episodes(folder: Path) -> None:
    train, validation = (read_windows([folder], CONFIG, split) for split in ("train", "validation"))
    assert (train.episodes, len(train)) == (3, 7 + 5 + 8), "the episode of one frame is left out"
    assert (validation.episodes, len(validation)) == (1, 6)
    group = zarr.open_group(folder / "part-000.zarr", mode="r")
    assert np.array_equal(validation.states, group["ee_state"][12:18])
    assert np.array_equal(train.actions[12:], group["action"][18:26])
    assert np.array_equal(validation.frames[:, 0], shrink(group["frames/top"][12:18], SIZE // 2))
    assert np.array_equal(validation.frames[:, 1], shrink(group["frames/front"][12:18], SIZE // 2))


def test_chunks_and_pasts_end_with_their_episode(folder: Path) -> None:
    data = read_windows([folder], CONFIG, "train")
    rows = np.array([0, 5, 6, 7, 11, 12])
    chunks = data.chunks(rows, 4)
    assert np.array_equal(chunks[0], data.actions[:4])
    assert np.array_equal(chunks[1], data.actions[[5, 6, 6, 6]]), "the last target is held"
    assert np.array_equal(chunks[2], data.actions[[6, 6, 6, 6]])
    assert np.array_equal(chunks[4], data.actions[[11, 11, 11, 11]])
    before = data.before(rows)
    assert np.array_equal(before, data.states[[0, 4, 5, 7, 10, 12]]), "a first frame is its own past"


def test_kinds_and_numbers_choose(folder: Path) -> None:
    assert len(read_windows([folder], CONFIG, "train", kinds=("other",))) == 5
    assert read_windows([folder], CONFIG, "train", most=2).episodes == 2
    assert read_windows([folder, folder], CONFIG, "train").episodes == 6
    with pytest.raises(BadStore, match="no test episode of the kinds good"):
        read_windows([folder], CONFIG, "test", kinds=("good",))


def test_a_recording_without_truth_has_no_pose(tmp_path: Path) -> None:
    data = read_windows([write(tmp_path, truth=False)], CONFIG, "train")
    assert data.poses.shape == (20, 4)
    assert np.isnan(data.poses).all()


def test_pictures_come_from_the_cache(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = read_windows([folder], CONFIG, "train", cache=cache)
    assert len(list(cache.glob("*.npy"))) == 3
    group = zarr.open_group(folder / "part-000.zarr", mode="a")
    group["frames/top"][:] = 0
    again = read_windows([folder], CONFIG, "train", cache=cache)
    assert np.array_equal(first.frames, again.frames), "not read twice"


def test_a_set_that_was_recorded_anew_does_not_get_old_pictures(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    read_windows([write(tmp_path / "demos", seed=0)], CONFIG, "train", cache=cache)
    anew = read_windows([write(tmp_path / "demos", seed=1)], CONFIG, "train", cache=cache)
    assert np.array_equal(anew.frames, read_windows([tmp_path / "demos"], CONFIG, "train").frames)


def test_bad_data_are_named(folder: Path) -> None:
    with pytest.raises(BadStore, match=r"frames of \(16, 16, 3\), the policy wants 32"):
        read_windows([folder], OTHER_SIZE, "train")
    group = zarr.open_group(folder / "part-000.zarr", mode="a")
    group["action"][sum(LENGTHS) - 3, 4] = np.nan
    with pytest.raises(BadStore, match="not 14 finite numbers"):
        read_windows([folder], CONFIG, "train")
    with pytest.raises(BadStore, match=r"Record some first: `main\.py demonstrate`"):
        read_windows([folder / "none"], CONFIG, "train")
    (folder / "part-001.zarr").mkdir()
    with pytest.raises(BadStore, match="part-001"):
        read_windows([folder], CONFIG, "train")


def test_errors_of_the_pose_head_are_metres_and_radians() -> None:
    truth = pose_target(np.array([[0.5, 0.0, 3.1], [0.6, 0.1, 0.0]], np.float32))
    guess = pose_target(np.array([[0.53, 0.04, -3.1], [0.6, 0.1, 0.25]], np.float32))
    metres, turns = pose_errors(guess, truth)
    assert np.allclose(metres, [0.05, 0.0], atol=1e-6)
    assert np.allclose(turns, [2 * np.pi - 6.2, 0.25], atol=1e-5)


def test_episodes_in_memory_are_as_those_on_disk(folder: Path) -> None:
    on_disk = read_windows([folder], CONFIG, "train")
    group = zarr.open_group(folder / "part-000.zarr", mode="r")
    ends = [(0, 7), (7, 12), (18, 26)]
    in_memory = joined(
        [
            episode_windows(
                {camera: group[f"frames/{camera}"][start:end] for camera in CONFIG.cameras},
                group["ee_state"][start:end],
                group["action"][start:end],
                CONFIG,
            )
            for start, end in ends
        ]
    )
    assert in_memory.episodes == on_disk.episodes == 3
    for name in ("frames", "states", "actions", "first", "last"):
        assert np.array_equal(getattr(in_memory, name), getattr(on_disk, name)), name
    assert np.isnan(in_memory.poses).all()


def test_episodes_in_memory_that_do_not_fit_are_named() -> None:
    frames = {name: np.zeros((3, SIZE, SIZE, 3), np.uint8) for name in CONFIG.cameras}
    states = np.zeros((3, 14), np.float32)
    with pytest.raises(BadStore, match="no frames of the camera 'front'; they have top"):
        episode_windows({"top": frames["top"]}, states, states, CONFIG)
    with pytest.raises(BadStore, match="not 14 finite numbers"):
        episode_windows(frames, states, np.full((3, 14), np.inf, np.float32), CONFIG)
    with pytest.raises(BadStore, match="the policy wants 32"):
        episode_windows(frames, states, states, OTHER_SIZE)


def test_targets_past_the_end_are_known(folder: Path) -> None:
    data = read_windows([folder], CONFIG, "train")
    inside = data.inside(np.array([0, 5, 6]), 4)
    assert inside.tolist() == [[True] * 4, [True, True, False, False], [True, False, False, False]]


def test_the_head_of_a_set_ends_its_last_episode(folder: Path) -> None:
    head = read_windows([folder], CONFIG, "train").head(9)
    assert (len(head), head.episodes) == (9, 2)
    assert head.last.tolist() == [6] * 7 + [8] * 2
