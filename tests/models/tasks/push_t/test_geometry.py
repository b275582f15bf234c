from itertools import pairwise

import numpy as np
import pytest

from core.camera import vertical_fov
from models.tasks.push_t import geometry as g


def test_the_t_on_its_target_covers_all_of_it() -> None:
    assert g.coverage(g.TARGET_POSE) == 1.0
    x, y, yaw = g.TARGET_POSE
    assert g.coverage((x, y, yaw + 2 * np.pi)) == pytest.approx(1.0, abs=1e-3), "sample points on the rim may round"


def test_coverage_falls_with_distance_and_turn() -> None:
    x, y, yaw = g.TARGET_POSE
    shifted = [g.coverage((x + d, y, yaw)) for d in (0.0, 0.004, 0.01, 0.03, 0.3)]
    turned = [g.coverage((x, y, yaw + a)) for a in (0.0, 0.1, 0.3, 0.8)]
    for covered in (shifted, turned):
        assert all(a > b for a, b in pairwise(covered)), covered
    assert shifted[-1] == 0.0
    assert g.coverage((x + 0.004, y, yaw)) > g.SUCCESS_COVERAGE > g.coverage((x + 0.01, y, yaw))


@pytest.mark.parametrize("pose", [(0.0, 0.0, 0.0), (0.3, -0.2, 2.0), (0.7, 0.1, -3.1)])
def test_place_and_to_object_are_inverse(pose: tuple[float, ...]) -> None:
    points = np.random.default_rng(0).normal(size=(4, 5, 2))
    assert np.allclose(g.to_object(g.place(points, pose), pose), points, atol=1e-12)
    assert np.allclose(g.place(g.to_object(points, pose), pose), points, atol=1e-12)


def test_place_turns_counter_clockwise_and_shifts() -> None:
    assert np.allclose(g.place(np.array([1.0, 0.0]), (0.5, 0.1, np.pi / 2)), [0.5, 1.1])
    assert np.allclose(g.place(np.zeros(2), (0.5, 0.1, 1.0)), [0.5, 0.1]), "the origin is where the pose says"


def test_inside_agrees_with_the_outline() -> None:
    inward = g.T_OUTLINE.mean(0) - g.T_OUTLINE
    outside = g.T_OUTLINE - 1e-3 * inward / np.linalg.norm(inward, axis=1, keepdims=True)
    convex = [0, 1, 3, 4, 6, 7]  # the two corners under the bar are inner ones
    assert not g.inside_t(outside[convex]).any()
    assert g.inside_t(np.array([g.BAR_CENTRE, g.STEM_CENTRE, (0.0, 0.0)])).all()
    assert not g.inside_t(np.array([0.05, g.STEM_CENTRE[1]])), "beside the stem"


def test_the_cameras_see_the_whole_table() -> None:
    corners = np.array([(x, y, 0.0) for x in g.TABLE_X for y in g.TABLE_Y])
    for camera in g.CAMERAS:
        pixels = camera.project(corners)
        if camera.name == "top":
            assert ((pixels >= -0.5) & (pixels <= np.array([camera.width, camera.height]) - 0.5)).all()
            assert np.allclose(camera.project(np.array([0.5, 0.0, 0.0])), (camera.width - 1) / 2)
    top = g.CAMERAS[0]
    middle, ahead, left = top.project(np.array([(0.5, 0.0, 0.0), (0.6, 0.0, 0.0), (0.5, 0.1, 0.0)]))
    assert ahead[1] < middle[1], "+X is up in the picture"
    assert left[0] < middle[0], "+Y is left"
    assert vertical_fov(g.CAMERAS[1]) == pytest.approx(np.deg2rad(43.0))


def test_home_is_inside_the_limits_and_the_hands_mirror_each_other() -> None:
    assert np.array_equal(g.LIMITS.clip(g.HOME), g.HOME)
    left, right = g.HOME[:7], g.HOME[7:]
    assert left[1] == -right[1] > 0
    assert np.array_equal(np.delete(left, 1), np.delete(right, 1))
    assert not g.HOME[3:6].any(), "the home pose is the identity rotation"
