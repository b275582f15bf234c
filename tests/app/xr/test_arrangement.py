"""Panels hang where they were put: grabbing, resizing, re-centring, bending, pointing."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.xr.arrangement import (
    FARTHEST,
    LEAST_SCALE,
    MOST_SCALE,
    NEAREST,
    Arrangement,
    bent,
    complete,
    default,
    grab,
    moved,
    near,
    place,
    pointed,
    pushed,
    recentred,
    resized,
    straightened,
)
from app.xr.pose import Pose, about, added, distance, multiplied, scaled, turned
from app.xr.sizes import CAMERA, GAP, HELP, STATUS, TIMELINE
from tests.app.xr.seen import corner

NAMES = ("camera 0", "camera 1", "status", "timeline", "help")
SIZES = {"camera 0": CAMERA, "camera 1": CAMERA, "status": STATUS, "timeline": TIMELINE, "help": HELP}
metres = st.floats(-2, 2)
quaternions = (
    st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: sum(x * x for x in q) > 0.01).map(lambda q: Pose((0, 0, 0), q))
)
poses = st.builds(lambda at, turn: Pose(at, turn.orientation), st.tuples(metres, metres, metres), quaternions)
heads = st.builds(
    lambda at, yaw, nod: Pose(at, multiplied(about((0, 1, 0), yaw), about((1, 0, 0), nod))),
    st.tuples(metres, st.floats(0.5, 2.0), metres), st.floats(-math.pi, math.pi), st.floats(-1.2, 1.2),
)  # fmt: skip


def close(a: Pose, b: Pose) -> bool:
    """The same pose; q and -q are one rotation."""
    dot = abs(sum(x * y for x, y in zip(a.orientation, b.orientation, strict=True)))
    return distance(a.position, b.position) < 1e-6 and dot > 1 - 1e-9


def layers(arrangement: Arrangement):  # type: ignore[no-untyped-def]
    return {name: place(arrangement, name, SIZES[name]) for name in NAMES}


@given(poses, poses)
def test_a_pose_times_its_inverse_is_nothing(a: Pose, b: Pose) -> None:
    assert close(a * a.inverse(), Pose())
    assert close((a * b).inverse(), b.inverse() * a.inverse())


@given(heads, st.sampled_from(NAMES), poses, poses)
def test_a_held_panel_keeps_its_place_in_the_hand(head: Pose, name: str, hand: Pose, later: Pose) -> None:
    arrangement = recentred(default(), head)
    held = grab(arrangement, name, hand)
    after = moved(arrangement, held, later)
    there = after.anchor * after.places[name].pose
    wanted = later * held.held
    far = distance(wanted.position, arrangement.anchor.position)
    if NEAREST <= far <= FARTHEST:
        assert close(later.inverse() * there, held.held)
    else:
        reach = distance(there.position, arrangement.anchor.position)
        assert reach == pytest.approx(min(FARTHEST, max(NEAREST, far)), abs=1e-6)
    assert all(after.places[other] == arrangement.places[other] for other in NAMES if other != name)


@given(heads, st.sampled_from(NAMES), poses)
def test_a_grab_without_a_motion_changes_nothing(head: Pose, name: str, hand: Pose) -> None:
    arrangement = recentred(default(), head)
    after = moved(arrangement, grab(arrangement, name, hand), hand)
    assert close(after.places[name].pose, arrangement.places[name].pose)


@given(heads, heads)
def test_recentring_brings_the_panels_in_front_of_the_head(first: Pose, head: Pose) -> None:
    arrangement = recentred(recentred(default(), first), head)
    assert arrangement.anchor.position == head.position
    assert turned(arrangement.anchor.orientation, (0, 1, 0)) == pytest.approx((0, 1, 0)), "upright"
    forward = turned(head.orientation, (0, 0, -1))
    status = place(arrangement, "status", STATUS).pose.position
    way = tuple(a - b for a, b in zip(status, head.position, strict=True))
    level = math.hypot(way[0], way[2]) * math.hypot(forward[0], forward[2])
    assert (way[0] * forward[0] + way[2] * forward[2]) / level == pytest.approx(1.0, abs=1e-6), "straight ahead"
    assert layers(recentred(default(), head)) == layers(arrangement), "where it was before does not matter"


@given(st.sampled_from(NAMES), st.lists(st.floats(0.3, 3.0), min_size=1, max_size=6))
def test_sizes_stay_within_reason_and_the_middle_stays(name: str, factors: list[float]) -> None:
    arrangement = default()
    for factor in factors:
        arrangement = resized(arrangement, name, factor)
    assert LEAST_SCALE <= arrangement.places[name].scale <= MOST_SCALE
    assert arrangement.places[name].pose == default().places[name].pose
    layer = place(arrangement, name, SIZES[name])
    assert layer.aspect == pytest.approx(SIZES[name][0] / SIZES[name][1])


@given(heads, st.sampled_from(NAMES), st.booleans(), st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_a_ray_finds_the_point_that_it_aims_at(head: Pose, name: str, curved: bool, u: float, v: float) -> None:
    """From where the eyes are, so from inside of every cylinder; only the aimed panel hangs there."""
    layer = layers(bent(recentred(default(), head), curved))[name]
    at = corner(layer, u, v)
    eye = recentred(default(), head).anchor.position
    way = tuple(a - b for a, b in zip(at, eye, strict=True))
    yaw = math.atan2(-way[0], -way[2])
    pitch = math.atan2(way[1], math.hypot(way[0], way[2]))
    ray = Pose(eye, multiplied(about((0, 1, 0), yaw), about((1, 0, 0), pitch)))
    hit = pointed({name: layer}, ray)
    assert hit is not None
    assert (hit.u, hit.v) == pytest.approx((u, v), abs=1e-6)
    assert hit.distance == pytest.approx(distance(at, eye), abs=1e-6)


def test_a_ray_meets_nothing_beside_behind_or_through_the_back() -> None:
    hung = layers(default())
    assert pointed(hung, Pose((0, 0, 0), about((0, 1, 0), math.pi))) is None, "behind the head nothing hangs"
    beyond = Pose((0.3, -0.05, -3.0), about((0, 1, 0), math.pi))
    assert pointed({"camera 1": place(bent(default(), False), "camera 1", CAMERA)}, beyond) is None, "its back"
    assert pointed({}, Pose()) is None


def test_the_nearest_of_two_panels_is_hit() -> None:
    arrangement = default()
    held = grab(arrangement, "help", Pose())
    front = Pose((0, 0, 0), about((0, 1, 0), math.radians(60)))
    arrangement = moved(arrangement, pushed(held, 0.0), front)
    closer = grab(arrangement, "help", Pose((0, 0, 0)))
    arrangement = moved(arrangement, pushed(closer, -0.3), Pose())
    hit = pointed(layers(arrangement), Pose((0, -0.05, 0), about((0, 1, 0), -0.25)))
    assert hit is not None
    assert hit.name in ("help", "camera 1")
    alone = {name: layer for name, layer in layers(arrangement).items() if name != hit.name}
    other = pointed(alone, Pose((0, -0.05, 0), about((0, 1, 0), -0.25)))
    assert other is None or other.distance >= hit.distance


def test_a_hand_at_a_panel_grabs_it_without_a_ray() -> None:
    hung = layers(default())
    for name, layer in hung.items():
        beside = added(layer.pose.position, scaled(turned(layer.pose.orientation, (0, 0, 1)), 0.04))
        assert near(hung, beside) == name
        assert near(hung, corner(layer, 0.03, 0.5)) == name, "at its end too, where it is bent"
    assert near(hung, (0.0, 0.0, 0.0)) is None


@pytest.mark.parametrize("curved", [True, False])
def test_the_usual_panels_do_not_overlap_and_face_the_eyes(curved: bool) -> None:
    """Seen from the eyes, as angles; a gap is left between all neighbours."""
    hung = layers(bent(default(), curved))
    boxes = {}
    for name, layer in hung.items():
        edge = [corner(layer, i / 8, v) for i in range(9) for v in (0, 1)]
        angles = [(math.atan2(x, -z), math.atan2(y, math.hypot(x, z))) for x, y, z in edge]
        boxes[name] = angles
        facing = turned(layer.pose.orientation, (0, 0, 1))
        towards = scaled(layer.pose.position, -1 / distance(layer.pose.position, (0, 0, 0)))
        assert sum(a * b for a, b in zip(facing, towards, strict=True)) > math.cos(math.radians(20)), name
    for camera in ("camera 0", "camera 1"):
        for upper, lower in (("status", camera), (camera, "timeline")):
            yaws = np.linspace(min(boxes[camera])[0], max(boxes[camera])[0], 9)
            low, high = (np.array(boxes[name][start::2]) for name, start in ((upper, 1), (lower, 0)))
            gap = np.interp(yaws, *low.T) - np.interp(yaws, *high.T)
            assert gap.min() > math.radians(0.4), f"{upper} and {lower} overlap"
    right_of_left = max(yaw for yaw, _ in boxes["camera 0"])
    assert right_of_left < min(yaw for yaw, _ in boxes["camera 1"])
    assert max(yaw for yaw, _ in boxes["camera 1"]) < min(yaw for yaw, _ in boxes["help"])
    assert max(abs(yaw) for name in ("camera 0", "camera 1", "status", "timeline") for yaw, _ in boxes[name]) < 0.62


def test_one_camera_hangs_in_the_middle_and_four_still_fit() -> None:
    assert default(1).places["camera 0"].pose.position[0] == pytest.approx(0.0)
    four = default(4)
    width = four.places["camera 0"].scale * CAMERA[0] * 4 + GAP * 3
    assert width <= STATUS[0] + 1
    assert set(complete(default(1), 3).places) == {"camera 0", "camera 1", "camera 2", "status", "timeline", "help"}


def test_a_curved_panel_bends_around_the_anchor_and_a_tilted_one_stays_flat() -> None:
    arrangement = recentred(default(), Pose((1.0, 1.6, -2.0)))
    camera = place(arrangement, "camera 0", CAMERA)
    assert camera.radius == pytest.approx(1.0, abs=0.01)
    x, _, z = camera.cylinder.position
    assert (x, z) == pytest.approx((1.0, -2.0), abs=0.01)
    assert camera.central_angle == pytest.approx(camera.width / camera.radius)
    assert place(arrangement, "timeline", TIMELINE).radius == 0
    assert place(arrangement, "camera 0", CAMERA, cylinders=False).radius == 0


@given(heads, st.sampled_from(NAMES), poses)
def test_a_straightened_panel_faces_the_anchor_without_roll(head: Pose, name: str, hand: Pose) -> None:
    arrangement = recentred(default(), head)
    after = straightened(moved(arrangement, grab(arrangement, name, hand), Pose()), name).places[name].pose
    far = distance(after.position, (0, 0, 0))
    facing = turned(after.orientation, (0, 0, 1))
    assert facing == pytest.approx(tuple(-part / far for part in after.position), abs=1e-6)
    assert turned(after.orientation, (1, 0, 0))[1] == pytest.approx(0.0, abs=1e-6)
