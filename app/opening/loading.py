"""Task, world and policy of a configuration: the first that loads, and why where it is a stand-in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import models
from app.opening.config import AUTO, Config
from core.errors import BadConfig, StudioError
from core.policy import Policy
from core.task import Task
from core.world import World
from models import DEFAULT_TASK, POLICIES, TASKS, WORLDS

Report = Callable[[str], None]
"""Takes words on what is being loaded now."""
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What a session is made of."""

    task: Task
    world: World
    policy: Policy
    world_why: str
    """Why this world, where it is not the first choice; "" otherwise."""
    policy_why: str

    @property
    def stand_ins(self) -> str:
        """Why world or policy is not the first choice; "" where both are."""
        return "\n".join(why for why in (self.world_why, self.policy_why) if why)


def first_of(
    kind: str, rows: Sequence[tuple[str, str]], make: Callable[[str], Part], report: Report
) -> tuple[Part, str]:
    """The first part that loads; where it is not the first choice one line that says so, and one per reason.

    Args:
        kind: "world" or "policy", for messages.
        rows: (name, message for the case that it replaces the first choice), first choice first.
        make: Loads the part of a name.
        report: Called with words on what is being loaded.

    Raises:
        BadConfig: none loads; the reasons of all.
    """
    reasons: list[str] = []
    missing: list[str] = []
    for name, stand_in in rows:
        report(f"Loading the {kind} {name!r}")
        try:
            part = make(name)
        except (StudioError, ModuleNotFoundError) as error:
            if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("models."):
                raise
            reasons.append(f"{name!r}: {error}")
            missing.append(name)
            continue
        brief = f"{stand_in} {' and '.join(missing)} could not be loaded.".strip()
        return part, "\n".join([brief, *reasons]) if reasons else ""
    raise BadConfig(f"No {kind} could be loaded. " + " ".join(reasons))


def load_world(config: Config, report: Report) -> tuple[World, str]:
    """The world of a configuration, and why it is the one.

    Raises:
        BadConfig: weights for a world that has none, a world of another task, or nothing loads.
    """
    task = config.task or DEFAULT_TASK
    names: Sequence[str] = TASKS.row(task).worlds if config.world == AUTO else (config.world,)
    if config.world_weights is not None and config.world == AUTO:
        names = [name for name in names if WORLDS.row(name).weights][:1]
        if not names:
            raise BadConfig(f"No world of the task {task!r} takes a weights file. Leave --world-weights away.")
    world, why = first_of(
        "world",
        [(name, WORLDS.row(name).stand_in) for name in names],
        lambda name: models.load_world(name, task, config.world_weights),
        report,
    )
    if config.task and world.spec.task != config.task:
        raise BadConfig(
            f"The world {world.spec.identity.name!r} shows the task {world.spec.task!r}, not {config.task!r}. "
            "Choose a world of that task, or leave it on auto."
        )
    return world, why


def load_policy(config: Config, world: World, report: Report) -> tuple[Policy, str]:
    """The policy of a configuration, and why it is the one.

    Raises:
        BadConfig: the policy was made for another task than the world, or takes no weights.
        BadCheckpoint: the weights are missing, torn, or no policy.
    """
    task = world.spec.task
    if config.policy == AUTO and config.policy_weights is not None:
        from models.policies.chunks.checkpoint import policy_kind  # numpy and the workcell: not for the first window

        config = replace(config, policy=policy_kind(config.policy_weights))
    if config.policy == AUTO and task not in TASKS:
        raise BadConfig(f"No policy is known for the task {task!r} of world {world.spec.identity.name!r}. Name one.")
    names = TASKS.row(task).policies if config.policy == AUTO else (config.policy,)
    policy, why = first_of(
        "policy",
        [(name, POLICIES.row(name).stand_in) for name in names],
        lambda name: models.load_policy(name, task, config.policy_weights),
        report,
    )
    if policy.spec.task not in ("", task):
        raise BadConfig(
            f"The policy {policy.spec.identity.name!r} was made for the task {policy.spec.task!r}, the world "
            f"{world.spec.identity.name!r} shows {task!r}. Choose a policy of that task, or leave it on auto."
        )
    return policy, why


def load_task(world: World) -> Task:
    """The task that a world shows."""
    task: Task = TASKS.load(world.spec.task)(world.spec.workcell)
    return task


def load_parts(config: Config, report: Report) -> Parts:
    """Load everything; slow (it may import torch), so not on the UI thread."""
    world, world_why = load_world(config, report)
    task = load_task(world)
    policy, policy_why = load_policy(config, world, report)
    return Parts(task, world, policy, world_why, policy_why)
