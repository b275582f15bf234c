"""The transport world with random weights: contract, values, snapshots, bad input."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadAction, BadConfig, BadStore
from core.observation import Observation, same_observation
from core.task import Scene
from core.world import PackedState, World
from models.tasks.push_t import geometry as g
from models.worlds.transport.world import TransportWorld, load
from tests.contracts.world_contract import WorldContract, same_packed
from tests.models.worlds.fresh import start_scene, write_fresh


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_fresh(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def shared(weights: Path) -> TransportWorld:
    return load(weights, "torch")


@pytest.fixture(scope="module")
def seen() -> Observation:
    observation = start_scene(0).observation
    assert observation is not None
    return observation


class TestTransportWorldKeepsTheContract(WorldContract):
    batch_exact = False

    @pytest.fixture
    def world(self, shared: TransportWorld) -> World:
        return shared

    @pytest.fixture
    def scenes(self) -> Sequence[Scene]:
        return [start_scene(0), start_scene(1)]


def push(world: TransportWorld, steps: int) -> tuple[list[object], np.ndarray]:
    """States while the left hand drives through the middle of the table, and the trust."""
    (state,) = world.reset([start_scene(0)], [0])
    states, trust, action = [state], [], g.HOME.copy()
    action[:3] = 0.40, 0.05, 0.012
    for i in range(steps):
        action[0] = min(0.40 + 0.01 * i, 0.7)
        after, believed = world.step(states[-1:], action[None, None], [0])
        assert believed is not None
        states.append(after[0])
        trust.append(float(believed[0]))
    return states, np.array(trust)


def test_two_worlds_from_one_file_agree_bit_for_bit(weights: Path, shared: TransportWorld) -> None:
    first, trust = push(shared, 25)
    again, trusted = push(load(weights, "torch"), 25)
    assert np.ptp([s.pose for s in first], axis=0).max() > 1e-3, "the hand must touch for this to mean much"
    assert all(same_packed(shared.pack(a), shared.pack(b)) for a, b in zip(first, again, strict=True))
    assert trust.tobytes() == trusted.tobytes()
    assert same_observation(*shared.observe([first[-1], again[-1]]))


def test_a_snapshot_is_about_a_hundred_bytes_and_shares_its_map(shared: TransportWorld) -> None:
    states, _ = push(shared, 3)
    packed = [shared.pack(s) for s in states]
    for one in packed:
        assert sum(a.nbytes for a in one.arrays.values()) <= 140
        assert all(one.shared[k] is packed[0].shared[k] for k in one.shared), "one map per episode, not per step"
    assert sum(a.nbytes for a in packed[0].shared.values()) < 130_000


def test_states_are_read_only(shared: TransportWorld) -> None:
    (state,) = shared.reset([start_scene(0)], [0])
    for array in (state.pose, state.measured, state.commanded, state.object.cells, state.object.distance):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_the_object_is_found_where_it_lies(shared: TransportWorld) -> None:
    """Even random weights find it: the mask begins with what differs from the background."""
    for seed in range(6):
        scene = start_scene(seed)
        (state,) = shared.reset([scene], [seed])
        truth = np.array(scene.parameters["object_pose"][:2])
        assert np.linalg.norm(state.pose[:2] - truth) < 0.03


def test_encode_takes_the_newest_picture_and_the_last_action(shared: TransportWorld, seen: Observation) -> None:
    actions = np.stack([g.HOME, g.HOME + np.float32(0.01)])
    state = shared.encode([seen], actions)
    assert np.array_equal(state.commanded, actions[-1])
    assert np.array_equal(state.measured, seen.ee_state)
    resting = shared.encode([seen], np.zeros((0, 14), np.float32))
    assert same_packed(shared.pack(resting), shared.pack(shared.reset([start_scene(0)], [0])[0]))


def test_more_states_than_one_batch(shared: TransportWorld) -> None:
    (state,) = shared.reset([start_scene(0)], [0])
    states, trust = shared.step([state] * 19, np.repeat(g.HOME[None, None], 19, 0), [0] * 19)
    assert len(states) == len(shared.observe(states)) == 19
    assert trust is not None
    assert np.allclose(trust, trust[0], atol=1e-5)
    assert shared.step([], np.zeros((0, 1, 14), np.float32), [])[0] == []


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (np.repeat(g.HOME[None, None, :13], 1, 0), "shape"),
        (np.repeat(g.HOME[None, None], 2, 0), "Actions for 1 states"),
        (np.where(np.arange(14) == 4, np.nan, g.HOME)[None, None], "numbers 4 are NaN"),
        (np.where(np.arange(14) == 2, -0.1, g.HOME)[None, None], r"Number 2 of the action is -0.100, outside .* Clip"),
    ],
)
def test_a_bad_action_is_refused_and_the_session_goes_on(
    shared: TransportWorld, actions: np.ndarray, message: str
) -> None:
    (state,) = shared.reset([start_scene(0)], [0])
    before = shared.pack(state)
    with pytest.raises(BadAction, match=message):
        shared.step([state], actions, [0])
    assert same_packed(shared.pack(state), before)
    shared.step([state], g.HOME[None, None], [0])


def changed(seen: Observation, **frames: np.ndarray) -> Observation:
    return replace(seen, frames={**seen.frames, **frames})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda o: replace(o, frames={"top": o.frames["top"]}),
            "camera 'front' is missing; this world sees top, front",
        ),
        (
            lambda o: changed(o, front=o.frames["front"][:96, :96]),
            r"'front' is \(96, 96, 3\) uint8.*128, 128, 3.*Scale",
        ),
        (lambda o: changed(o, top=o.frames["top"].astype(np.float32) / 255), "'top' is .* float32; .* uint8"),
        (lambda o: changed(o, top=o.frames["top"][..., 0]), r"'top' is \(128, 128\)"),
        (lambda o: replace(o, ee_state=np.full(14, np.nan, np.float32)), "end effectors must be 14 finite"),
        (lambda o: replace(o, ee_state=o.ee_state[:7]), "end effectors must be 14 finite"),
    ],
)
def test_a_bad_picture_is_refused_in_words(
    shared: TransportWorld, seen: Observation, spoil: object, message: str
) -> None:
    with pytest.raises(BadConfig, match=message):
        shared.reset([replace(start_scene(0), observation=spoil(seen))], [0])
    with pytest.raises(BadConfig, match=message):
        shared.encode([spoil(seen)], np.zeros((0, 14), np.float32))


@pytest.mark.parametrize(
    ("scene", "message"),
    [
        (replace(start_scene(0), task="fold_towel"), "learned 'push_t'; the scene is of 'fold_towel'"),
        (replace(start_scene(0), observation=None), "no picture, and a learned world starts from pictures"),
    ],
)
def test_a_bad_scene_is_refused_in_words(shared: TransportWorld, scene: Scene, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        shared.reset([start_scene(1), scene], [0, 1])


def test_no_picture_at_all(shared: TransportWorld) -> None:
    with pytest.raises(BadConfig, match="at least one observation"):
        shared.encode([], np.zeros((0, 14), np.float32))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("pose", None, "lacks 'pose'"),
        ("cells", None, "lacks 'cells'"),
        ("pose", np.zeros(4, np.float32), r"'pose' of a packed transport state must be finite \(3,\), not \(4,\)"),
        ("measured", np.full(14, np.inf, np.float32), "'measured' .* finite"),
        ("distance", np.array(["a"]), "'distance' of a packed transport state is not numeric"),
    ],
)
def test_a_torn_snapshot_is_refused_in_words(
    shared: TransportWorld, name: str, value: np.ndarray | None, message: str
) -> None:
    packed = shared.pack(shared.reset([start_scene(0)], [0])[0])
    groups = [{k: v for k, v in group.items() if k != name} for group in (packed.arrays, packed.shared)]
    if value is not None:
        groups[0][name] = value
    with pytest.raises(BadStore, match=message):
        shared.unpack(PackedState(*groups))
