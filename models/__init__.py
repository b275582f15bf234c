"""Worlds, policies and tasks: one row each. The tables import nothing; a part is imported when it is asked for."""

from pathlib import Path
from typing import Any, Final

from core.errors import BadConfig
from core.registry import Registry, imported
from models.kinds import PolicyKind, TaskKind, WorldKind

ASSETS: Final = Path(__file__).resolve().parents[1] / "assets"
DEFAULT_TASK: Final = "push_t"
"""The task where none is named."""

WORLDS: Final = Registry(
    "world",
    {
        "transport": WorldKind("models.worlds.transport.world:load", weights=True),
        "reference": WorldKind(
            "models.worlds.reference.world:load",
            for_task=True,
            stand_in="Stand-in: the reference world is a simulator, not a learned world.",
        ),
        "toy": WorldKind("models.tasks.toy.world:load"),
    },
    lambda row: row.load,
)
POLICIES: Final = Registry(
    "policy",
    {
        "diffusion": PolicyKind("models.policies.diffusion.policy:load", weights=True),
        "flow": PolicyKind("models.policies.flow.policy:load", weights=True),
        "hold": PolicyKind("models.policies.hold:load", stand_in="Stand-in: it keeps the arms where they are."),
        "replay": PolicyKind("models.policies.replay:load"),
        "toy": PolicyKind("models.tasks.toy.policy:load"),
    },
    lambda row: row.load,
)
TASKS: Final = Registry(
    "task",
    {
        "push_t": TaskKind(
            load="models.tasks.push_t.task:load",
            operator="models.tasks.push_t.operator:load",
            worlds=("transport", "reference"),
            policies=("diffusion", "hold"),
            first_scene=5,
            objects="models.tasks.push_t.simulation.t_block:load",
            gate="models.tasks.push_t.gate:load",
            follower="models.tasks.push_t.following:load",
            simulator_figures="models.tasks.push_t.evaluation.simulator:measure",
            layouts={"push-t": "models.tasks.push_t.data.planar:load"},
            weights={
                "transport": "worlds/push_t_transport.safetensors",
                "diffusion": "policies/push_t_base.safetensors",
            },
            commands={
                "collect": "models.tasks.push_t.data.collect",
                "demonstrate": "models.tasks.push_t.data.demos",
                "evaluate world": "models.tasks.push_t.evaluation.fidelity",
                "evaluate operator": "models.tasks.push_t.evaluation.operator",
                "evaluate judge": "models.tasks.push_t.evaluation.judge_accuracy",
            },
        ),
        "toy": TaskKind(
            load="models.tasks.toy.task:load",
            operator="models.tasks.toy.operator:load",
            worlds=("toy",),
            policies=("toy",),
        ),
    },
    lambda row: row.load,
)


def load_world(kind: str, task: str, weights: Path | None = None) -> Any:
    """A core.world.World of a kind, for a task.

    Args:
        kind: Name in WORLDS.
        task: Name in TASKS.
        weights: Where the kind is loaded from a weights file; None: the shipped one.

    Raises:
        UnknownName: no such world or task.
        BadConfig: weights for a world that has none, or none ship with the task.
        BadCheckpoint: the weights are torn or of another version.
    """
    row = WORLDS.row(kind)
    if weights is not None and not row.weights:
        learned = " or ".join(repr(name) for name, other in WORLDS.rows.items() if other.weights)
        raise BadConfig(f"The world {kind!r} has no weights; only {learned} takes a weights file.")
    options: dict[str, Any] = {"task": task} if row.for_task else {}
    if row.weights:
        options["weights"] = shipped_weights(kind, task) if weights is None else weights
    return WORLDS.load(kind)(**options)


def load_policy(kind: str, task: str, weights: Path | None = None) -> Any:
    """A core.policy.Policy of a kind, for a task. Arguments and errors as in load_world."""
    row = POLICIES.row(kind)
    if weights is not None and not row.weights:
        raise BadConfig(f"The policy {kind!r} takes no weights; leave the option away.")
    if row.weights:
        return POLICIES.load(kind)(weights=shipped_weights(kind, task) if weights is None else weights)
    return POLICIES.load(kind)()


def load_operator(task: str) -> Any:
    """The function that makes the scripted operator of a task; called with a style, it gives a device.

    Raises:
        UnknownName: no such task.
    """
    return imported("operator", task, TASKS.row(task).operator)


def load_objects(task: str) -> Any:
    """The objects of a task in the reference world, a models.worlds.reference.objects.SceneObject.

    Raises:
        UnknownName: no such task.
        BadConfig: no simulator shows this task.
    """
    place = TASKS.row(task).objects
    if not place:
        known = ", ".join(name for name, row in TASKS.rows.items() if row.objects)
        raise BadConfig(f"The reference world does not show the task {task!r}. It shows: {known}.")
    return imported("simulation", task, place)()


def load_gate(task: str, workcell: Any) -> Any:
    """The models.evaluation.gate.Gate of a task in a workcell; None where every step is judged.

    Raises:
        UnknownName: no such task.
    """
    place = TASKS.row(task).gate
    return imported("gate", task, place)(workcell) if place else None


def load_follower(task: str, workcell: Any) -> Any:
    """The models.truth.follower.Follower of a task in a workcell.

    Raises:
        UnknownName: no such task.
        BadConfig: the task has none.
    """
    place = TASKS.row(task).follower
    if not place:
        known = ", ".join(name for name, row in TASKS.rows.items() if row.follower)
        raise BadConfig(f"Recordings of the task {task!r} cannot be held against the reference world; of: {known}.")
    return imported("follower", task, place)(workcell)


def load_simulator_figures(task: str) -> Any:
    """The function that measures the reference world of a task, as models/tasks/push_t/evaluation/simulator.py.

    Raises:
        UnknownName: no such task.
        BadConfig: the task has none.
    """
    place = TASKS.row(task).simulator_figures
    if not place:
        raise BadConfig(f"The task {task!r} has no figures of its reference world. Name another with --task.")
    return imported("simulator figures", task, place)


def shipped_weights(kind: str, task: str) -> Path:
    """The weights file that ships with a task for a kind of world or policy.

    Raises:
        UnknownName: no such task.
        BadConfig: none ships.
    """
    row = TASKS.row(task)
    if kind not in row.weights:
        raise BadConfig(f"No weights of {kind!r} ship with the task {task!r}. Train some, and name their file.")
    return ASSETS / row.weights[kind]


def task_layouts() -> dict[str, str]:
    """Layout of public recordings -> the task whose row names it."""
    return {layout: task for task, row in TASKS.rows.items() for layout in row.layouts}


def load_layout(name: str) -> Any:
    """A layout from task_layouts(), a models.datasets.layouts.TaskLayout."""
    return imported("layout", name, TASKS.row(task_layouts()[name]).layouts[name])()
