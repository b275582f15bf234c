"""What every task promises. Subclass TaskContract and give it a `task` and a `world` of that task."""

import numpy as np
import pytest

from core.observation import same_observation
from core.task import Task
from core.world import World


class TaskContract:
    """Scenes are pure, judging is batched and looks at frames and end effectors only."""

    seeds = (0, 1, 2)

    @pytest.fixture
    def task(self) -> Task:
        raise NotImplementedError

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    def test_a_seed_gives_one_scene(self, task: Task) -> None:
        for seed in self.seeds:
            a, b = task.scene(seed), task.scene(seed)
            assert a.task == task.name
            assert a.seed == seed
            assert a.parameters == b.parameters
            if a.observation is not None:
                assert b.observation is not None
                assert same_observation(a.observation, b.observation)

    def test_seeds_differ(self, task: Task) -> None:
        assert task.scene(self.seeds[0]).parameters != task.scene(self.seeds[1]).parameters

    def test_no_attempt_begins_solved(self, task: Task, world: World) -> None:
        states = world.reset([task.scene(seed) for seed in self.seeds], list(self.seeds))
        progress, success = task.judge(world.observe(states))
        assert progress.shape == success.shape == (len(self.seeds),)
        assert progress.dtype == np.float32
        assert success.dtype == np.bool_
        assert ((progress >= 0) & (progress <= 1)).all()
        assert not success.any()

    def test_judging_is_batched_and_pure(self, task: Task, world: World) -> None:
        seen = world.observe(world.reset([task.scene(seed) for seed in self.seeds], list(self.seeds)))
        together = task.judge(seen)
        for row, observation in enumerate(seen):
            alone = task.judge([observation])
            assert alone[0][0] == together[0][row]
            assert alone[1][0] == together[1][row]

    def test_limits_are_sensible(self, task: Task) -> None:
        assert task.max_steps > 0
        assert task.title
