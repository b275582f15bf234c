"""What every policy promises. Subclass PolicyContract and give it a `policy` and `observations`."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.action import ACTION_DIM
from core.observation import Observation
from core.policy import Policy, looks
from core.seeds import step_seed
from core.world import PackedState
from tests.contracts.world_contract import same_packed


class PolicyContract:
    """Observations are those of a short recorded path: at least four, all different."""

    batch_exact = True
    """False where the arithmetic of a batch may round differently; then batch_tolerance holds."""
    batch_tolerance = 1e-4

    @pytest.fixture
    def policy(self) -> Policy:
        raise NotImplementedError

    @pytest.fixture
    def observations(self) -> Sequence[Observation]:
        raise NotImplementedError

    def test_spec_is_complete(self, policy: Policy) -> None:
        assert policy.spec.observations >= 1
        assert policy.spec.horizon >= 1
        assert policy.spec.identity.name
        assert policy.spec.identity.sha256

    def test_actions_and_plans_have_their_shapes(self, policy: Policy, observations: Sequence[Observation]) -> None:
        states = policy.start([observations[:1], observations[:3]])
        actions, plans, after = policy.act([observations[0], observations[2]], states, [1, 2])
        assert actions.shape == (2, ACTION_DIM)
        assert plans.shape == (2, policy.spec.horizon, ACTION_DIM)
        assert actions.dtype == plans.dtype == np.float32
        assert np.isfinite(actions).all()
        assert np.isfinite(plans).all()
        assert np.array_equal(plans[:, 0], actions), "the plan begins with the action"
        assert len(after) == 2

    def test_the_same_input_twice_gives_the_same_result(
        self, policy: Policy, observations: Sequence[Observation]
    ) -> None:
        first, second = self.walk(policy, observations), self.walk(policy, observations)
        assert np.array_equal(first[0], second[0])
        assert same_packed(policy.pack(first[1]), policy.pack(second[1]))

    def walk(self, policy: Policy, observations: Sequence[Observation]) -> tuple[np.ndarray, object]:
        states = policy.start([observations[:1]])
        actions = []
        for i, observation in enumerate(observations):
            action, _, states = policy.act([observation], states, [step_seed(5, i)])
            actions.append(action[0])
        return np.stack(actions), states[0]

    def test_acting_does_not_change_a_kept_state(self, policy: Policy, observations: Sequence[Observation]) -> None:
        (state,) = policy.start([observations[:2]])
        before = policy.pack(state)
        first = policy.act([observations[1]], [state], [9])[0]
        policy.act([observations[2]], [state], [10])
        assert same_packed(policy.pack(state), before)
        assert np.array_equal(policy.act([observations[1]], [state], [9])[0], first)

    def test_pack_and_unpack_are_inverse_and_go_on_alike(
        self, policy: Policy, observations: Sequence[Observation]
    ) -> None:
        _, state = self.walk(policy, observations[:2])
        packed = policy.pack(state)
        restored = policy.unpack(
            PackedState(
                {k: np.array(v) for k, v in packed.arrays.items()}, {k: np.array(v) for k, v in packed.shared.items()}
            )
        )
        assert same_packed(policy.pack(restored), packed)
        a, b = (policy.act([observations[2]], [s], [11]) for s in (state, restored))
        assert np.array_equal(a[0], b[0])
        assert same_packed(policy.pack(a[2][0]), policy.pack(b[2][0]))

    def test_a_batch_is_its_members(self, policy: Policy, observations: Sequence[Observation]) -> None:
        recent = [observations[:2], observations[1:3]]
        states = policy.start(recent)
        together, _, _ = policy.act([r[-1] for r in recent], states, [3, 4])
        for row, (seen, state, seed) in enumerate(zip(recent, states, (3, 4), strict=True)):
            alone, _, _ = policy.act([seen[-1]], [state], [seed])
            tolerance = 0.0 if self.batch_exact else self.batch_tolerance
            assert np.allclose(alone[0], together[row], rtol=0.0, atol=tolerance)

    def test_frames_are_not_read_where_the_policy_does_not_look(
        self, policy: Policy, observations: Sequence[Observation]
    ) -> None:
        states = policy.start([observations[:1]])
        for i, observation in enumerate(observations):
            wanted = looks(policy, states)
            assert wanted.shape == (1,)
            assert wanted.dtype == np.bool_
            action, plan, after = policy.act([observation], states, [step_seed(5, i)])
            if not wanted[0]:
                blind = policy.act([Observation({}, observation.ee_state)], states, [step_seed(5, i)])
                assert np.array_equal(blind[0], action)
                assert np.array_equal(blind[1], plan)
                assert same_packed(policy.pack(blind[2][0]), policy.pack(after[0]))
            states = after

    def test_start_depends_on_nothing_but_what_was_seen(
        self, policy: Policy, observations: Sequence[Observation]
    ) -> None:
        self.walk(policy, observations)  # an episode in between leaves no trace
        a, b = policy.start([observations[:3]]), policy.start([observations[:3]])
        assert same_packed(policy.pack(a[0]), policy.pack(b[0]))
