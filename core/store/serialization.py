"""Branches, verbs and identities as plain JSON values, and back."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from core.branch_tree import Branch, BranchTree, Head, Marker, MarkerKind
from core.edits import LABELS, Edit
from core.history import Change
from core.identity import Identity
from core.policy import PolicySpec
from core.recording import SessionInfo
from core.verbs import Verb
from core.world import WorldSpec


def branch_to_dict(branch: Branch) -> dict[str, Any]:
    """Plain values of a branch."""
    values = {f.name: getattr(branch, f.name) for f in dataclasses.fields(branch)}
    values["markers"] = [[m.index, m.kind, m.text] for m in branch.markers]
    for maker in ("world", "policy"):
        identity = values[maker]
        values[maker] = None if identity is None else identity.to_dict()
    return values


def branch_from_dict(values: Mapping[str, Any]) -> Branch:
    """The inverse of branch_to_dict; unknown keys are ignored.

    Raises:
        ValueError, KeyError, TypeError: a value is missing, or of another type than the field.
    """
    known = {f.name: values[f.name] for f in dataclasses.fields(Branch) if f.name in values}
    for name, value in known.items():
        if name in _TYPES and type(value) not in _TYPES[name]:
            raise ValueError(f"the {name} of branch {values.get('id')} cannot be a {type(value).__name__}")
    known["markers"] = tuple(_marker(*marker) for marker in values["markers"])
    for maker in ("world", "policy"):
        identity = values.get(maker)
        known[maker] = None if identity is None else Identity.from_dict(identity)
    return Branch(**known)


_TYPES: Final = {
    "parent": (int, type(None)),
    **dict.fromkeys(("id", "fork_step", "length", "episode", "seed", "scene_seed", "color"), (int,)),
    **dict.fromkeys(("discarded", "pinned", "hidden"), (bool,)),
    **dict.fromkeys(("kind", "name", "outcome", "review", "note", "operator", "reviewer"), (str,)),
}


def _marker(index: int, kind: MarkerKind, text: str) -> Marker:
    if type(index) is not int or index < 0 or type(kind) is not str or type(text) is not str:
        raise ValueError("a marker is no node, kind and text")
    return Marker(index, kind, text)


def change_to_dict(change: Change) -> dict[str, Any]:
    """Plain values of what happened to a history; of the branch of an edit only what it changes."""
    edit = change.edit
    if edit is None:
        return {"move": change.move}
    before, after = branch_to_dict(edit.before), branch_to_dict(edit.after)
    names = [name for name in LABELS if before[name] != after[name]]
    return {
        "move": change.move,
        "label": edit.label,
        "branch": edit.after.id,
        "before": {name: before[name] for name in names},
        "after": {name: after[name] for name in names},
        "head_before": [edit.head_before.branch, edit.head_before.index],
        "head_after": [edit.head_after.branch, edit.head_after.index],
    }


def change_from_dict(values: Mapping[str, Any], tree: BranchTree) -> Change:
    """The inverse of change_to_dict; what the edit does not change is as it is in the tree."""
    if "branch" not in values:
        return Change(values["move"])
    branch = tree.branches[values["branch"]]
    before, after = (_relabelled(branch, values[name]) for name in ("before", "after"))
    heads = (Head(*values[name]) for name in ("head_before", "head_after"))
    return Change(values["move"], Edit(values["label"], before, after, *heads))


def _relabelled(branch: Branch, labels: Mapping[str, Any]) -> Branch:
    return branch_from_dict(branch_to_dict(branch) | {name: labels[name] for name in LABELS if name in labels})


def verb_to_dict(verb: Verb) -> dict[str, Any]:
    """Name and parameters of a verb."""
    parameters = {f.name: getattr(verb, f.name) for f in dataclasses.fields(verb)}
    return {"verb": type(verb).__name__, **{name: _plain(value) for name, value in parameters.items()}}


def info_to_dict(info: SessionInfo) -> dict[str, Any]:
    """Task, world and policy of a session."""
    return {
        "task": info.task,
        "world": _world(info.world),
        "policy": _policy(info.policy),
        "operator": info.operator,
    }


def _world(spec: WorldSpec) -> dict[str, Any]:
    return {
        "identity": spec.identity.to_dict(),
        "kind": spec.kind,
        "told": spec.training_inputs,
        "task": spec.task,
        "workcell": spec.workcell.to_dict(),
        "context": spec.context,
        "steps_per_call": spec.steps_per_call,
        "tolerance": dict(spec.tolerance),
    }


def workcell_values(world: Mapping[str, Any]) -> Mapping[str, Any]:
    """The plain values of the workcell of a stored world; sessions from before workcells hold them beside the rest."""
    values: Mapping[str, Any] = world.get("workcell", world)
    return values


def _policy(spec: PolicySpec) -> dict[str, Any]:
    return {
        "identity": spec.identity.to_dict(),
        "task": spec.task,
        "observations": spec.observations,
        "horizon": spec.horizon,
    }


def _plain(value: object) -> object:
    """A verb's parameter as JSON: plain values, arrays as lists, data classes as tables; anything else by its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return repr(value)
