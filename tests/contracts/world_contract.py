"""What every world promises. Subclass WorldContract and give it a `world` and `scenes`."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.observation import Observation, same_observation
from core.seeds import generator, step_seed
from core.task import Scene
from core.world import PackedState, World


def same_packed(a: PackedState, b: PackedState) -> bool:
    """Whether two packed states agree bit for bit, names and types included."""
    return all(
        x.keys() == y.keys()
        and all(x[k].dtype == y[k].dtype and x[k].shape == y[k].shape and x[k].tobytes() == y[k].tobytes() for k in x)
        for x, y in ((a.arrays, b.arrays), (a.shared, b.shared))
    )


class WorldContract:
    """Light on purpose: a handful of steps each."""

    steps = 6
    batch_exact = True
    """False where the arithmetic of a batch may round differently; then batch_tolerance holds for ee_state."""
    batch_tolerance = 1e-4

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    @pytest.fixture
    def scenes(self) -> Sequence[Scene]:
        """At least two different starts."""
        raise NotImplementedError

    def actions(self, world: World, seed: int, steps: int | None = None) -> NDArray[np.float32]:
        """(steps, 1, 14) small motions about home, inside the limits."""
        spec = world.spec
        path = generator(seed).normal(0.0, 0.02, (steps or self.steps, 1, ACTION_DIM)).cumsum(0)
        return spec.limits.clip(spec.home + path.astype(np.float32))

    def roll(self, world: World, state: object, actions: NDArray[np.float32], seed: int = 7) -> object:
        for i, action in enumerate(actions):
            (state,), _ = world.step([state], action[None], [step_seed(seed, i)])
        return state

    def test_spec_is_complete(self, world: World) -> None:
        spec = world.spec
        assert spec.cameras
        assert spec.dt > 0
        assert spec.steps_per_call >= 1
        assert spec.training_inputs
        assert spec.kind
        assert spec.identity.name
        assert spec.identity.sha256
        assert spec.home.shape == (ACTION_DIM,)
        assert (spec.limits.low < spec.limits.high).all()
        assert np.array_equal(spec.limits.clip(spec.home), spec.home)

    def test_observations_have_the_promised_shape(self, world: World, scenes: Sequence[Scene]) -> None:
        states = world.reset(scenes, list(range(len(scenes))))
        assert len(states) == len(scenes)
        for observation in world.observe(states):
            assert set(observation.frames) == {camera.name for camera in world.spec.cameras}
            for camera in world.spec.cameras:
                frame = observation.frames[camera.name]
                assert frame.shape == (camera.height, camera.width, 3)
                assert frame.dtype == np.uint8
                assert frame.std() > 1.0, "the picture is blank"
            assert observation.ee_state.shape == (ACTION_DIM,)
            assert observation.ee_state.dtype == np.float32
            assert np.isfinite(observation.ee_state).all()

    def test_the_same_state_twice_gives_the_same_result(self, world: World, scenes: Sequence[Scene]) -> None:
        (state,) = world.reset(scenes[:1], [3])
        actions = self.actions(world, 0)
        first, second = self.roll(world, state, actions), self.roll(world, state, actions)
        assert same_packed(world.pack(first), world.pack(second))
        assert same_observation(*world.observe([first, second]))

    def test_reset_is_a_function_of_scene_and_seed(self, world: World, scenes: Sequence[Scene]) -> None:
        a, b = world.reset(scenes[:1], [3]), world.reset(scenes[:1], [3])
        assert same_packed(world.pack(a[0]), world.pack(b[0]))

    def test_forks_do_not_touch_each_other(self, world: World, scenes: Sequence[Scene]) -> None:
        (state,) = world.reset(scenes[:1], [3])
        fork = self.roll(world, state, self.actions(world, 0, 3))
        before, seen = world.pack(fork), world.observe([fork])[0]
        left = self.roll(world, fork, self.actions(world, 1))
        self.roll(world, fork, self.actions(world, 2))
        again = self.roll(world, fork, self.actions(world, 1))
        assert same_packed(world.pack(fork), before), "stepping changed a state that the caller keeps"
        assert same_observation(world.observe([fork])[0], seen)
        assert same_packed(world.pack(left), world.pack(again)), "what happened on a sibling leaked"

    def test_pack_and_unpack_are_inverse_and_go_on_alike(self, world: World, scenes: Sequence[Scene]) -> None:
        (state,) = world.reset(scenes[:1], [3])
        state = self.roll(world, state, self.actions(world, 0, 3))
        packed = world.pack(state)
        copied = PackedState(
            {k: np.array(v) for k, v in packed.arrays.items()}, {k: np.array(v) for k, v in packed.shared.items()}
        )
        restored = world.unpack(copied)
        assert same_packed(world.pack(restored), packed)
        assert same_observation(*world.observe([state, restored]))
        actions = self.actions(world, 5)
        assert same_packed(
            world.pack(self.roll(world, state, actions)), world.pack(self.roll(world, restored, actions))
        )

    def test_a_batch_is_its_members(self, world: World, scenes: Sequence[Scene]) -> None:
        states = world.reset(scenes[:2], [3, 4])
        actions = np.stack([self.actions(world, 0), self.actions(world, 1)], axis=1)
        together, trust = list(states), None
        for i, action in enumerate(actions):
            together, trust = world.step(together, action, [step_seed(7, i)] * 2)
        assert trust is None or (trust.shape == (2,) and ((trust >= 0) & (trust <= 1)).all())
        for row, state in enumerate(states):
            self.assert_same(world, together[row], self.roll(world, state, actions[:, row]))

    def assert_same(self, world: World, a: object, b: object) -> None:
        if self.batch_exact:
            assert same_packed(world.pack(a), world.pack(b))
            return
        seen: list[Observation] = world.observe([a, b])
        assert np.allclose(seen[0].ee_state, seen[1].ee_state, atol=self.batch_tolerance)

    def test_hands_are_measured_without_drawing_as_they_are_observed(
        self, world: World, scenes: Sequence[Scene]
    ) -> None:
        states = world.reset(scenes[:2], [3, 4])
        states[1] = self.roll(world, states[1], self.actions(world, 2, 3))
        hands = world.measured(states)
        assert hands.shape == (2, ACTION_DIM)
        assert hands.dtype == np.float32
        for row, observation in enumerate(world.observe(states)):
            assert np.array_equal(hands[row], observation.ee_state)
        assert world.measured([]).shape == (0, ACTION_DIM)

    def test_object_poses_are_those_of_the_states_or_none(self, world: World, scenes: Sequence[Scene]) -> None:
        states = world.reset(scenes[:2], [3, 4])
        poses = world.object_poses(states)
        if poses is None:
            return
        assert poses.shape == (2, 3)
        assert poses.dtype == np.float64
        assert np.isfinite(poses).all()
        alone = world.object_poses(states[1:])
        assert alone is not None
        assert np.array_equal(alone[0], poses[1])

    def test_pictures_do_not_depend_on_which_states_are_drawn_together(
        self, world: World, scenes: Sequence[Scene]
    ) -> None:
        states = world.reset(scenes[:2], [3, 4])
        together = world.observe(states)
        for row, state in enumerate(states):
            assert same_observation(world.observe([state])[0], together[row])

    def test_actions_move_the_arms(self, world: World, scenes: Sequence[Scene]) -> None:
        (state,) = world.reset(scenes[:1], [3])
        target = world.spec.home.copy()
        target[[0, 7]] += 0.05
        target = world.spec.limits.clip(target)
        moved = self.roll(world, state, np.repeat(target[None, None], 10, 0))
        before, after = world.observe([state, moved])
        assert np.abs(after.ee_state - target)[[0, 7]].max() < np.abs(before.ee_state - target)[[0, 7]].max()
