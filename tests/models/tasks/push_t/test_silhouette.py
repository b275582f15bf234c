import numpy as np
import pytest

from models.tasks.push_t import geometry as g
from models.tasks.push_t.silhouette import distances, hidden, rays
from models.worlds.reference.world import ReferenceWorld
from tests.models.tasks.push_t.pictures import NOWHERE, hands, seen


def test_distances_are_signed_and_in_metres() -> None:
    points = np.array([g.BAR_CENTRE, (0.0, g.BAR_CENTRE[1] + 0.05), (0.1, g.BAR_CENTRE[1])], np.float32)
    found, slope = distances(points)
    assert np.allclose(found, [-0.02, 0.03, 0.02], atol=5e-4)
    assert np.allclose(slope[1], [0, 1], atol=0.02), "away from the bar is up"
    assert np.allclose(slope[2], [1, 0], atol=0.02)


@pytest.mark.parametrize("camera", g.CAMERAS, ids=[c.name for c in g.CAMERAS])
def test_a_ray_meets_the_point_that_its_pixel_shows(camera: object) -> None:
    looks = rays(camera, 2)
    pixel = 70 * 128 + 50
    for height, point in zip((0.0, g.T_HEIGHT), looks.points[:, pixel], strict=True):
        assert np.allclose(camera.project(np.array([*point, height])), (50, 70), atol=0.01)


@pytest.mark.parametrize("camera", g.CAMERAS, ids=[c.name for c in g.CAMERAS])
def test_pixels_of_a_hand_count_as_hidden(world: ReferenceWorld, camera: object) -> None:
    """What differs between two pictures with and without a hand there; its shadow may stay in sight."""
    here = hands((0.45, 0.10, 0.05, 0.6, 0.8), (0.34, -0.2, 0.12, 0.0, 0.5))
    away = hands((0.70, 0.25, 0.05, 0.6, 0.8), (0.34, -0.2, 0.12, 0.0, 0.5))
    one, other = (seen(world, NOWHERE, ee).frames[camera.name].astype(int) for ee in (here, away))
    differs = (np.abs(one - other).max(-1) > 60).reshape(-1)
    claimed = np.zeros_like(differs)
    for ee in (here, away):
        claimed |= hidden(camera, np.arange(differs.size), np.array(ee, np.float32))
    assert differs.sum() > 60
    assert (claimed & differs).sum() > 0.9 * differs.sum()
    assert claimed.mean() < 0.12, "and no more of the table than hands cover"


def test_no_pixels_hide_nothing() -> None:
    assert hidden(g.CAMERAS[0], np.zeros(0, np.intp), g.HOME).shape == (0,)
