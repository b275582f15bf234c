"""Task, world and policy for a configuration: the best that is here, and words on why where it is a stand-in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.opening.config import AUTO, Config
from core.errors import BadConfig, StudioError
from core.policy import Policy
from core.registry import Registry
from core.task import Task
from core.world import World
from models import POLICIES, TASKS, WORLDS

LEARNED = "transport"
"""The world that is loaded from a weights file."""
WORLD_ORDER = ("transport", "reference")
"""What "auto" tries, best first."""
POLICY_ORDER = {"push_t": ("diffusion", "hold"), "toy": ("toy",)}
"""What "auto" tries for a task, best first."""
STAND_IN = {
    "reference": "Stand-in: the reference world is a simulator, not an imagination.",
    "hold": "Stand-in: it keeps the arms where they are.",
}

Report = Callable[[str], None]
"""Takes words on what is being loaded now."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What a session is made of."""

    task: Task
    world: World
    policy: Policy
    world_why: str
    """Why this world, where it is not the first choice; "" otherwise."""
    policy_why: str


def first_of(registry: Registry, names: Sequence[str], report: Report, weights: Path | None = None) -> tuple[Any, str]:
    """The first part that loads; where it is not the first choice one line that says so, and one per reason.

    Args:
        registry: Of the parts.
        names: Best first.
        report: Told what is being loaded.
        weights: A file that the part is loaded from, for parts that learn.

    Raises:
        StudioError: none loads; the reasons of all.
    """
    reasons: list[str] = []
    missing: list[str] = []
    for name in names:
        report(f"Loading the {registry.kind} {name!r}")
        try:
            part = registry.load(name)() if weights is None else registry.load(name)(weights)
        except (StudioError, ModuleNotFoundError) as error:
            if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("models."):
                raise
            reasons.append(f"{name!r}: {error}")
            missing.append(name)
            continue
        brief = f"{STAND_IN.get(name, '')} {' and '.join(missing)} could not be loaded.".strip()
        return part, "\n".join([brief, *reasons]) if reasons else ""
    raise BadConfig(f"No {registry.kind} could be loaded. " + " ".join(reasons))


def load_world(config: Config, report: Report) -> tuple[World, str]:
    """The world of a configuration, and why it is the one.

    Raises:
        BadConfig: weights for a world that has none, or nothing loads.
    """
    names = WORLD_ORDER if config.world == AUTO else (config.world,)
    if config.world_weights is not None:
        names = (LEARNED,) if config.world == AUTO else names
        if names != (LEARNED,):
            raise BadConfig(f"The world {config.world!r} has no weights; only {LEARNED!r} takes a weights file.")
    return first_of(WORLDS, names, report, config.world_weights)


def load_policy(config: Config, world: World, report: Report) -> tuple[Policy, str]:
    """The policy of a configuration, and why it is the one.

    Raises:
        BadConfig: the policy was made for another task than the world.
    """
    task = world.spec.task
    if config.policy == AUTO and task not in POLICY_ORDER:
        raise BadConfig(f"No policy is known for the task {task!r} of world {world.spec.identity.name!r}. Name one.")
    names = POLICY_ORDER[task] if config.policy == AUTO else (config.policy,)
    policy, why = first_of(POLICIES, names, report)
    if policy.spec.task not in ("", task):
        raise BadConfig(
            f"The policy {policy.spec.identity.name!r} was made for the task {policy.spec.task!r}, the world "
            f"{world.spec.identity.name!r} shows {task!r}. Choose a policy of that task, or leave it on auto."
        )
    return policy, why


def load_task(world: World) -> Task:
    """The task that a world shows."""
    task: Task = TASKS.load(world.spec.task)()
    return task


def load_parts(config: Config, report: Report) -> Parts:
    """Load everything; slow (it may import torch), so not on the UI thread."""
    world, world_why = load_world(config, report)
    task = load_task(world)
    policy, policy_why = load_policy(config, world, report)
    return Parts(task, world, policy, world_why, policy_why)
