"""Figures of fidelity against numbers worked out by hand."""

import numpy as np
import pytest

from models.tasks.push_t.evaluation.fidelity_metrics import (
    amount,
    auroc,
    middle,
    object_colour,
    picture_scores,
    pose_errors,
    psnr,
    reliability,
    ssim,
    turned,
    wrapped,
)


def test_angles_wrap_round() -> None:
    assert wrapped(np.array([3.5, -3.5, 0.0, 7.0])) == pytest.approx(
        [3.5 - 2 * np.pi, 2 * np.pi - 3.5, 0.0, 7.0 - 2 * np.pi]
    )


def test_points_turn_counterclockwise() -> None:
    assert turned(np.array([[1.0, 0.0]]), np.array([np.pi / 2]))[0] == pytest.approx([0.0, 1.0])


def test_the_same_motion_has_no_error_wherever_the_map_was_cut_out() -> None:
    """The map's own frame is shifted and turned against the object's: only the motion counts."""
    truth = np.array([[0.5, 0.1, 0.2], [0.55, 0.05, 0.9], [0.4, 0.0, -3.0]])
    offset, turn = np.array([0.03, -0.02]), 0.7  # the map in the object's frame
    imagined = np.column_stack(
        [truth[:, :2] + turned(np.broadcast_to(offset, (3, 2)), truth[:, 2]), truth[:, 2] + turn]
    )
    apart, angle = pose_errors(imagined, truth)
    assert np.abs(apart).max() < 1e-12
    assert np.abs(angle).max() < 1e-12


def test_errors_are_distances_and_turns_of_the_object() -> None:
    truth = np.array([[0.5, 0.0, 0.0], [0.6, 0.0, np.pi - 0.1]])
    imagined = np.array([[0.5, 0.0, 0.0], [0.6, 0.03, -np.pi + 0.1]])
    apart, angle = pose_errors(imagined, truth)
    assert apart == pytest.approx([0.0, 0.03])
    assert angle == pytest.approx([0.0, 0.2])


def test_a_map_cut_out_aside_swings_with_a_wrong_turn() -> None:
    """The object lies 10 cm beside the map's origin: turning the map by 90 degrees throws it 14 cm."""
    truth = np.array([[0.6, 0.0, 0.0], [0.6, 0.0, 0.0]])
    imagined = np.array([[0.5, 0.0, 0.0], [0.5, 0.0, np.pi / 2]])
    apart, angle = pose_errors(imagined, truth)
    assert apart[1] == pytest.approx(0.1 * np.sqrt(2))
    assert angle[1] == pytest.approx(np.pi / 2)


def test_psnr() -> None:
    grey = np.full((16, 16, 3), 100, np.uint8)
    assert psnr(grey, grey) == 60.0
    assert psnr(grey, grey + np.uint8(10)) == pytest.approx(20 * np.log10(25.5))
    assert ssim(grey, grey) == pytest.approx(1.0)


def test_pictures_are_compared_camera_by_camera() -> None:
    grey = np.full((16, 16, 3), 100, np.uint8)
    both = {"a": grey, "b": grey + np.uint8(10)}
    db, similar = picture_scores(both, {"a": grey, "b": grey})
    assert db == pytest.approx((60 + 20 * np.log10(25.5)) / 2)
    assert similar < 1.0


@pytest.mark.parametrize(
    ("score", "good", "wanted"),
    [
        ([0.9, 0.8, 0.2, 0.1], [True, True, False, False], 1.0),
        ([0.9, 0.8, 0.2, 0.1], [False, False, True, True], 0.0),
        ([0.9, 0.5, 0.4, 0.1], [True, False, True, False], 0.75),
        ([0.5, 0.5, 0.5], [True, False, True], 0.5),
        ([0.9, 0.1], [True, True], None),
        ([0.9, 0.1], [False, False], None),
    ],
)
def test_auroc(score: list[float], good: list[bool], wanted: float | None) -> None:
    found = auroc(np.array(score, np.float32), np.array(good))
    assert found == (None if wanted is None else pytest.approx(wanted))


def test_reliability_in_bins_of_equal_count() -> None:
    score = np.array([0.9, 0.1, 0.2, 0.8, 0.7, 0.3], np.float32)
    good = np.array([True, False, False, True, False, True])
    rows = reliability(score, good, 3)
    assert [r["n"] for r in rows] == [2, 2, 2]
    assert [r["trust"] for r in rows] == pytest.approx([0.15, 0.5, 0.85])
    assert [r["within"] for r in rows] == pytest.approx([0.0, 0.5, 1.0])
    assert len(reliability(score[:2], good[:2], 5)) == 2, "empty bins are left out"


def test_the_colour_of_the_object_and_how_much_of_it_is_left() -> None:
    background = np.full((20, 20, 3), 200, np.uint8)
    frame = background.copy()
    frame[5:9, 5:15] = (250, 120, 30)
    frame[12:14, 2:6] = 30  # a dark hand is no coloured object
    colour = object_colour(frame, background)
    assert colour == pytest.approx([250, 120, 30])
    assert amount(frame, colour) == 40
    assert amount(background, colour) == 0


def test_median_and_mean() -> None:
    assert middle([1.0, 2.0, 9.0]) == (2.0, 4.0)
