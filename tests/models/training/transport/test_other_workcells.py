"""A transport world for other cameras and another rate than those of the shipped table."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.camera import Camera, looking
from core.errors import BadConfig, BadStore
from core.task import Scene
from core.workcell import Arm, Gripper, Reach, Table, Workcell, same_workcell
from models.datasets.dataset_parts import PartInfo, PartWriter, set_info
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.episodes import part_info, record
from models.tasks.push_t.scenes import start_parameters
from models.training.transport.cache import fresh_net
from models.training.transport.shape import seen_by, shape_of
from models.training.transport.train import TrainConfig, data_of, train_world
from models.worlds.reference.world import load as load_reference
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.world import load
from tests.models.worlds.fresh import lively, write_fresh

POSES = {
    "side": ((0.5, 0.9, 1.1), (0.5, 0.0, 0.0), (0.0, 0.0, 1.0), 0.55),
    "above": ((0.5, 0.1, 1.6), (0.5, 0.0, 0.0), (1.0, 0.0, 0.0), 0.5),
}
SIDE, ABOVE = (looking(name, 96, 96, *POSES[name]) for name in POSES)
BENCH = replace(g.WORKCELL, name="bench", cameras=(SIDE, ABOVE), dt=0.05, reach=Reach(0.04, 0.4, 0.3))
FIRST_SEED = 2_000_010
"""The T moves early in all the episodes from here on."""
FAST = {"processes": 1, "frames": 300}


def play(folder: Path, workcell: Workcell, episodes: int = 1, frames: int = 4) -> Path:
    """Recorded play in a workcell."""
    os.environ.setdefault("LP_NUM_THREADS", "0")
    world = load_reference(workcell=workcell)
    part = PartWriter(folder / "part-000.zarr", part_info(world))
    for i in range(episodes):
        part.append(record(world, FIRST_SEED + i, frames), int(i >= max(1, episodes - 2)))
    return folder


def config(folder: Path, **changes: Any) -> TrainConfig:
    return replace(TrainConfig((folder,), folder / "run", folder / "out" / "world.safetensors", **FAST), **changes)


def start(workcell: Workcell, seed: int = 0) -> Scene:
    """A scene with what the cameras of the workcell see of it."""
    reference = load_reference(workcell=workcell)
    (state,) = reference.reset([Scene(g.TASK, seed, start_parameters(seed))], [seed])
    return Scene(g.TASK, seed, {}, reference.observe([state])[0])


def test_the_shipped_table_gives_the_shipped_sizes() -> None:
    assert shape_of(seen_by(g.WORKCELL)) == TransportConfig()
    assert [camera.name for camera in seen_by(g.WORKCELL).cameras] == ["top", "front"]


def test_sizes_come_from_the_workcell_and_the_camera_from_above_comes_first() -> None:
    arm = Arm("left", gripper=Gripper(0.01, 0.07, 0.008))
    cell = seen_by(replace(BENCH, arms=(arm,), table=Table((0.2, 0.9), (-0.4, 0.4))))
    assert [camera.name for camera in cell.cameras] == ["above", "side"]
    shape = shape_of(cell)
    assert (shape.view_size, shape.table_centre, shape.table_extent) == (96, (0.55, 0.0), 0.8)
    assert (shape.finger_offset, shape.finger_travel) == pytest.approx((0.013, 0.03))
    assert (shape.max_translation, shape.max_turn, shape.max_opening) == (0.04, 0.4, 0.3)


@pytest.mark.parametrize(
    ("cameras", "names", "words"),
    [
        ((SIDE.uncalibrated(), ABOVE), (), r"A transport world needs calibrated cameras, and the camera 'side' is not"),
        ((SIDE, g.CAMERAS[0]), (), r"square pictures of one size.*side 96 x 96, top 128 x 128.*--cameras"),
        ((Camera("a", 96, 64, *SIDE.calibration()),), (), r"at least 64 pixels.*a 96 x 64"),
        ((SIDE, ABOVE), ("top",), r"no camera 'top'; it has side, above"),
    ],
)
def test_cameras_that_do_not_fit_are_refused_in_words(cameras: Any, names: tuple[str, ...], words: str) -> None:
    with pytest.raises(BadConfig, match=words):
        seen_by(replace(BENCH, cameras=cameras), names)
    assert seen_by(replace(BENCH, cameras=(SIDE.uncalibrated(), ABOVE)), ["above"]).cameras == (ABOVE,)


def test_a_part_names_its_workcell_and_parts_of_two_workcells_do_not_mix(tmp_path: Path) -> None:
    play(tmp_path / "play", BENCH)
    found = set_info([tmp_path / "play"])
    assert found.task == g.TASK
    assert same_workcell(found.workcell, BENCH)
    assert [camera.name for camera in data_of(config(tmp_path / "play")).workcell.cameras] == ["above", "side"]
    other = PartInfo(g.TASK, ("demo",), g.WORKCELL, {"object_pose": (3,)})
    with pytest.raises(BadStore, match=r"recorded in the workcell 'bench'.*'bimanual_table'"):
        PartWriter(tmp_path / "play" / "part-000.zarr", other)
    PartWriter(tmp_path / "play" / "part-001.zarr", other)
    with pytest.raises(BadStore, match=r"'bench'.*'bimanual_table'.*do not belong together"):
        set_info([tmp_path / "play"])


def test_training_on_an_uncalibrated_part_is_refused_before_it_begins(tmp_path: Path) -> None:
    cameras = tuple(camera.uncalibrated() for camera in BENCH.cameras)
    PartWriter(tmp_path / "part-000.zarr", PartInfo(g.TASK, ("imported",), replace(BENCH, cameras=cameras)))
    with pytest.raises(BadConfig, match=r"needs calibrated cameras, and the camera 'side' is not calibrated"):
        train_world(config(tmp_path))
    assert not (tmp_path / "run").exists()


def test_a_part_from_before_workcells_is_of_the_bimanual_table(tmp_path: Path) -> None:
    play(tmp_path, g.WORKCELL)
    file = tmp_path / "part-000.zarr" / "zarr.json"
    values = json.loads(file.read_text())
    del values["attributes"]["workcell"]
    file.write_text(json.dumps(values))
    assert same_workcell(set_info([tmp_path]).workcell, g.WORKCELL)
    assert PartWriter(tmp_path / "part-000.zarr", part_info(load_reference())).episodes == 1


def test_a_world_of_one_camera_and_another_rate_steps(tmp_path: Path) -> None:
    cell = seen_by(replace(BENCH, cameras=(ABOVE,)))
    torch.manual_seed(0)
    scene = start(cell)
    assert scene.observation is not None
    net = fresh_net(shape_of(cell), cell.cameras, scene.observation.frames["above"][None]).eval()
    lively(net.dynamics)
    world = load(write_fresh(tmp_path, net, workcell=cell.to_dict()), "torch")
    assert (world.spec.dt, [camera.name for camera in world.spec.cameras]) == (0.05, ["above"])
    (state,) = world.reset([scene], [0])
    (after,), trust = world.step([state], g.HOME[None, None], [0])
    assert trust is not None
    assert world.observe([after])[0].frames["above"].shape == (96, 96, 3)


@pytest.mark.slow
def test_training_on_other_cameras_and_another_rate_to_a_world_that_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every stage, briefly, from the data alone. The ONNX graphs, which take longest, are left to test_training.py."""
    monkeypatch.setattr("models.training.transport.export.export_graph", lambda net, inputs, file: file.touch())
    play(tmp_path, BENCH, episodes=6, frames=32)
    wanted = config(tmp_path, appearance_minutes=0.05, contact_minutes=0.05, frames=100)
    train_world(wanted)
    world = load(wanted.weights, "torch")
    assert same_workcell(world.spec.workcell, replace(BENCH, cameras=(ABOVE, SIDE)))
    assert (world.spec.dt, world.spec.task) == (0.05, g.TASK)
    (state,) = world.reset([start(BENCH)], [0])
    before = world.observe([state])[0]
    (state,), trust = world.step([state], g.HOME[None, None], [0])
    assert trust is not None
    after = world.observe([state])[0]
    assert {name: frame.shape for name, frame in after.frames.items()} == {"above": (96, 96, 3), "side": (96, 96, 3)}
    assert np.isfinite(after.ee_state).all()
    truth = start(BENCH).observation
    assert truth is not None
    off = np.abs(before.frames["above"].astype(float) - truth.frames["above"]).mean()
    assert off < 20, "the picture of the start is drawn again"
