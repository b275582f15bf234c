"""Worlds, policies and tasks. The tables below import nothing; a part is imported when it is asked for."""

from core.registry import Registry

WORLDS = Registry(
    "world",
    {
        "transport": "models.worlds.transport.world:load",
        "reference": "models.worlds.reference.world:load",
        "toy": "models.worlds.toy:load",
    },
)
POLICIES = Registry(
    "policy",
    {
        "diffusion": "models.policies.diffusion.policy:load",
        "hold": "models.policies.hold:load",
        "replay": "models.policies.replay:load",
        "toy": "models.policies.toy:load",
    },
)
TASKS = Registry("task", {"push_t": "models.tasks.push_t.task:load", "toy": "models.tasks.toy:load"})
OPERATORS = Registry(
    "operator", {"push_t": "models.tasks.push_t.operator:load", "toy": "models.tasks.toy_operator:load"}
)
"""Scripted operators by task: devices that see. load(style) gives one of its ways of correcting."""
SIMULATIONS = Registry("simulation", {"push_t": "models.tasks.push_t.simulation.t_block:load"})
"""Objects of a task in the reference world: load() gives a models.worlds.reference.objects.SceneObject."""
