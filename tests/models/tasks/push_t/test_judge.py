from dataclasses import replace

import numpy as np
import pytest

from core.camera import looking
from core.errors import BadConfig
from core.task import Scene
from models.tasks.push_t import geometry as g
from models.tasks.push_t.judge import progress, verdict
from models.tasks.push_t.task import load
from models.worlds.reference.looks import LOOKS
from models.worlds.reference.world import ReferenceWorld
from models.worlds.reference.world import load as load_reference
from tests.models.tasks.push_t.pictures import NOWHERE, hands, seen

OFF = np.add(g.TARGET_POSE, (0.015, 0.0, 0.0))
NEAR = np.add(g.TARGET_POSE, (0.001, -0.001, 0.01))


@pytest.mark.parametrize("look", LOOKS)
def test_success_and_failure_in_every_look(world: ReferenceWorld, look: str) -> None:
    on, off = verdict(seen(world, NEAR, look=look)), verdict(seen(world, OFF, look=look))
    assert on.success
    assert on.coverage == pytest.approx(g.coverage(NEAR), abs=0.03)
    assert not off.success
    assert off.coverage == pytest.approx(g.coverage(OFF), abs=0.03)
    assert off.progress < on.progress


def test_a_success_that_hands_hide(world: ReferenceWorld) -> None:
    x, y = NEAR[:2]
    ee = hands((x, y + 0.03, 0.06, 1.0, 0.9), (x - 0.02, y - 0.03, 0.1, 0.0, 0.5))
    said = verdict(seen(world, NEAR, ee))
    assert said.success
    assert said.detection is not None
    assert said.detection.visible < 0.85
    assert not verdict(seen(world, OFF, ee)).success


@pytest.mark.parametrize("look", LOOKS)
def test_no_t_is_no_progress_and_no_success(world: ReferenceWorld, look: str) -> None:
    said = verdict(seen(world, NOWHERE, look=look))
    assert said.detection is None
    assert (said.progress, said.coverage, said.success) == (0.0, 0.0, False)


@pytest.mark.parametrize("pose", [(0.82, 0.0, 0.4), (0.95, 0.0, 0.4), (0.5, 0.34, 1.0), (0.5, 0.42, 1.0)])
def test_half_off_the_table_is_far_from_done(world: ReferenceWorld, pose: tuple[float, ...]) -> None:
    said = verdict(seen(world, pose))
    assert not said.success
    assert said.progress < 0.25


def test_progress_is_made_of_coverage_nearness_and_alignment() -> None:
    x, y, yaw = g.TARGET_POSE
    assert progress(np.array(g.TARGET_POSE), 1.0) == pytest.approx(1.0)
    assert progress(np.array(g.TARGET_POSE), 0.9) == pytest.approx(1.0), "full where it succeeds"
    assert progress(np.array([x, y, yaw + np.pi]), 0.0) == pytest.approx(0.2), "there, but the wrong way round"
    assert progress(np.array([x + 1.0, y, yaw]), 0.0) == pytest.approx(0.2), "aligned, but far"
    assert progress(np.array([x + 1.0, y, yaw + np.pi]), 0.0) == pytest.approx(0.0)
    assert progress(np.array([x, y + 0.15, yaw]), 0.0) == pytest.approx(0.3)


def test_the_judge_sees_with_the_cameras_of_the_workcell() -> None:
    """Other names, poses and sizes; one camera alone; and words where none is calibrated."""
    above = looking("above", 160, 160, (0.45, 0.1, 1.5), (0.5, 0.0, 0.0), (1.0, 0.0, 0.0), 0.5)
    side = looking("side", 96, 64, (0.5, 0.9, 1.1), (0.5, 0.0, 0.0), (0.0, 0.0, 1.0), 0.6)
    for cameras in ((side, above), (above,)):
        cell = replace(g.WORKCELL, cameras=cameras)
        other, task = load_reference(workcell=cell), load(cell)
        for seed in (3, 4):
            scene = task.scene(seed)
            assert scene.observation is None, "no start ships for these cameras"
            (state,) = other.reset([scene], [seed])
            found = verdict(other.observe([state])[0], cell).detection
            assert found is not None
            assert np.abs(found.pose[:2] - other.truth(state)["object_pose"][:2]).max() < 0.004
        (solved,) = other.reset([Scene(g.TASK, 0, {"object_pose": g.TARGET_POSE})], [0])
        assert task.judge(other.observe([solved]))[1].tolist() == [True]
    with pytest.raises(BadConfig, match="The judge of Push-T needs calibrated cameras, and the camera 'above'"):
        load(replace(g.WORKCELL, cameras=(above.uncalibrated(),)))
    assert load(replace(g.WORKCELL, cameras=g.CAMERAS[:1])).scene(0).observation is not None
