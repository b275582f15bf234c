"""The trainer's tracker on synthetic pictures: an L of two colours that moves in a known way."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core.seeds import generator
from models.tasks.push_t import geometry as g
from models.training.transport.cache import TRACKING_CELLS, fresh_net, track_films, usable
from models.training.transport.tracking import LOST, Tracker, compose
from models.worlds.transport.config import TransportConfig
from models.worlds.transport.network import TransportNet

TABLE = 200
AWAY = torch.tensor([[0.22, 0.28, 0.2, 0, 0, 0, 0, 0.22, -0.28, 0.2, 0, 0, 0, 0]])


@pytest.fixture(scope="module")
def net() -> TransportNet:
    torch.set_num_threads(1)
    blank = np.full((2, 128, 128, 3), TABLE, np.uint8)
    return fresh_net(TransportConfig(cells=TRACKING_CELLS), g.CAMERAS, blank).eval()


def picture(net: TransportNet, pose: np.ndarray, view: int = 0) -> np.ndarray:
    """(128, 128, 3) uint8 of a flat L on the plane that the tracker looks at, four rays per pixel edge."""
    camera, fine = g.CAMERAS[view], 4
    line = (np.arange(128 * fine) + 0.5) / fine - 0.5
    columns, rows = np.meshgrid(line, line)
    rotation, shift = camera.base_to_camera[:3, :3], camera.base_to_camera[:3, 3]
    rays = np.stack([columns, rows, np.ones_like(rows)], -1) @ np.linalg.inv(camera.intrinsics).T @ rotation
    origin = -rotation.T @ shift
    points = origin[:2] + rays[..., :2] / rays[..., 2:] * (net.config.rectify_height - origin[2])
    local = g.to_object(points, pose)
    long = (np.abs(local[..., 0]) < 0.02) & (np.abs(local[..., 1]) < 0.08)
    foot = (np.abs(local[..., 0] - 0.05) < 0.04) & (np.abs(local[..., 1] + 0.06) < 0.02)
    colours = np.full((*long.shape, 3), TABLE, float)
    colours[long], colours[foot] = (210, 90, 30), (40, 90, 200)
    return colours.reshape(128, fine, 128, fine, 3).mean((1, 3)).round().astype(np.uint8)


def film(net: TransportNet, poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First frame of both views, and the top view of every pose."""
    return np.stack([picture(net, poses[0], v) for v in (0, 1)]), np.stack([picture(net, p) for p in poses])


def relative(track: np.ndarray, poses: np.ndarray) -> tuple[float, float]:
    """Largest error of the tracked motion, metres and radians, against the first frame."""
    turn = track[:, 2] - track[0, 2]
    aside = poses[0, :2] - track[0, :2]
    c, s = np.cos(turn), np.sin(turn)
    place = track[:, :2] + np.stack([c * aside[0] - s * aside[1], s * aside[0] + c * aside[1]], -1)
    angle = (turn - (poses[:, 2] - poses[0, 2]) + np.pi) % (2 * np.pi) - np.pi
    return float(np.linalg.norm(place - poses[:, :2], axis=1).max()), float(np.abs(angle).max())


def walk(seed: int, steps: int, step: float, turn: float) -> np.ndarray:
    random = generator(seed)
    change = np.stack([*random.normal(0, step, (2, steps)), random.normal(0, turn, steps)], -1)
    return np.array([0.5, 0.0, 0.4]) + np.concatenate([np.zeros((1, 3)), change.cumsum(0)])


def track(net: TransportNet, *poses: np.ndarray) -> list[np.ndarray]:
    first, films = zip(*(film(net, p) for p in poses), strict=True)
    hands = [AWAY.expand(len(p), -1).numpy() for p in poses]
    with torch.inference_mode():
        return track_films(net, first, films, hands)


def test_known_motions_are_recovered(net: TransportNet) -> None:
    paths = [walk(1, 12, 0.006, 0.06), walk(2, 8, 0.004, 0.1)]
    for found, poses in zip(track(net, *paths), paths, strict=True):
        assert len(found) == len(poses) == usable(found)
        metres, radians = relative(found, poses)
        assert metres < 0.0015
        assert radians < np.deg2rad(1.0)


def test_a_fast_turn_is_found_by_the_second_search(net: TransportNet) -> None:
    poses = np.array([[0.5, 0.0, 0.4], [0.53, 0.02, 1.2]])
    metres, radians = relative(track(net, poses)[0], poses)
    assert metres < 0.002
    assert radians < np.deg2rad(1.5)


def test_what_rests_keeps_its_pose_to_the_bit(net: TransportNet) -> None:
    found = track(net, np.repeat([[0.45, 0.1, -1.0]], 5, 0))[0]
    assert (found[:, :3] == found[0, :3]).all()


def test_an_object_that_vanishes_is_lost_and_stays_lost(net: TransportNet) -> None:
    poses = np.array([[0.5, 0.0, 0.4]] * 4)
    first, frames = film(net, poses)
    frames[2] = TABLE
    with torch.inference_mode():
        (found,) = track_films(net, [first], [frames], [AWAY.expand(4, -1).numpy()])
    assert usable(found) == 2
    assert (found[2:, 3] > LOST).all()


def test_a_hand_over_the_object_is_left_out_of_the_comparison(net: TransportNet) -> None:
    """The hand of the first frame is painted over the picture; later frames show what it hid."""
    poses = walk(4, 5, 0.004, 0.05)
    first, frames = film(net, poses)
    hand = AWAY.clone()
    hand[0, :3] = torch.tensor([0.5, 0.03, 0.02])
    from models.training.transport.tracking import looks_of

    with torch.inference_mode():
        blank = torch.full((1, 3, 128, 128), TABLE / 255)
        covered = looks_of(net, blank, hand)[0, 4].numpy() < 0.5
        first[0][covered] = frames[0][covered] = (20, 20, 20)
        ee = np.concatenate([hand.numpy(), AWAY.expand(len(poses) - 1, -1).numpy()])
        (found,) = track_films(net, [first], [frames], [ee])
    metres, radians = relative(found, poses)
    assert usable(found) == len(poses)
    assert metres < 0.003
    assert radians < np.deg2rad(2)


def test_episodes_end_at_different_times(net: TransportNet) -> None:
    poses = np.repeat([[0.5, 0.0, 0.4]], 3, 0)
    first, frames = film(net, poses)
    as_float = torch.from_numpy(np.stack([first] * 2)).movedim(-1, -3).float() / 255
    tracker = Tracker(net, as_float, AWAY.expand(2, -1))
    tracker.keep(1)
    left = tracker.follow(torch.from_numpy(frames[1:2]).movedim(-1, -3).float() / 255, AWAY)
    assert left.shape == (1,)
    assert len(tracker.pose) == len(tracker.template.looks) == len(tracker.lost) == 1


def test_a_step_in_the_frame_of_the_pose_is_composed() -> None:
    pose: Tensor = torch.tensor([[1.0, 2.0, np.pi / 2]])
    moved = compose(pose, torch.tensor([[0.1, 0.0, 0.2]]))
    assert torch.allclose(moved, torch.tensor([[1.0, 2.1, np.pi / 2 + 0.2]]), atol=1e-6)
