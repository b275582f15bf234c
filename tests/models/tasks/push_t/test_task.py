from pathlib import Path

import numpy as np
import pytest

from core.errors import BadStore
from core.observation import same_observation
from core.task import Task
from core.world import World
from models import TASKS
from models.tasks.push_t import geometry as g
from models.tasks.push_t.scenes import MAX_START_COVERAGE, START_X, START_Y, start_parameters
from models.tasks.push_t.task import STARTS, shipped_start
from models.worlds.reference.world import ReferenceWorld
from tests.contracts.task_contract import TaskContract


class TestPushTKeepsTheContract(TaskContract):
    @pytest.fixture
    def task(self) -> Task:
        return TASKS.load("push_t")()

    @pytest.fixture
    def world(self, world: ReferenceWorld) -> World:
        return world


def test_starts_are_within_reach_and_spread_out() -> None:
    poses = np.array([start_parameters(seed)["object_pose"] for seed in range(300)])
    for column, (low, high) in zip(poses.T, (START_X, START_Y, (-np.pi, np.pi)), strict=True):
        assert column.min() >= low
        assert column.max() <= high
        assert column.max() - column.min() > 0.9 * (high - low)
    assert max(g.coverage(pose) for pose in poses) < MAX_START_COVERAGE


def test_a_scene_brings_its_shipped_picture(world: ReferenceWorld) -> None:
    task = TASKS.load("push_t")()
    scene = task.scene(5)
    assert scene.observation is not None
    assert set(scene.observation.frames) == {camera.name for camera in g.CAMERAS}
    assert not scene.observation.frames["top"].flags.writeable, "a shared picture is a value"
    assert np.allclose(scene.observation.ee_state, scene.parameters["ee"], atol=2e-3)
    assert task.scene(999_999).observation is None


def test_no_shipped_starts_are_no_error(tmp_path: Path) -> None:
    assert shipped_start(0, tmp_path / "none.npz") is None


@pytest.mark.parametrize("keep", [0, 100, -200])
def test_torn_starts_are_named(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "torn.npz"
    path.write_bytes(STARTS.read_bytes()[:keep])
    with pytest.raises(BadStore, match=r"torn\.npz cannot be read.*models\.tasks\.push_t\.data\.starts"):
        shipped_start(0, path)


def test_starts_that_lack_an_array_are_named(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    with np.load(STARTS) as file:
        arrays = {name: file[name] for name in file.files if name != "front_ends"}
    np.savez(path, **arrays)
    with pytest.raises(BadStore, match="front_ends"):
        shipped_start(0, path)
    np.savez(tmp_path / "seedless.npz", ee_state=arrays["ee_state"])
    with pytest.raises(BadStore, match="seeds"):
        shipped_start(0, tmp_path / "seedless.npz")


def test_every_shipped_start_reads_the_same_twice() -> None:
    for seed in (0, 127):
        one, two = shipped_start(seed, STARTS), shipped_start(seed, STARTS)
        assert one is not None
        assert two is not None
        assert same_observation(one, two)
