import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zarr
from scipy.spatial.transform import Rotation

import main
from models.datasets import base_data
from models.datasets.dataset_parts import set_info
from models.policies.diffusion.config import DiffusionConfig
from models.tasks.push_t import geometry as g
from models.training.policy.reading import SPLITS, Windows, read_windows
from models.training.transport.train import TrainConfig, data_of
from tests.models.datasets.foreign import (
    Made,
    buffer,
    episodes,
    lerobot_v3,
    lerobot_v21,
    push_t_buffer,
    umi_buffer,
)


def imported(folder: Path, out: Path, *options: str) -> int:
    return main.main(["import", str(folder), "--as", "data", "--out", str(out), *options])


def windows(out: Path, split: str, cameras: tuple[str, ...] = ("top", "front")) -> Windows:
    return read_windows([out], DiffusionConfig(cameras=cameras, image_size=128), split)


def whole(out: Path, cameras: tuple[str, ...] = ("top", "front")) -> dict[str, np.ndarray]:
    """All rows in the order of the episodes."""
    group = zarr.open_group(out / "part-000.zarr", mode="r")
    names = ["ee_state", "action", "episode_ends", *(f"frames/{c}" for c in cameras)]
    return {name: np.asarray(group[name][:]) for name in names}


@pytest.mark.parametrize("write", [lerobot_v3, partial(lerobot_v3, per_file=2), lerobot_v21])
def test_what_policy_training_reads_is_what_lerobot_holds(write, tmp_path: Path) -> None:
    made = episodes()
    assert imported(write(tmp_path / "set", made), tmp_path / "out") == 0
    read = [windows(tmp_path / "out", split) for split in ("train", "validation")]
    assert [w.episodes for w in read] == [2, 1]
    found = whole(tmp_path / "out")
    assert np.array_equal(found["episode_ends"], np.cumsum([len(m.action) for m in made]))
    for name in ("state", "action"):
        expected = np.concatenate([getattr(m, name) for m in made])
        assert np.allclose(found["ee_state" if name == "state" else name], expected, atol=1e-6)
    for camera in ("top", "front"):
        expected = np.concatenate([m.frames[camera] for m in made]).astype(int)
        assert np.abs(found[f"frames/{camera}"][:, 2:6, 2:6].astype(int) - expected[:, 2:6, 2:6]).max() <= 6
        assert np.abs(found[f"frames/{camera}"].astype(int) - expected).mean() < 4
    assert sum(len(w) for w in read) == len(found["action"])
    held_out = made[base_data.splits(3).index(1)]
    assert np.allclose(read[1].actions, held_out.action, atol=1e-6)
    assert np.array_equal(read[1].chunks(np.array([0]), 16)[0, -1], read[1].actions[-1])


def test_a_faster_recording_is_read_at_the_rate_of_the_world(tmp_path: Path) -> None:
    (made,) = episodes([31])
    folder = lerobot_v3(tmp_path / "set", [made], fps=30, codec="libsvtav1")  # LeRobot's own default
    assert imported(folder, tmp_path / "out") == 0
    found = whole(tmp_path / "out")
    assert np.allclose(found["ee_state"], made.state[::3])
    assert np.allclose(found["action"], made.action[[2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 30]])
    assert np.abs(found["frames/top"][:, 4, 4, 0].astype(int) - made.frames["top"][::3, 4, 4, 0]).max() <= 4


def test_the_same_command_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, out = episodes(), tmp_path / "out"
    source = lerobot_v21(tmp_path / "set", made)
    torn = source / "videos/chunk-000/observation.images.front/episode_000002.mp4"
    kept = torn.read_bytes()
    torn.write_bytes(kept[: len(kept) // 2])
    assert imported(source, out) == 1
    assert len(whole(out)["episode_ends"]) == 2
    torn.write_bytes(kept)
    written: list[int] = []
    write = base_data._write_episode
    monkeypatch.setattr(base_data, "_write_episode", lambda p, e, *a: written.append(e.number) or write(p, e, *a))
    assert imported(source, out) == 0
    assert written == [2]
    assert np.allclose(whole(out)["action"], np.concatenate([m.action for m in made]), atol=1e-6)


def test_another_import_is_not_mixed_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = episodes([5, 5])
    assert imported(lerobot_v3(tmp_path / "a", made), tmp_path / "out") == 0
    assert imported(lerobot_v3(tmp_path / "b", made), tmp_path / "out") == 1
    assert "another data set" in capsys.readouterr().err


def test_push_t_lies_on_our_table_with_its_goal_on_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert imported(push_t_buffer(tmp_path / "push.zarr"), out, "--arm", "right", "--json") == 0
    assert json.loads(capsys.readouterr().out)["cameras"] == {"top": "img"}
    found = whole(out, ("top",))
    group = zarr.open_group(out / "part-000.zarr", mode="r")
    truth = np.asarray(group["truth/object_pose"][:])
    assert g.coverage(truth[0]) == pytest.approx(1.0)
    assert truth[12, 1] - truth[0, 1] == pytest.approx(44 * 0.16 / 120, abs=1e-6)  # right in its picture is left here
    assert np.allclose(found["ee_state"][:, :7], g.HOME[:7])
    assert np.ptp(found["ee_state"][:, 7:9], axis=0).min() > 0.1
    assert found["frames/top"][0, :60].min() > 250
    assert found["frames/top"][0, 70:].max() < 20
    assert windows(out, "train", ("top",)).poses.shape == (12, 4)


@pytest.mark.parametrize("zipped", [False, True])
def test_umi_moves_one_arm_and_its_next_pose_is_the_action(zipped: bool, tmp_path: Path) -> None:
    path = tmp_path / ("umi.zarr.zip" if zipped else "umi.zarr")
    if zipped:
        store = zarr.storage.ZipStore(path, mode="w")
        umi_buffer(path, store)
        store.close()
    else:
        umi_buffer(path)
    turned = ["--base", "0", "-0.2", "0", "0", "0", "0.5", "--tool", "0.1", "0", "0"]
    assert imported(path, tmp_path / "out", "--fps", "20", *turned) == 0
    found = whole(tmp_path / "out", ("top",))
    assert np.array_equal(found["episode_ends"], [8, 16])
    x = np.linspace(0.4, 0.6, 30)[:15:2]
    place = Rotation.from_rotvec([0, 0, 0.5]).apply(np.stack([x, x * 0 + 0.1, x * 0 + 0.1], 1)) - [0, 0.2, 0]
    turn = (Rotation.from_rotvec([0, 0, 0.5]) * Rotation.from_rotvec([0.1, 0, 0])).as_rotvec()
    assert np.allclose(found["ee_state"][:8, :3], place, atol=1e-6)
    assert np.allclose(found["ee_state"][:8, 3:6], turn, atol=1e-6)
    assert np.allclose(found["ee_state"][:8, 6], 0.5)
    assert np.allclose(found["action"][:7, :3], found["ee_state"][1:8, :3], atol=1e-6)
    assert np.array_equal(found["frames/top"][:8, 64, 64, 0], np.arange(0, 15, 2) * 5)


def test_arms_that_a_data_set_lacks_stay_at_home(tmp_path: Path) -> None:
    made = [Made(m.frames, m.state[:, 7:], m.action[:, 7:]) for m in episodes([6, 6])]
    assert imported(lerobot_v3(tmp_path / "set", made), tmp_path / "out", "--layout", "arm-ee", "--arm", "right") == 0
    found = whole(tmp_path / "out")
    assert np.allclose(found["action"][:, :7], g.HOME[:7])
    assert np.allclose(found["action"][:6, 7:], made[0].action, atol=1e-6)


def test_pictures_in_the_table_are_read_too(tmp_path: Path) -> None:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    made = episodes([6, 5])
    folder = lerobot_v21(tmp_path / "set", made)
    about = json.loads((folder / "meta/info.json").read_text())
    for name in made[0].frames:
        about["features"][f"observation.images.{name}"]["dtype"] = "image"
    (folder / "meta/info.json").write_text(json.dumps(about))
    for number, one in enumerate(made):
        path = folder / f"data/chunk-000/episode_{number:06d}.parquet"
        table = pq.read_table(path)
        for name, frames in one.frames.items():
            cells = []
            for frame in frames:
                file = io.BytesIO()
                Image.fromarray(frame).save(file, "PNG")
                cells.append({"bytes": file.getvalue(), "path": "frame.png"})
            table = table.append_column(f"observation.images.{name}", pa.array(cells))
        pq.write_table(table, path)
    assert imported(folder, tmp_path / "out") == 0
    assert np.array_equal(whole(tmp_path / "out")["frames/top"], np.concatenate([m.frames["top"] for m in made]))


def test_at_least_one_episode_validates_and_the_rest_is_spread() -> None:
    assert base_data.splits(1) == [0]
    assert sorted(base_data.splits(2)) == [0, 1]
    many = base_data.splits(100)
    assert [many.count(split) for split in SPLITS.values()] == [90, 5, 5]


def test_a_buffer_without_names_requires_a_layout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = episodes([10])
    data = {"front_rgb": one.frames["front"], "top_rgb": one.frames["top"], "state": one.state, "action": one.action}
    path = buffer(tmp_path / "ours.zarr", data, [10])
    assert imported(path, tmp_path / "out", "--fps", "10") == 1
    assert "--layout bimanual-ee" in capsys.readouterr().err
    assert imported(path, tmp_path / "out", "--fps", "10", "--layout", "bimanual-ee") == 0
    assert np.array_equal(whole(tmp_path / "out")["frames/front"], one.frames["front"])


def test_changes_are_added_to_what_was_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = episodes([10])
    change = one.action - one.state
    for hand in (slice(3, 6), slice(10, 13)):
        turns = Rotation.from_rotvec(one.action[:, hand]) * Rotation.from_rotvec(one.state[:, hand]).inv()
        change[:, hand] = turns.as_rotvec()
    change[:, 6::7] = one.action[:, 6::7]
    folder = lerobot_v3(tmp_path / "set", [Made(one.frames, one.state, change.astype(np.float32))])
    assert imported(folder, tmp_path / "out") == 1
    assert "--relative" in capsys.readouterr().err
    assert imported(folder, tmp_path / "out", "--relative") == 0
    assert np.allclose(whole(tmp_path / "out")["action"], one.action, atol=1e-6)
    (folder / "export.json").write_text('{"action_codec": {"name": "bimanual-ee-delta-rotvec-v1"}}')  # our own export
    assert imported(folder, tmp_path / "again") == 0
    assert np.allclose(whole(tmp_path / "again")["action"], one.action, atol=1e-6)


def test_a_folder_around_a_buffer_is_opened_too(tmp_path: Path) -> None:
    push_t_buffer(tmp_path / "set" / "replay_buffer.zarr")
    assert imported(tmp_path / "set", tmp_path / "out") == 0


BENCH = """
dt = 0.05
home = [0.34, 0.2, 0.12, 0, 0, 0, 0.5, 0.34, -0.2, 0.12, 0, 0, 0, 0.5]
limits = { low = [0, -1, 0, -2, -2, -4, 0, 0, -1, 0, -2, -2, -4, 0], high = [1, 1, 1, 2, 2, 4, 1, 1, 1, 1, 2, 2, 4, 1] }
cameras = [
    { name = "top", width = 64, height = 64, at = [0.5, 0, 1.5], to = [0.5, 0, 0], up = [1, 0, 0], fov = 0.5 },
]
"""


def test_data_of_another_workcell_keep_its_rate_and_its_calibrated_cameras(tmp_path: Path) -> None:
    file = tmp_path / "bench.toml"
    file.write_text(BENCH)
    (made,) = episodes([12])
    source = lerobot_v3(tmp_path / "set", [made], fps=20)
    assert imported(source, tmp_path / "out", "--workcell", str(file)) == 0
    found = whole(tmp_path / "out", ("top",))
    assert np.allclose(found["ee_state"], made.state, atol=1e-6), "no row is left out at 20 Hz"
    assert found["frames/top"].shape[1:] == (64, 64, 3)
    info = set_info([tmp_path / "out"])
    assert (info.task, info.workcell.name, info.workcell.dt) == ("push_t", "bench", 0.05)
    assert [(camera.name, camera.calibrated) for camera in info.workcell.cameras] == [("top", True)]
    train = TrainConfig((tmp_path / "out",), tmp_path / "run", tmp_path / "w.safetensors")
    assert data_of(train).workcell.cameras[0].width == 64


def test_cameras_of_data_without_a_workcell_are_not_calibrated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(lerobot_v3(tmp_path / "set", episodes([6])), tmp_path / "out") == 0
    assert [camera.calibrated for camera in set_info([tmp_path / "out"]).workcell.cameras] == [False, False]
    capsys.readouterr()
    assert main.main(["train", "world", "--data", str(tmp_path / "out"), "--out", str(tmp_path / "run")]) == 1
    said = capsys.readouterr().err
    assert "A transport world needs calibrated cameras, and the camera 'top' is not calibrated" in said
    assert imported(tmp_path / "set", tmp_path / "other", "--workcell", "attic") == 1
    assert "no workcell 'attic'; known: bimanual_table" in capsys.readouterr().err
