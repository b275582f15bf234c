"""A policy in closed loop in a world, many starts at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadConfig
from core.observation import Observation
from core.policy import Policy
from core.seeds import step_seed
from core.task import Task
from core.world import World

Watch = Callable[[int, Observation], None]
"""Is shown (row of the batch, observation) for the start and after every step."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one start went."""

    seed: int
    success: bool
    steps: int
    """Control steps until success, or until the time was up."""
    progress: float
    """At the end, 0..1."""
    best_progress: float
    """The highest on the way, 0..1."""


def attempt(
    world: World,
    policy: Policy,
    task: Task,
    seeds: Sequence[int],
    max_steps: int | None = None,
    watch: Watch = lambda row, observation: None,
) -> list[Attempt]:
    """Roll one attempt per seed, abreast; each ends with its first success or when its time is up.

    A seed gives the scene and the noise of world and policy, so an attempt does not depend on its neighbours
    (up to the rounding of batched arithmetic).

    Raises:
        BadConfig: world, policy and task do not belong together.
        StudioError: the world or the policy refused.
    """
    check(world, policy, task)
    limit = task.max_steps if max_steps is None else max_steps
    states = world.reset([task.scene(seed) for seed in seeds], list(seeds))
    seen = world.observe(states)
    plans = policy.start([[observation] for observation in seen])
    progress, success = task.judge(seen)
    best, steps = progress.copy(), np.zeros(len(seeds), np.int64)
    for row, observation in enumerate(seen):
        watch(row, observation)
    alive = [row for row in range(len(seeds)) if not success[row]]
    for i in range(limit):
        if not alive:
            break
        now = [step_seed(seeds[row], i) for row in alive]
        actions, _, after = policy.act([seen[row] for row in alive], [plans[row] for row in alive], now)
        moved, _ = world.step([states[row] for row in alive], _commands(world, actions), now)
        fresh = world.observe(moved)
        reached, solved = task.judge(fresh)
        for k, row in enumerate(alive):
            states[row], plans[row], seen[row] = moved[k], after[k], fresh[k]
            progress[row], success[row], steps[row] = reached[k], solved[k], i + 1
            watch(row, fresh[k])
        best = np.maximum(best, progress)
        alive = [row for row in alive if not success[row]]
    return [
        Attempt(seed, bool(success[row]), int(steps[row]), float(progress[row]), float(best[row]))
        for row, seed in enumerate(seeds)
    ]


def check(world: World, policy: Policy, task: Task) -> None:
    """Whether the three belong together.

    Raises:
        BadConfig: they are of different tasks, or the world takes chunks of actions.
    """
    for part, name in (("world", world.spec.task), ("policy", policy.spec.task)):
        if name and name != task.name:
            raise BadConfig(f"The {part} is made for the task {name!r}, not for {task.name!r}; choose one that fits.")
    if world.spec.steps_per_call != 1:
        raise BadConfig(f"The world takes {world.spec.steps_per_call} actions a call; rollouts step one by one.")


def _commands(world: World, actions: NDArray[np.float32]) -> NDArray[np.float32]:
    """(B, 14) -> (B, 1, 14) inside the world's limits."""
    return world.spec.limits.clip(actions)[:, None]
