"""Where something happens in the past: markers, forks, changes of the driver, ends, failures. No Qt."""

import numpy as np

from app.timeline.model import TimelineModel
from core.branch_tree import Branch, Head

FAILED = ("failure", "timeout")


def events(model: TimelineModel, branch: int) -> list[int]:
    """Nodes of the path through a branch where something happens, in order, its two ends included."""
    path, last = model.path(branch), model.length(branch)
    nodes = {0, last, *(marker.index for _, marker in model.markers(branch))}
    for owner, start, end in zip(path.owners, path.starts, (*path.starts[1:], last + 1), strict=True):
        if start > 0:
            nodes.add(start - 1)
        track = model.track(owner)
        source = track.source
        if len(source):
            nodes.update((np.flatnonzero(np.diff(source)) + track.start + 1).tolist())
        nodes.update(n for n in model.rows.forks_of(owner) if start <= n < end)
    return sorted(n for n in nodes if 0 <= n <= last)


def next_event(model: TimelineModel, head: Head, direction: int) -> Head:
    """The next (+1) or previous (-1) event on the head's path; the head where there is none."""
    ahead = [n for n in events(model, head.branch) if (n - head.index) * direction > 0]
    return Head(head.branch, min(ahead) if direction > 0 else max(ahead)) if ahead else head


def failures(model: TimelineModel) -> list[Head]:
    """Failures of the shown lanes from top to bottom; a branch that failed without a marker did so at its end."""
    found = []
    for branch in model.rows.order.tolist():
        at = model.branch(branch)
        if not at.discarded:
            found += [Head(branch, node) for node in _failures(at, model.length(branch))]
    return found


def next_failure(model: TimelineModel, head: Head, direction: int) -> Head | None:
    """The next (+1) or previous (-1) failure of the shown lanes, around their ends; None where there is none."""
    places = failures(model)
    if not places:
        return None

    def order(at: Head) -> tuple[int, int]:
        return model.rows.row(at.branch), at.index

    here = order(Head(model.lane_of(head), head.index))
    if direction > 0:
        return next((at for at in places if order(at) > here), places[0])
    return next((at for at in reversed(places) if order(at) < here), places[-1])


def sibling(model: TimelineModel, head: Head, direction: int) -> Head | None:
    """The same step on the next (+1) or previous (-1) branch of the same parent, where it can be seen."""
    family = [b for b in model.rows.siblings(head.branch) if model.row(b) is not None]
    return _neighbour(model, family, head, direction)


def lane(model: TimelineModel, head: Head, direction: int) -> Head | None:
    """The same step on the lane below (+1) or above (-1)."""
    return _neighbour(model, model.rows.order.tolist(), head, direction)


def _neighbour(model: TimelineModel, branches: list[int], head: Head, direction: int) -> Head | None:
    if head.branch not in branches:
        return None
    at = branches.index(head.branch) + direction
    if not 0 <= at < len(branches):
        return None
    there = model.branch(branches[at])
    return Head(there.id, min(model.length(there.id), max(head.index, there.fork_step)))


def _failures(branch: Branch, length: int) -> list[int]:
    marked = sorted(m.index for m in branch.markers if m.kind == "failure")
    return marked or ([length] if branch.outcome in FAILED else [])
