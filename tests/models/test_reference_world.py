"""The reference world: values, calibration, limits, hidden state."""

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.action import ActionLimits
from core.camera import looking
from core.errors import BadAction, BadConfig, BadStore, StudioError, UnknownName
from core.observation import same_observation
from core.task import Scene
from core.workcell import Arm, Gripper, Reach, Workcell
from core.world import PackedState
from models.tasks.push_t import geometry as g
from models.tasks.push_t.evaluation.hidden_state import hidden_state
from models.tasks.push_t.scenes import MAX_START_COVERAGE, start_parameters
from models.worlds.reference.looks import LOOKS, look
from models.worlds.reference.world import ReferenceWorld, load
from tests.contracts.world_contract import WorldContract


@pytest.fixture(scope="module")
def world() -> ReferenceWorld:
    return load()


def scene(seed: int, **changes: object) -> Scene:
    return Scene(g.TASK, seed, {**start_parameters(seed), **changes})


class TestReferenceWorldKeepsTheContract(WorldContract):
    @pytest.fixture
    def world(self) -> ReferenceWorld:
        return load()

    @pytest.fixture
    def scenes(self) -> list[Scene]:
        return [scene(0), scene(1)]


def push_actions(steps: int, seed: int = 0) -> np.ndarray:
    """Both hands low and through the middle, with turning, tilting and gripping: (steps, 1, 14)."""
    random = np.random.default_rng(seed)
    actions = np.repeat(g.HOME[None], steps, 0)
    phase = np.linspace(0, 1, steps)[:, None]
    for arm, sign in ((0, 1), (1, -1)):
        aim = np.array([0.52, 0.04 * sign, 0.012]) + random.normal(0, 0.02, 3) * [1, 1, 0]
        actions[:, arm * 7 : arm * 7 + 3] += (phase * (aim - g.HOME[arm * 7 : arm * 7 + 3])).astype(np.float32)
        actions[:, arm * 7 + 3 : arm * 7 + 7] += (phase * random.uniform(-0.4, 0.4, 4)).astype(np.float32)
    return g.LIMITS.clip(actions)[:, None]


def run(world: ReferenceWorld, state: object, actions: np.ndarray) -> object:
    for action in actions:
        (state,), _ = world.step([state], action[None], [0])
    return state


def test_the_same_state_and_action_give_the_same_bits_whatever_came_between(world: ReferenceWorld) -> None:
    actions = push_actions(30)
    start = scene(3, object_pose=(0.5, 0.02, 0.3))
    (state,) = world.reset([start], [3])
    middle = run(world, state, actions[:20])
    first = run(world, middle, actions[20:])
    (other,) = world.reset([scene(5)], [5])
    run(world, other, push_actions(13, seed=9))
    again = run(world, middle, actions[20:])
    assert first.joints.tobytes() == again.joints.tobytes()
    assert np.linalg.norm(world.truth(first)["object_pose"] - world.truth(state)["object_pose"]) > 0.01, (
        "the hands must touch the T for this to mean much"
    )
    fresh = run(load(), load().unpack(world.pack(middle)), actions[20:])
    assert first.joints.tobytes() == fresh.joints.tobytes()


def test_a_batch_steps_as_its_members_do_alone(world: ReferenceWorld) -> None:
    states = world.reset([scene(s, object_pose=(0.5, 0.0, s)) for s in range(5)], range(5))
    actions = [push_actions(15, seed=s) for s in range(5)]
    alone = [run(world, s, a) for s, a in zip(states, actions, strict=True)]
    for i in range(15):
        states, trust = world.step(states, np.stack([a[i] for a in actions]), range(5))
        assert trust is not None
        assert (trust == 1).all()
    for a, b in zip(alone, states, strict=True):
        assert a.joints.tobytes() == b.joints.tobytes()


def test_sessions_of_the_first_version_still_know_this_world() -> None:
    """Their states go on only in a world of the same identity."""
    identity = load().spec.identity
    assert (identity.name, identity.sha256[:16]) == ("reference", "a8f65092b12c0ebb")
    other = load(workcell=replace(g.WORKCELL, dt=0.05)).spec.identity
    assert other.sha256 != identity.sha256


# Other workcells --------------------------------------------------------------------------------------------------

SIDE = looking("side", 96, 64, (0.5, 1.2, 0.6), (0.5, 0.0, 0.0), (0.0, 0.0, 1.0), 0.6)


def one_arm(**changes: Any) -> Workcell:
    """The right arm alone, seen from its side, at 20 Hz."""
    low, high, home = (numbers.copy() for numbers in (g.LIMITS.low, g.LIMITS.high, g.HOME))
    for numbers in (low, high, home):
        numbers[:7] = 0.0
    cell = Workcell("bench", (SIDE,), 0.05, ActionLimits(low, high), home, (Arm("right", gripper=Gripper(0.01, 0.06)),))
    return replace(cell, **changes)


def test_one_arm_one_camera_and_another_rate() -> None:
    world = load(workcell=one_arm())
    target = one_arm().home.copy()
    target[7:] = (0.42, -0.18, 0.15, 0.1, 0.0, 1.0, 0.2)
    (state,) = world.reset([Scene(g.TASK, 0, {"object_pose": (0.6, 0.1, 0.3)})], [0])
    assert np.allclose(world.observe([state])[0].ee_state, one_arm().home, atol=1e-6)
    after = run(world, state, np.repeat(target[None, None], 12, 0))
    seen = world.observe([after])[0]
    assert seen.frames["side"].shape == (64, 96, 3)
    assert seen.frames["side"].std() > 10, "something is drawn"
    assert np.allclose(seen.ee_state, target, atol=3e-3)
    assert not seen.ee_state[:7].any(), "the absent arm rests"
    assert same_observation(seen, world.observe([world.unpack(world.pack(after))])[0])
    with pytest.raises(BadStore, match="22 finite numbers"):
        world.unpack(load().pack(load().reset([scene(0)], [0])[0]))


def test_the_reach_of_a_control_step_is_that_of_the_workcell() -> None:
    target, reach = g.HOME.copy(), Reach(translation=0.02)
    target[0:3] = (0.34, -0.1, 0.12)
    world = load(workcell=replace(g.WORKCELL, dt=0.05, reach=reach))
    (state,) = world.reset([scene(0, object_pose=(0.7, 0.25, 0.0), ee=tuple(g.HOME))], [0])
    moved = np.linalg.norm(world.measured([run(world, state, target[None, None])])[0, :3] - g.HOME[:3])
    assert 0.5 * reach.translation < moved < 1.05 * reach.translation


def test_pictures_of_several_sizes(world: ReferenceWorld) -> None:
    cell = replace(g.WORKCELL, cameras=(*g.CAMERAS, SIDE))
    (state,) = world.reset([scene(0)], [0])
    frames = load(workcell=cell).observe([state])[0].frames
    assert {name: frame.shape for name, frame in frames.items()} == {
        "top": (128, 128, 3), "front": (128, 128, 3), "side": (64, 96, 3),
    }  # fmt: skip
    assert np.array_equal(frames["top"], world.observe([state])[0].frames["top"])


def test_a_camera_that_cannot_be_drawn_is_refused_in_words() -> None:
    with pytest.raises(BadConfig, match="The reference world needs calibrated cameras, and the camera 'side'"):
        load(workcell=one_arm(cameras=(SIDE.uncalibrated(),)))
    intrinsics = SIDE.calibration()[0].copy()
    intrinsics[0, 2] += 8
    with pytest.raises(BadConfig, match="optical axis, and the camera 'side' has others"):
        load(workcell=one_arm(cameras=(replace(SIDE, intrinsics=intrinsics),)))


def test_states_are_values(world: ReferenceWorld) -> None:
    (state,) = world.reset([scene(0)], [0])
    with pytest.raises(ValueError, match="read-only"):
        state.joints[0] = 1.0


@pytest.mark.parametrize("name", [n for n in LOOKS if n != "shipped"])
def test_a_packed_state_keeps_its_look(world: ReferenceWorld, name: str) -> None:
    (state,) = world.reset([scene(1, look=name)], [1])
    (plain,) = world.reset([scene(1)], [1])
    back = world.unpack(world.pack(state))
    seen, again, shipped = world.observe([state, back, plain])
    assert same_observation(seen, again)
    assert not np.array_equal(seen.frames["top"], shipped.frames["top"])
    after = run(world, back, push_actions(3))
    assert after.look == name
    same = run(world, plain, push_actions(3))
    assert np.array_equal(after.joints, same.joints), "a look changes the picture, not the physics"


def test_what_was_packed_is_checked(world: ReferenceWorld) -> None:
    (state,) = world.reset([scene(0)], [0])
    packed = world.pack(state)
    with pytest.raises(BadStore, match="needs joints"):
        world.unpack(PackedState({}, packed.shared))
    with pytest.raises(BadStore, match="finite numbers"):
        world.unpack(PackedState({"joints": np.full(38, np.nan)}, packed.shared))


@pytest.mark.parametrize("pose", [(0.40, 0.15, 0.4), (0.62, -0.18, -2.0), (0.55, 0.05, 1.3)])
def test_the_top_camera_matches_its_calibration(world: ReferenceWorld, pose: tuple[float, ...]) -> None:
    """The upper face of the T, by projection, is the bright orange region of the picture."""
    camera = g.CAMERAS[0]
    far = (0.22, 0.28, 0.2, 0, 0, 0, 0, 0.22, -0.28, 0.2, 0, 0, 0, 0)
    (state,) = world.reset([scene(0, object_pose=pose, ee=far)], [0])
    frame = world.observe([state])[0].frames["top"].astype(float)
    red, green, blue = frame[..., 0], frame[..., 1], frame[..., 2]
    bright = (red > 1.6 * green) & (green > 1.5 * blue) & (red > 0.8 * red.max())
    grid = np.stack(np.meshgrid(np.linspace(-0.08, 0.08, 81), np.linspace(-0.106, 0.0545, 81)), -1).reshape(-1, 2)
    inside = grid[g.inside_t(grid)]
    pixels = camera.project(np.concatenate([g.place(inside, pose), np.full((len(inside), 1), g.T_HEIGHT)], axis=1))
    hit = np.rint(pixels).astype(int)
    assert bright[hit[:, 1], hit[:, 0]].mean() > 0.9, "all but pixels of the rim, which are mixed"
    rows, columns = np.nonzero(bright)
    shift = np.array([columns.mean(), rows.mean()]) - np.unique(hit, axis=0).mean(0)
    assert np.abs(shift).max() < 0.3, "pixels"


@pytest.mark.parametrize("xy", [(0.3, 0.1), (0.5, 0.25), (0.5, -0.1), (0.7, 0.1)])
def test_the_front_camera_matches_its_calibration(world: ReferenceWorld, xy: tuple[float, float]) -> None:
    """The blue cap on the left hand, by projection, is the blue spot of the picture."""
    ee = g.HOME.copy()
    ee[:7] = (*xy, 0.08, 0, 0, 0, 0.5)
    (state,) = world.reset([scene(0, object_pose=(0.5, -0.25, 0), ee=tuple(ee))], [0])
    frame = world.observe([state])[0].frames["front"].astype(float)
    middle = g.CAMERAS[1].project(np.array([*xy, 0.08 + 0.153]))
    columns, rows = np.meshgrid(np.arange(128), np.arange(128))
    around = (np.abs(columns - middle[0]) < 6) & (np.abs(rows - middle[1]) < 5)
    blue = np.clip(frame[..., 2] - frame[..., 0] - 10, 0, None) * around
    shift = np.array([(blue * columns).sum(), (blue * rows).sum()]) / blue.sum() - middle
    assert np.abs(shift).max() < 0.4, "pixels"


def test_the_tool_point_is_between_the_fingertips_of_the_picture(world: ReferenceWorld) -> None:
    camera = g.CAMERAS[1]
    ee = g.HOME.copy()
    ee[:7] = (0.45, 0.1, 0.05, 0, 0, 0, 0.8)
    (state,) = world.reset([scene(0, object_pose=(0.7, -0.2, 0.0), ee=tuple(ee))], [0])
    frame = world.observe([state])[0].frames["front"].astype(int)
    for sign in (1, -1):
        middle = np.array([0.45, 0.1 + sign * (g.FINGER_RADIUS + 0.8 * g.MAX_GAP / 2), 0.05 + 0.03])
        column, row = np.rint(camera.project(middle)).astype(int)
        assert frame[row, column].max() < 90, "a dark finger"
    column, row = np.rint(camera.project(np.array([0.45, 0.1, 0.08]))).astype(int)
    assert frame[row, column].min() > 120, "and the table between them"


def test_measured_hands_are_laid_out_as_an_action(world: ReferenceWorld) -> None:
    target = g.HOME.copy()
    target[:7] = (0.40, 0.15, 0.10, 0.2, -0.1, 2.9, 0.9)
    (state,) = world.reset([scene(0, object_pose=(0.7, -0.2, 0.0))], [0])
    after = run(world, state, np.repeat(target[None, None], 12, 0))
    assert np.allclose(world.observe([after])[0].ee_state, target, atol=2e-3)


def test_a_far_target_is_approached_at_the_speed_of_the_arms(world: ReferenceWorld) -> None:
    (state,) = world.reset([scene(0, object_pose=(0.7, 0.25, 0.0), ee=tuple(g.HOME))], [0])
    target = g.HOME.copy()
    target[0:3] = (0.34, -0.1, 0.12)
    after = run(world, state, target[None, None])
    moved = np.linalg.norm(world.observe([after])[0].ee_state[:3] - g.HOME[:3])
    assert 0.8 * g.WORKCELL.reach.translation < moved < 1.05 * g.WORKCELL.reach.translation


def test_two_open_fingers_push_a_flat_face_straight(world: ReferenceWorld) -> None:
    """A 12 cm push on the bar's long side, 5 mm off its middle: the T keeps its angle."""
    start = (0.45, 0.0, np.pi / 2)  # the top of the bar looks to -x
    ee = g.HOME.copy()
    ee[:7] = (0.45 - 0.054 - 0.02, 0.005, 0.012, 0, 0, 0, 1.0)
    (state,) = world.reset([scene(0, object_pose=start, ee=tuple(ee))], [0])
    actions = np.repeat(ee[None, None], 12, 0)
    actions[:, 0, 0] += 0.01 * np.arange(1, 13, dtype=np.float32)
    moved = world.truth(run(world, state, actions))["object_pose"] - start
    assert 0.09 < moved[0] < 0.13
    assert abs(moved[1]) < 0.005
    assert abs(moved[2]) < np.deg2rad(2)


def test_raised_hands_and_resting_hands_move_nothing(world: ReferenceWorld) -> None:
    (state,) = world.reset([scene(0, object_pose=(0.45, 0.1, 0.2), ee=tuple(g.HOME))], [0])
    over = np.repeat(g.HOME[None, None], 12, 0)
    over[:, 0, 2] = 0.05
    over[:, 0, 0] += 0.02 * np.arange(12, dtype=np.float32)
    passed = run(world, state, over)
    rested = run(world, passed, np.repeat(over[-1:], 50, 0))
    assert np.array_equal(world.truth(rested)["object_pose"], world.truth(state)["object_pose"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a[:, :, :13], "shape"),
        (lambda a: np.where(np.arange(14) == 4, np.nan, a), "numbers 4 are NaN"),
        (lambda a: np.where(np.arange(14) == 2, -0.1, a), "Number 2 of the action is -0.100, outside"),
    ],
)
def test_a_bad_action_is_refused_in_words(world: ReferenceWorld, change: object, message: str) -> None:
    (state,) = world.reset([scene(0)], [0])
    with pytest.raises(BadAction, match=message):
        world.step([state], change(g.HOME[None, None]), [0])


@pytest.mark.parametrize(
    ("start", "error", "message"),
    [
        (replace(scene(0), task="fold_towel"), BadConfig, "fold_towel"),
        (replace(scene(0), parameters={}), BadConfig, "object_pose"),
        (scene(0, object_pose=(0.5, float("nan"), 0.0)), BadConfig, "3 finite numbers"),
        (scene(0, look="neon"), UnknownName, "neon"),
    ],
)
def test_a_bad_scene_is_refused_in_words(
    world: ReferenceWorld, start: Scene, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        world.reset([start], [0])


def test_starting_from_pictures_is_refused(world: ReferenceWorld) -> None:
    (state,) = world.reset([scene(0)], [0])
    with pytest.raises(StudioError, match="Start it from a seed"):
        world.encode(world.observe([state]), np.zeros((0, 14), np.float32))


def test_other_threads_draw_the_same_picture(world: ReferenceWorld) -> None:
    (state,) = world.reset([scene(2)], [2])
    seen = world.observe([state])[0]
    found = []
    thread = threading.Thread(target=lambda: found.append(world.observe([state])[0]))
    thread.start()
    thread.join()
    assert same_observation(seen, found[0])


def test_starts_are_functions_of_the_seed_and_unsolved() -> None:
    for seed in range(50):
        parameters = start_parameters(seed)
        assert parameters == start_parameters(seed)
        assert g.coverage(parameters["object_pose"]) < MAX_START_COVERAGE
        ee = np.array(parameters["ee"], np.float32)
        assert (ee >= g.LIMITS.low).all()
        assert (ee <= g.LIMITS.high).all()
    assert start_parameters(1) != start_parameters(2)


def test_the_geometry_of_the_t() -> None:
    area = 0.0
    for a, b in zip(g.T_OUTLINE, np.roll(g.T_OUTLINE, -1, axis=0), strict=True):
        area += (a[0] * b[1] - a[1] * b[0]) / 2
    assert area == pytest.approx(0.0112)
    grid = np.stack(np.meshgrid(np.arange(-0.08, 0.08, 5e-4), np.arange(-0.11, 0.06, 5e-4)), -1).reshape(-1, 2) + 2.5e-4
    assert np.abs(grid[g.inside_t(grid)].mean(0)).max() < 3e-4, "the origin is the centre of area"
    assert g.coverage(g.TARGET_POSE) == 1.0
    assert g.coverage((0.3, 0.25, 0.0)) == 0.0
    points = np.random.default_rng(0).normal(size=(5, 2))
    assert np.allclose(g.to_object(g.place(points, (0.3, -0.2, 2.0)), (0.3, -0.2, 2.0)), points)


def test_looks_are_known_by_name() -> None:
    assert look("shipped") == LOOKS["shipped"]
    with pytest.raises(UnknownName, match="shipped"):
        look("")


def test_the_observation_determines_nearly_everything(world: ReferenceWorld) -> None:
    """World_lab.md, section 1: a restart from what is measured predicts the next step."""
    found = hidden_state(world, range(910_000, 910_004))
    assert found.steps > 80
    assert found.share < 0.15, found
