"""A policy in closed loop in a world, many starts in one batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BadConfig
from core.observation import Observation
from core.policy import Policy, looks
from core.seeds import step_seed
from core.task import Task
from core.world import World, WorldState
from models.evaluation.gate import Gate
from models.evaluation.verdicts import Verdicts

Watch = Callable[[int, Observation], None]
"""Called with (row of the batch, observation) at the start and after every step."""


Noise = Callable[[int, int], tuple[int, int]]
"""(row of the batch, step) -> the seeds of world and policy for that step."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of one start."""

    seed: int
    success: bool
    steps: int
    """Control steps until success, or until the time was up."""
    progress: float
    """At the end, 0..1."""
    best_progress: float
    """The highest of the steps that were judged, 0..1: all of them, or with a gate those near success and the last."""


def attempt(
    world: World,
    policy: Policy,
    task: Task,
    seeds: Sequence[int],
    max_steps: int | None = None,
    watch: Watch | None = None,
    gate: Gate | None = None,
    noise: Noise | None = None,
) -> list[Attempt]:
    """Roll one attempt per seed, in one batch; each ends with its first success or when its time is up.

    A seed gives the scene and the noise of world and policy, so an attempt does not depend on its neighbours
    (up to the rounding of batched arithmetic). Pictures are drawn where the policy or the judge looks, or `watch` does.

    Args:
        world: Imagines.
        policy: Drives.
        task: Gives scenes and judges.
        seeds: One per attempt.
        max_steps: None: the task's.
        watch: Called with every observation, all of which are then drawn.
        gate: The task's; None: every step is drawn and judged. Success, steps and final progress are the same.
        noise: None: the seed of an attempt gives the noise of world and policy too.

    Raises:
        BadConfig: world, policy and task do not belong together.
        StudioError: the world or the policy refused.
    """
    check(world, policy, task)
    limit = task.max_steps if max_steps is None else max_steps
    states = world.reset([task.scene(seed) for seed in seeds], list(seeds))
    seen = world.observe(states)
    plans = policy.start([[observation] for observation in seen])
    verdicts = Verdicts(world, task, gate, states, seen)
    steps = np.zeros(len(seeds), np.int64)
    _show(watch, range(len(seeds)), seen)
    for i in range(limit):
        alive = verdicts.open
        if not alive:
            break
        now = [(step_seed(seeds[row], i),) * 2 if noise is None else noise(row, i) for row in alive]
        actions, _, after = policy.act(
            [seen[row] for row in alive], [plans[row] for row in alive], [policy_seed for _, policy_seed in now]
        )
        moved, _ = world.step(
            [states[row] for row in alive], _commands(world, actions), [world_seed for world_seed, _ in now]
        )
        ask = verdicts.wanted(alive, moved) | (i + 1 == limit)
        fresh = _observations(world, moved, ask | looks(policy, after) | (watch is not None))
        verdicts.judge([(row, moved[k], fresh[k]) for k, row in enumerate(alive) if ask[k]])
        for k, row in enumerate(alive):
            states[row], plans[row], seen[row], steps[row] = moved[k], after[k], fresh[k], i + 1
        _show(watch, alive, fresh)
    return [
        Attempt(seed, success, int(taken), progress, best)
        for seed, taken, success, progress, best in zip(
            seeds, steps, verdicts.success, verdicts.progress, verdicts.best, strict=True
        )
    ]


def _observations(world: World, states: Sequence[WorldState], drawn: NDArray[np.bool_]) -> list[Observation]:
    """Of every state; without frames where `drawn` (B,) is false."""
    pictures = iter(world.observe([state for state, wanted in zip(states, drawn, strict=True) if wanted]))
    hands = world.measured(states)
    return [next(pictures) if wanted else Observation({}, hands[k]) for k, wanted in enumerate(drawn)]


def _show(watch: Watch | None, rows: Sequence[int], seen: Sequence[Observation]) -> None:
    if watch is not None:
        for row, observation in zip(rows, seen, strict=True):
            watch(row, observation)


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
