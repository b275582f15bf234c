"""What one row of the tables in models/__init__.py says. Imports nothing heavy."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WorldKind:
    """A kind of world."""

    load: str
    """"module:function"; called with ``weights`` (a path) where `weights`, with ``task`` (a name) where `for_task`."""
    weights: bool = False
    """Whether it is loaded from a weights file."""
    for_task: bool = False
    """Whether one kind shows several tasks, so that the caller names one."""
    stand_in: str = ""
    """Shown where it drives instead of a world that could not be loaded; "" where it never does."""


@dataclass(frozen=True, slots=True)
class PolicyKind:
    """A kind of policy."""

    load: str
    """"module:function"; the function takes ``weights`` (a path) where `weights`."""
    weights: bool = False
    """Whether it is loaded from a weights file."""
    stand_in: str = ""
    """Shown where it drives instead of a policy that could not be loaded; "" where it never does."""


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A task, with everything that belongs to it."""

    load: str
    """"module:function" of the Task (scenes and judge); called with the workcell whose pictures it judges."""
    operator: str
    """"module:function" of its scripted operator: a device that acts on pictures; called with a style."""
    worlds: tuple[str, ...]
    """World kinds in the order in which "auto" tries them."""
    policies: tuple[str, ...]
    """Policy kinds in the order in which "auto" tries them."""
    first_scene: int = 0
    """Seed of the scene that a new session starts with: one in which the shipped policy fails."""
    objects: str = ""
    """"module:function" of its models.worlds.reference.objects.SceneObject; "" where no simulator shows it."""
    gate: str = ""
    """"module:function" of its models.evaluation.gate.Gate, called with a workcell; "" where every step is judged."""
    follower: str = ""
    """"module:function" of its models.truth.follower.Follower, called with a workcell; "" where recordings cannot be
    held against the reference world."""
    simulator_figures: str = ""
    """"module:function" that measures its reference world for `python -m benchmarks.reference`; "" where none does."""
    layouts: Mapping[str, str] = field(default_factory=dict)
    """Layout of public recordings of this task in other worlds -> "module:function" of its
    models.datasets.layouts.TaskLayout."""
    weights: Mapping[str, str] = field(default_factory=dict)
    """World or policy kind -> shipped weights, a file under assets/."""
    commands: Mapping[str, str] = field(default_factory=dict)
    """Command of main.py that takes --task -> module that carries it out for this task (its data engine, its
    measurements); a command that is absent here does not exist for the task."""
