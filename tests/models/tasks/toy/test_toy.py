from collections.abc import Sequence

import numpy as np
import pytest

from core.errors import BadAction, BadStore
from core.observation import Observation
from core.policy import Policy
from core.seeds import step_seed
from core.task import Scene, Task
from core.world import PackedState, World
from models import POLICIES, TASKS, WORLDS
from models.policies.replay import ReplayPolicy
from models.tasks.toy.task import TARGET, locate
from models.tasks.toy.world import HOME, ToyState
from tests.contracts.policy_contract import PolicyContract
from tests.contracts.task_contract import TaskContract
from tests.contracts.world_contract import WorldContract


def toy_path(steps: int = 5) -> list[Observation]:
    world, policy = WORLDS.load("toy")(), POLICIES.load("toy")()
    states = world.reset([TASKS.load("toy")().scene(2)], [2])
    seen = world.observe(states)
    plans = policy.start([seen])
    for i in range(steps):
        actions, _, plans = policy.act(seen[-1:], plans, [step_seed(2, i)])
        states, _ = world.step(states, actions[:, None], [step_seed(2, i)])
        seen += world.observe(states)
    return seen


class TestToyWorld(WorldContract):
    @pytest.fixture
    def world(self) -> World:
        return WORLDS.load("toy")()

    @pytest.fixture
    def scenes(self) -> Sequence[Scene]:
        task = TASKS.load("toy")()
        return [task.scene(0), task.scene(1)]

    def test_a_push_moves_the_block_and_the_seed_decides_how(self, world: World) -> None:
        state = ToyState(HOME, HOME[:2] + np.array([0.05, 0.0]))
        ahead = HOME.copy()
        ahead[0] += 0.1
        results = [world.step([state], ahead[None, None], [seed])[0][0].block for seed in (1, 2, 1)]
        assert results[0][0] > state.block[0] + 0.01
        assert not np.array_equal(results[0], results[1])
        assert np.array_equal(results[0], results[2])

    def test_no_motion_of_the_hands_moves_nothing(self, world: World, scenes: Sequence[Scene]) -> None:
        (state,) = world.reset(scenes[:1], [0])
        later = self.roll(world, state, np.repeat(HOME[None, None], 20, 0))
        assert np.array_equal(later.block, state.block)

    def test_the_picture_shows_the_block_where_it_is(self, world: World, scenes: Sequence[Scene]) -> None:
        for state in world.reset(scenes, [0, 1]):
            place = locate(world.observe([state])[0])
            assert place is not None
            assert np.linalg.norm(place - state.block) < 0.008

    def test_a_torn_state_is_named(self, world: World) -> None:
        with pytest.raises(BadStore, match="'block'"):
            world.unpack(PackedState({"ee": HOME, "block": np.array([np.nan, 0.0])}))


class TestToyPolicy(PolicyContract):
    @pytest.fixture
    def policy(self) -> Policy:
        return POLICIES.load("toy")()

    @pytest.fixture
    def observations(self) -> Sequence[Observation]:
        return toy_path()


class TestReplayPolicy(PolicyContract):
    @pytest.fixture
    def policy(self) -> Policy:
        return POLICIES.load("replay")(np.linspace(0, 1, 42, dtype=np.float32).reshape(3, 14))

    @pytest.fixture
    def observations(self) -> Sequence[Observation]:
        return toy_path()

    def test_it_plays_and_then_holds_the_last(self, observations: Sequence[Observation]) -> None:
        actions = np.linspace(0, 1, 42, dtype=np.float32).reshape(3, 14)
        played, _ = self.walk(ReplayPolicy(actions, horizon=2), observations[:5])
        assert np.array_equal(played, actions[[0, 1, 2, 2, 2]])

    def test_nothing_to_replay(self) -> None:
        with pytest.raises(BadAction, match="nothing to replay"):
            POLICIES.load("replay")()


class TestToyTask(TaskContract):
    @pytest.fixture
    def task(self) -> Task:
        return TASKS.load("toy")()

    @pytest.fixture
    def world(self) -> World:
        return WORLDS.load("toy")()

    def test_success_is_the_block_on_the_mark(self, task: Task, world: World) -> None:
        on, off = ToyState(HOME, TARGET), ToyState(HOME, TARGET + 0.05)
        assert task.judge(world.observe([on, off]))[1].tolist() == [True, False]


def test_the_policy_sometimes_fails() -> None:
    """Mediocre on purpose: between a quarter and three quarters of the starts within the task's time."""
    world, policy, task = WORLDS.load("toy")(), POLICIES.load("toy")(), TASKS.load("toy")()
    seeds = list(range(24))
    states = world.reset([task.scene(seed) for seed in seeds], seeds)
    seen, solved = world.observe(states), np.zeros(len(seeds), bool)
    plans = policy.start([[observation] for observation in seen])
    for i in range(task.max_steps):
        now = [step_seed(seed, i) for seed in seeds]
        actions, _, plans = policy.act(seen, plans, now)
        states, _ = world.step(states, actions[:, None], now)
        seen = world.observe(states)
        solved |= task.judge(seen)[1]
    assert 6 <= solved.sum() <= 18
