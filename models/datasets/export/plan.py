"""Which episodes an export holds, in which order: decided once, before anything is written."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import Branch, BranchTree, Outcome, Review
from core.errors import BadConfig
from core.store.serialization import branch_to_dict
from models.datasets.export.idle import spans, working
from models.datasets.export.labels import OPERATOR, Labels, labels, stretches
from models.datasets.export.options import ExportOptions
from models.datasets.export.source import RecordedSession, Shape


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """One episode of an export: the steps start .. stop - 1 of the path that leads to the end of a branch."""

    session: RecordedSession
    branch: Branch
    start: int
    stop: int
    lineage: dict[str, Any]
    """Where it comes from, as plain values; a line of the sidecar."""
    spans: tuple[tuple[int, int], ...]
    """The steps that are written, as runs (first, one past the last) inside start .. stop."""

    @property
    def length(self) -> int:
        """Steps that are written."""
        return sum(stop - start for start, stop in self.spans)

    @property
    def kept(self) -> NDArray[np.int64]:
        """(length,) of the steps start .. stop - 1 those that are written, counted from 0."""
        return np.concatenate([np.arange(start, stop) for start, stop in self.spans]) - self.start

    def labels(self, window: int) -> Labels:
        """Of its steps; what counts as near an intervention is decided on the whole path."""
        return labels(sources(self.session, self.branch), window).cut(self.start, self.stop)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All episodes of an export."""

    options: ExportOptions
    shape: Shape
    task: str
    """In words."""
    episodes: tuple[Episode, ...]

    @property
    def steps(self) -> int:
        """Of all episodes."""
        return sum(episode.length for episode in self.episodes)

    def starts(self) -> list[int]:
        """The row at which each episode begins."""
        return [0, *np.cumsum([episode.length for episode in self.episodes]).tolist()][:-1]

    def fingerprint(self) -> str:
        """Equal for exports that hold the same, bit for bit; an unfinished one may only be gone on with then."""
        values = [self.options.choice(), self.task, [episode.lineage for episode in self.episodes]]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def chosen(tree: BranchTree, review: Sequence[Review], outcome: Sequence[Outcome]) -> list[Branch]:
    """The branches that an export takes, oldest first: never one that is discarded or holds no step."""
    return [
        branch
        for branch in tree.branches.values()
        if not branch.discarded
        and branch.length > branch.fork_step
        and branch.review in review
        and branch.outcome in outcome
    ]


def planned(options: ExportOptions, sessions: Sequence[RecordedSession], task: str) -> Plan:
    """The episodes of an export.

    Raises:
        BadConfig: there would be none; the words say why.
    """
    episodes: list[Episode] = []
    for session in sessions:
        for branch in chosen(session.tree, options.review, options.outcome):
            source = sources(session, branch)
            for start, stop in _spans(source, branch, options):
                parts = _kept(session, branch, source, (start, stop), options)
                driven = sum(int((source[first:last] == OPERATOR).sum()) for first, last in parts)
                lineage = {"episode_index": len(episodes)} | _lineage(session, branch, start, stop, driven)
                written = sum(last - first for first, last in parts)
                if written < stop - start:
                    lineage |= {"length": written, "idle_steps_left_out": stop - start - written}
                episodes.append(Episode(session, branch, start, stop, lineage, parts))
    if not episodes:
        raise BadConfig(_why_none(options, sessions))
    return Plan(options, sessions[0].shape, task, tuple(episodes))


def sources(session: RecordedSession, branch: Branch) -> NDArray[np.int64]:
    """Who drove each step of the path to the end of a branch, indices into core.step.SOURCES."""
    return session.rows("source", branch, 1, branch.length + 1).astype(np.int64)


def _spans(source: NDArray[np.int64], branch: Branch, options: ExportOptions) -> list[tuple[int, int]]:
    if options.what == "attempts":
        return [(0, branch.length)]
    return stretches(source, branch.fork_step, options.window)


def _kept(
    session: RecordedSession, branch: Branch, source: NDArray[np.int64], span: tuple[int, int], options: ExportOptions
) -> tuple[tuple[int, int], ...]:
    """The runs of steps inside a span that are written."""
    if not options.trim_idle:
        return (span,)
    start, stop = span
    action = session.rows("action", branch, start + 1, stop + 1)
    return tuple((start + a, start + b) for a, b in spans(working(source[start:stop], action)))


def _lineage(session: RecordedSession, branch: Branch, start: int, stop: int, driven: int) -> dict[str, Any]:
    labelled = branch_to_dict(branch)
    for layout_only in ("color", "pinned", "hidden", "discarded"):
        labelled.pop(layout_only, None)
    number, branch_length = labelled.pop("id"), labelled.pop("length")
    labelled["session_episode"] = labelled.pop("episode")
    return {
        "length": stop - start,
        "uuid": session.branch_uuid(number),
        "session": session.folder.resolve().name,
        "session_uuid": str(session.uuid),
        "branch": number,
        "parent_uuid": session.branch_uuid(branch.parent),
        **labelled,
        "branch_length": branch_length,
        "first_step": start,
        "last_step": stop - 1,
        "interventions": driven,
    }


def _why_none(options: ExportOptions, sessions: Sequence[RecordedSession]) -> str:
    branches = [b for s in sessions for b in s.tree.branches.values() if not b.discarded and b.length > b.fork_step]
    if not branches:
        return "There is nothing to export: no step was recorded, or all branches are discarded."
    reviewed = [b for b in branches if b.review in options.review]
    if not reviewed:
        wanted = " or ".join(f"'{review}'" for review in options.review)
        return (
            f"There is nothing to export: of {len(branches)} branches none is marked {wanted}. Accept the good ones "
            "(Ctrl+Return in the application), or say --review any."
        )
    ended = [b for b in reviewed if b.outcome in options.outcome]
    if not ended:
        return (
            f"There is nothing to export: of {len(reviewed)} branches none ended as {' or '.join(options.outcome)}. "
            "Label how they ended, or leave --outcome away."
        )
    return (
        f"There is nothing to export: in the {len(ended)} branches that fit, the operator drove no step. "
        "Say --what attempts to export them as they are."
    )
