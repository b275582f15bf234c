"""The T in pictures against the simulator's truth: millimetres and degrees."""

from dataclasses import replace

import numpy as np
import pytest

from models.tasks.push_t import geometry as g
from models.tasks.push_t.perception import find_t, share_of_t
from models.tasks.push_t.task import PushT
from models.worlds.reference.looks import LOOKS
from models.worlds.reference.world import ReferenceWorld
from tests.models.tasks.push_t.pictures import NOWHERE, errors, hands, seen

POSES = [(0.40, 0.15, 0.4), (0.62, -0.18, -2.0), (0.55, 0.05, 1.3), g.TARGET_POSE]


@pytest.mark.parametrize("seed", range(0, 128, 8))
def test_shipped_starts(seed: int) -> None:
    scene = PushT().scene(seed)
    assert scene.observation is not None
    found = find_t(scene.observation.frames, scene.observation.ee_state)
    assert found is not None
    millimetres, degrees = errors(found, scene.parameters["object_pose"])
    assert millimetres < 2.0
    assert degrees < 1.0


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_of_the_reference_world(world: ReferenceWorld, look: str) -> None:
    """The T is found in all of them: other colours, light, tables, and toys that lie about."""
    for pose in POSES:
        observation = seen(world, pose, look=look)
        found = find_t(observation.frames, observation.ee_state)
        assert found is not None, (look, pose)
        millimetres, degrees = errors(found, pose)
        assert millimetres < 2.0, (look, pose)
        assert degrees < 1.5, (look, pose)


@pytest.mark.parametrize("low", [0.012, 0.06, 0.12])
def test_hands_over_the_t(world: ReferenceWorld, low: float) -> None:
    for pose in POSES:
        x, y = pose[:2]
        ee = hands((x - 0.01, y + 0.02, 0.06, 0.5, 0.5), (x + 0.02, y - 0.04, low, 1.2, 0.9))
        observation = seen(world, pose, g.LIMITS.clip(np.array(ee, np.float32)))
        found = find_t(observation.frames, observation.ee_state)
        assert found is not None
        assert found.visible < 0.9, "the hands hide some of it"
        millimetres, degrees = errors(found, pose)
        assert millimetres < 4.0
        assert degrees < 3.0


def test_where_it_was_helps_where_hands_hide_much(world: ReferenceWorld) -> None:
    pose = POSES[0]
    ee = hands((0.40, 0.13, 0.10, 0.4, 1.0), (0.43, 0.16, 0.05, 0.4, 1.0))
    observation = seen(world, pose, ee)
    found = find_t(observation.frames, observation.ee_state, np.add(pose, (0.004, -0.003, 0.05)))
    assert found is not None
    assert errors(found, pose)[0] < 5.0


def test_a_wrong_memory_does_not_mislead(world: ReferenceWorld) -> None:
    observation = seen(world, POSES[1])
    found = find_t(observation.frames, observation.ee_state, np.array([0.4, 0.2, 1.0]))
    assert found is not None
    assert errors(found, POSES[1])[0] < 2.0


@pytest.mark.parametrize("pose", [(0.82, 0.0, 0.4), (0.82, 0.1, 2.0), (0.5, 0.32, 1.0), (0.18, -0.1, -1.0)])
def test_half_off_the_table(world: ReferenceWorld, pose: tuple[float, ...]) -> None:
    """Its centre on the border of the mapped square: still in the picture, so still found."""
    observation = seen(world, pose)
    found = find_t(observation.frames, observation.ee_state)
    assert found is not None
    millimetres, degrees = errors(found, pose)
    assert millimetres < 5.0
    assert degrees < 2.0


@pytest.mark.parametrize("look", LOOKS)
def test_no_t_is_no_detection(world: ReferenceWorld, look: str) -> None:
    observation = seen(world, NOWHERE, look=look)
    assert find_t(observation.frames, observation.ee_state) is None


def test_without_the_front_view(world: ReferenceWorld) -> None:
    observation = seen(world, POSES[2], hands((0.55, 0.05, 0.06, 0.5, 0.9), (0.34, -0.2, 0.12, 0.0, 0.5)))
    found = find_t({"top": observation.frames["top"]}, observation.ee_state)
    assert found is not None
    assert errors(found, POSES[2])[0] < 5.0


def test_looking_is_pure(world: ReferenceWorld) -> None:
    observation = seen(world, POSES[0])
    kept = replace(observation, frames={name: frame.copy() for name, frame in observation.frames.items()})
    one, two = (find_t(observation.frames, observation.ee_state) for _ in range(2))
    assert one is not None
    assert two is not None
    assert np.array_equal(one.pose, two.pose)
    assert all(np.array_equal(kept.frames[name], observation.frames[name]) for name in kept.frames)


def test_shares_are_parts_of_a_pixel(world: ReferenceWorld) -> None:
    share = share_of_t(seen(world, POSES[0]).frames["top"])
    assert share.shape == (128, 128)
    assert share.min() == 0.0
    assert share.max() == 1.0
    area = share.sum() * (0.70 / 128 * (2.0 - g.T_HEIGHT) / 2.0) ** 2
    assert area == pytest.approx(0.0112, rel=0.15), "square metres of the T, and a little of its sides"
    assert not share_of_t(np.zeros((128, 128, 3), np.uint8)).any()
