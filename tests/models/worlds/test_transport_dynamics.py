"""Contact dynamics with random weights: what holds by construction, whatever was learned."""

import numpy as np
import pytest
import torch
from torch import Tensor

from models.tasks.push_t import geometry as g
from models.training.transport.contact import Window, centroid, mirror, mirrored
from models.worlds.transport.dynamics import ContactDynamics, hard_gate, settled
from models.worlds.transport.features import HIGH, NEAR, ArmFeatures, difference
from models.worlds.transport.outline import BIGGEST, outline_of
from models.worlds.transport.pose import into_frame, out_of_frame, rotation_matrix, wrapped
from tests.models.worlds.fresh import CONFIG, hands, lively, outline_tensors, t_outline

POSE = torch.tensor([[0.5, 0.0, 0.3]])
STEPS = 300


@pytest.fixture(scope="module", params=[0, 1])
def dynamics(request: pytest.FixtureRequest) -> ContactDynamics:
    torch.manual_seed(request.param)
    return lively(ContactDynamics(CONFIG)).eval()


def roll(dynamics: ContactDynamics, start: Tensor, actions: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Poses (T + 1, 3) and hands (T + 1, 14)."""
    distance, shape = outline_tensors()
    poses, measured, before = [POSE], [start], start
    with torch.inference_mode():
        for action in actions:
            moved = dynamics(distance, shape, poses[-1], before, measured[-1], action)
            poses.append(moved.pose)
            measured.append(moved.measured)
            before = action
    return torch.cat(poses), torch.cat(measured)


def test_hands_far_away_move_nothing_by_a_single_bit(dynamics: ContactDynamics) -> None:
    """Low and moving, but 11 cm from the outline at least: no action at a distance, for any weights."""
    start = hands(left_x=0.26, left_y=0.2, left_z=0.012, right_x=0.26, right_y=-0.2, right_z=0.012)
    actions = []
    for i in range(STEPS):
        action = start.clone()
        action[0, [0, 7]] += 0.03 * np.sin(i / 4)
        action[0, [1, 8]] += 0.03 * np.cos(i / 5)
        actions.append(action)
    poses, measured = roll(dynamics, start, actions)
    assert measured.std(0).max() > 0.005, "the hands must move for this to mean much"
    assert poses.numpy().tobytes() == POSE.expand(STEPS + 1, -1).numpy().tobytes()


def test_hands_high_above_move_nothing_by_a_single_bit(dynamics: ContactDynamics) -> None:
    start = hands(left_x=0.45, left_y=0.0, left_z=0.16, right_x=0.55, right_y=0.0, right_z=0.16)
    actions = [start + 0.02 * np.sin(i / 4) for i in range(STEPS)]
    poses, measured = roll(dynamics, start, actions)
    assert measured[:, 2].min() > HIGH
    assert poses.numpy().tobytes() == POSE.expand(STEPS + 1, -1).numpy().tobytes()


def test_fingers_that_touch_and_rest_move_nothing_by_a_single_bit(dynamics: ContactDynamics) -> None:
    """What contact adds to the hands is shut here: it is learned, and would move them a little."""
    bias = dynamics.follow[-1].bias
    before = bias.detach().clone()
    with torch.no_grad():
        bias[21:] = -50.0
    touching = hands(left_x=0.5, left_y=0.03, left_z=0.012, right_x=0.5, right_y=-0.06, right_z=0.012)
    poses, measured = roll(dynamics, touching, [touching] * STEPS)
    with torch.no_grad():
        bias.copy_(before)
    assert (measured - touching).abs().max() < 1e-5
    assert poses.numpy().tobytes() == POSE.expand(STEPS + 1, -1).numpy().tobytes()


def test_a_finger_that_pushes_moves_the_object(dynamics: ContactDynamics) -> None:
    start = hands(left_x=0.44, left_y=0.0, left_z=0.012)
    actions = [start + torch.tensor([0.01 * (i + 1), *[0.0] * 13]) for i in range(10)]
    poses, _ = roll(dynamics, start, actions)
    assert (poses[-1] - POSE[0]).abs().max() > 1e-3


def test_both_arms_are_one_network(dynamics: ContactDynamics) -> None:
    """Hands that change places do the same to the object."""
    start = hands(left_x=0.44, left_y=0.0, left_z=0.012, right_x=0.5, right_y=0.1, right_z=0.02)
    step = torch.tensor([0.01, 0.0, 0, 0, 0, 0, 0, 0.0, -0.01, 0, 0, 0, 0, 0])
    actions = [start + (i + 1) * step for i in range(6)]
    poses, measured = roll(dynamics, start, actions)
    swapped, other = roll(dynamics, start.roll(7, 1), [a.roll(7, 1) for a in actions])
    assert torch.allclose(poses, swapped, atol=1e-5)
    assert torch.allclose(measured, other.roll(7, 1), atol=1e-5)


def test_the_object_does_not_care_where_its_map_was_cut_out(dynamics: ContactDynamics) -> None:
    """The same outline, shifted in its map with the pose shifted back, is pushed alike."""
    distance, shape = outline_tensors()
    cells = 5
    shifted = distance.roll(cells, 3)
    moved_shape = shape + torch.tensor([cells * CONFIG.cell, 0.0, 0.0])
    moved_pose = POSE - torch.tensor([[np.cos(0.3), np.sin(0.3), 0.0]], dtype=torch.float32) * cells * CONFIG.cell
    start = hands(left_x=0.44, left_y=0.0, left_z=0.012)
    action = start + torch.tensor([0.01, *[0.0] * 13])
    with torch.inference_mode():
        here = dynamics(distance, shape, POSE, start, start, action).pose
        there = dynamics(shifted, moved_shape, moved_pose, start, start, action).pose
    assert (here - POSE).abs().max() > 1e-4
    assert torch.allclose(centroid(here, shape), centroid(there, moved_shape), atol=1e-5)
    assert torch.allclose(here[:, 2], there[:, 2], atol=1e-5)


def test_a_far_target_is_approached_at_the_speed_of_the_controller(dynamics: ContactDynamics) -> None:
    start = hands()
    far = hands(left_x=0.7, left_opening=1.0)
    reached = dynamics.features.within_reach(start, far)
    assert float((reached - start)[0, 0]) == pytest.approx(CONFIG.max_translation, rel=1e-4)
    assert float((reached - start)[0, 6]) == pytest.approx(0.5)
    near = hands(left_x=0.36)
    assert torch.allclose(dynamics.features.within_reach(start, near), near, atol=1e-6)


def test_reach_is_wider_than_one_step() -> None:
    """A finger that runs from one side of the object to the other within a step is not overlooked."""
    patch = 0.02
    assert 2 * (NEAR + patch) > CONFIG.max_translation + 2 * g.FINGER_RADIUS


def test_the_gate_really_shuts_and_opens() -> None:
    gate = hard_gate(torch.tensor([-20.0, -3.0, 0.0, 3.0, 20.0]))
    assert gate[:2].tolist() == [0.0, 0.0]
    assert gate[2] == pytest.approx(0.5)
    assert gate[3:].tolist() == [1.0, 1.0]


def random_window(count: int, steps: int = 2) -> Window:
    torch.manual_seed(5)
    distance, shape = outline_tensors(count)
    base = torch.from_numpy(g.HOME).expand(count, steps + 1, -1)
    ee = base + 0.1 * torch.randn(count, steps + 1, 14)
    pose = torch.tensor([0.5, 0.05, 0.4]) + 0.05 * torch.randn(count, steps + 1, 3)
    return Window(distance, shape, pose, ee[:, 0], ee, ee[:, 1:] + 0.01)


def test_the_mirror_is_its_own_inverse_and_leaves_the_others_alone() -> None:
    window = random_window(4)
    which = torch.tensor([True, False, True, False])
    once = mirror(window, which)
    twice = mirror(once, which)
    for name in Window.__dataclass_fields__:
        assert torch.equal(getattr(twice, name), getattr(window, name)), name
        assert torch.equal(getattr(once, name)[1], getattr(window, name)[1]), name
    assert not torch.equal(once.pose[0], window.pose[0])


def test_the_mirror_shows_the_same_scene_with_y_turned_round() -> None:
    """Outline, hands, turns and centre of the mirrored scene are those of the scene, y for minus y."""
    window = random_window(3)
    other, flip = mirror(window, torch.ones(3, dtype=torch.bool)), torch.tensor([1.0, -1.0])
    features = ArmFeatures(CONFIG)
    points = torch.rand(3, 40, 2) * 0.3 + torch.tensor([0.35, -0.1])
    seen = features.distance(window.distance, window.pose[:, 0], points)
    mirrored_seen = features.distance(other.distance, other.pose[:, 0], points * flip)
    assert torch.allclose(seen, mirrored_seen, atol=1e-5)
    assert torch.allclose(centroid(window.pose[:, 0], window.shape) * flip, centroid(other.pose[:, 0], other.shape))
    arms, mirrored_arms = features.arms(window.ee[:, 0]), features.arms(other.ee[:, 0])
    swapped = mirrored_arms.tips.flip(1).flip(2) * torch.tensor([1.0, -1.0, 1.0])  # left and right, of arms and fingers
    assert torch.allclose(arms.tips, swapped, atol=1e-5)
    matrix = torch.diag(torch.tensor([1.0, -1.0, 1.0]))
    turn = rotation_matrix(window.ee[:, 0].reshape(-1, 2, 7)[..., 3:6])
    mirrored_turn = rotation_matrix(other.ee[:, 0].reshape(-1, 2, 7)[..., 3:6]).flip(1)
    assert torch.allclose(matrix @ turn @ matrix, mirrored_turn, atol=1e-5)


def test_turns_go_the_short_way_round() -> None:
    ahead = difference(mirrored(hands(left_yaw=-3.1)), mirrored(hands(left_yaw=3.1)))
    assert float(ahead[0, 1, 5].abs()) == pytest.approx(2 * np.pi - 6.2, abs=1e-5)
    assert torch.allclose(wrapped(torch.tensor([3.5, -7.0])), torch.tensor([3.5 - 2 * np.pi, -7.0 + 2 * np.pi]))


def test_frames_are_inverse() -> None:
    points, pose = torch.randn(2, 9, 2), torch.tensor([[0.4, -0.1, 2.0], [0.6, 0.2, -1.0]])
    assert torch.allclose(into_frame(out_of_frame(points, pose), pose), points, atol=1e-6)


def test_the_outline_of_a_known_shape() -> None:
    outline = t_outline()
    line = (np.arange(CONFIG.cells) + 0.5) * CONFIG.cell - CONFIG.extent / 2
    x, y = np.meshgrid(line, line)
    assert outline.area == pytest.approx(0.0112, rel=0.05)
    assert np.abs(outline.shape[:2]).max() < 0.003
    assert outline.edge == 0.0
    above = np.unravel_index(np.argmin(np.abs(x) + np.abs(y - 0.1)), x.shape)
    top = g.BAR_CENTRE[1] + g.BAR[1] / 2
    assert outline.distance[above] == pytest.approx(y[above] - top, abs=CONFIG.cell)
    assert outline.distance.min() == pytest.approx(-0.024, abs=CONFIG.cell)


def test_an_empty_and_a_cut_off_map_have_an_outline_too() -> None:
    nothing = outline_of(np.zeros((64, 64), np.float32), CONFIG.extent)
    assert (nothing.distance == np.float32(BIGGEST)).all()
    assert nothing.area == 0
    assert np.isfinite(nothing.shape).all()
    cut = np.zeros((64, 64), np.float32)
    cut[:, :12] = 1
    assert outline_of(cut, CONFIG.extent).edge > 0.1


def test_an_end_effector_with_a_constant_command_comes_to_rest_and_a_commanded_one_continues() -> None:
    now = torch.rand(2, 2, 7)
    crept = now + torch.tensor([3e-4, 0, 0, 0, 0, 2e-3, 0])
    rest, asked = torch.zeros(2, 2, 7), torch.zeros(2, 2, 7)
    asked[0, 1, 2] = 1e-3
    assert torch.equal(settled(now, crept, rest), now)
    after = settled(now, crept, asked)
    assert torch.equal(after[0, 1], crept[0, 1])
    assert torch.equal(after[0, 0], now[0, 0])
    far = now + torch.tensor([2e-3, 0, 0, 0, 0, 0, 0])
    assert torch.equal(settled(now, far, rest), far)
