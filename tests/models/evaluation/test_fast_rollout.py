"""Attempts that are drawn and judged only where it matters end as those that are drawn and judged at every step."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.observation import Observation
from core.world import WorldState
from models import POLICIES, TASKS, WORLDS, shipped_weights
from models.evaluation.attempts import Attempt, attempt
from models.evaluation.rollout import RolloutConfig, roll_out
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld

HERE = all(shipped_weights(kind, "push_t").is_file() for kind in ("transport", "diffusion"))
needs_weights = pytest.mark.skipif(not HERE, reason="the shipped weights are not here yet")


def outcomes(attempts: list[Attempt]) -> list[tuple[int, bool, int, float]]:
    return [(one.seed, one.success, one.steps, one.progress) for one in attempts]


def same(config: RolloutConfig) -> list[Attempt]:
    """The attempts of the fast evaluation, once they are known to equal those of the slow one."""
    fast = roll_out(config)
    assert outcomes(fast) == outcomes(roll_out(replace(config, every_step=True)))
    return fast


@needs_weights
@pytest.mark.parametrize(("world", "seeds", "steps"), [("reference", (100_002, 2), 52), ("transport", (10, 2), 42)])
def test_a_few_attempts_end_alike(world: str, seeds: tuple[int, int], steps: int) -> None:
    config = RolloutConfig(world=world, first_seed=seeds[0], attempts=seeds[1], max_steps=steps)
    found = same(config)
    assert any(one.success for one in found)
    assert not all(one.success for one in found)


@needs_weights
@pytest.mark.slow
@pytest.mark.parametrize("world", ["reference", "transport"])
def test_whole_attempts_end_alike(world: str) -> None:
    found = same(RolloutConfig(world=world, attempts=32))
    assert 0 < sum(one.success for one in found) < 32


class Counting(ToyWorld):
    drawn = 0

    def observe(self, states: list[WorldState]) -> list[Observation]:  # type: ignore[override]
        self.drawn += len(states)
        return super().observe(states)


class NearTheMark:
    """A gate that lets the judge look only where the block is within 5 cm of the mark."""

    def start(self, observation: Observation, pose: NDArray[np.float64]) -> int:
        return 0

    def may_succeed(self, state: int, pose: NDArray[np.float64], hands: NDArray[np.float32]) -> bool:
        return bool(np.hypot(pose[0] - 0.52, pose[1]) < 0.05)

    def after(self, state: int, pose: NDArray[np.float64], hands: NDArray[np.float32], progress: float) -> int:
        return state + 1


def test_a_gate_spares_pictures_and_changes_no_outcome() -> None:
    gated, plain = Counting(), Counting()
    policy, task = POLICIES.load("toy")(), ToyTask()
    seeds = range(8)
    fast = attempt(gated, policy, task, seeds, gate=NearTheMark())
    assert outcomes(fast) == outcomes(attempt(plain, policy, task, seeds))
    assert gated.drawn < 0.6 * plain.drawn


def test_a_watcher_sees_frames_at_every_step_with_a_gate_too() -> None:
    frames: list[int] = []
    parts = WORLDS.load("toy")(), POLICIES.load("toy")(), TASKS.load("toy")()
    attempt(*parts, [0], 5, lambda row, observation: frames.append(len(observation.frames)), NearTheMark())
    assert len(frames) == 6
    assert all(frames)
