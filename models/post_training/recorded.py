"""Recorded sessions as training rows: shrunk pictures, measured states, actions, where each chunk must end."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.branch_tree import Branch
from core.errors import BadConfig, StoreBusy
from core.step import SOURCES
from core.store.lock import held_by
from models.datasets.export.labels import OPERATOR
from models.datasets.export.plan import chosen, sources
from models.datasets.export.source import RecordedSession
from models.policies.chunks.scaling import Floats, shrink
from models.post_training.fit import PolicyData, require_session
from models.post_training.lessons import Lesson, lessons
from models.post_training.options import Selection, Weights, check
from models.post_training.weights import weighed

Ints = NDArray[np.int64]
POLICY = SOURCES.index("policy")


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The pictures that a policy sees."""

    cameras: tuple[str, ...]
    size: int
    """Width and height after shrinking, pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class RecordedRows:
    """Rows of one source. Row k holds what was seen at a step and what was done then."""

    frames: NDArray[np.uint8]
    """(N, V, S, S, 3)."""
    states: Floats
    """(N, 14) measured."""
    actions: Floats
    """(N, 14) applied; absolute targets."""
    first: Ints
    """(N,) first row of the same lesson, its history included."""
    last: Ints
    """(N,) last row of the same lesson: no chunk goes on behind it."""
    weight: Floats
    """(N,) mean 1 over the rows that are lessons; 0 for rows that are only history."""
    label: Ints
    """(N,) as in models/datasets/export/labels.py; that of its lesson for history."""
    branches: tuple[dict[str, Any], ...]
    """Where the rows come from: session, its uuid, branch, rows."""

    def __len__(self) -> int:
        return len(self.states)

    @property
    def lessons(self) -> int:
        """Rows that are lessons."""
        return int((self.weight > 0).sum())


def read_rows(
    folders: Sequence[Path],
    policy: PolicyData,
    views: Views,
    selection: Selection,
    weights: Weights,
    what: str = "corrections",
    most: int | None = None,
    say: Callable[[int, int], None] = lambda done, total: None,
) -> RecordedRows:
    """Read the chosen steps of some sessions.

    Args:
        folders: Of the sessions.
        policy: What the rows must fit.
        views: Pictures to read.
        selection: Which branches and steps.
        weights: What each step weighs.
        what: What the rows are called in messages.
        most: Lessons are read, in order, until there are this many rows; None: all.
        say: Called with branches read so far and in all.

    Raises:
        StoreBusy: a session is still being recorded.
        BadStore: a session is missing, torn, or does not fit the policy.
        BadConfig: there is no such step; the words say why.
    """
    check(selection, weights)
    sessions = opened(folders, policy)
    found = [
        (session, branch, lesson)
        for session in sessions
        for branch, taught in _branches(session, selection, weights)
        for lesson in taught
    ]
    if not found:
        raise BadConfig(_why_none(what, sessions, selection))
    found = found[: _enough([len(lesson.steps) for _, _, lesson in found], most)]
    label = np.concatenate([np.full(len(lesson.steps), lesson.label) for _, _, lesson in found])
    since = np.concatenate([lesson.since_take_over for _, _, lesson in found])
    weight = np.split(weighed(label, since, weights), np.cumsum([len(lesson.steps) for _, _, lesson in found])[:-1])
    parts = []
    for done, ((session, branch, lesson), share) in enumerate(zip(found, weight, strict=True)):
        parts.append(_rows(session, branch, lesson, share, views))
        say(done + 1, len(found))
    return joined(parts)


def _enough(lengths: Sequence[int], most: int | None) -> int:
    """How many lessons it takes to have this many rows."""
    return len(lengths) if most is None else 1 + int(np.searchsorted(np.cumsum(lengths)[:-1], most))


def opened(folders: Sequence[Path], policy: PolicyData) -> list[RecordedSession]:
    """Sessions that are closed and fit a policy. Raises as read_rows does."""
    sessions: list[RecordedSession] = []
    for folder in folders:
        who = held_by(folder)
        if who is not None:
            by = f" ({who})" if who else ""
            raise StoreBusy(
                f"The session {folder} is still being recorded{by}. Close it there, then start the training again; or "
                "leave it out."
            )
        session = RecordedSession(folder)
        require_session(session, policy)
        if any(session.uuid == other.uuid for other in sessions):
            raise BadConfig(f"The session {folder} was named twice, or is a copy of another one. Name it once.")
        sessions.append(session)
    return sessions


def _branches(session: RecordedSession, selection: Selection, weights: Weights) -> list[tuple[Branch, list[Lesson]]]:
    """The branches of a session that are read, and their lessons."""
    found = []
    for branch in chosen(session.tree, selection.review, selection.outcome):
        source = sources(session, branch)
        fits = bool((source == OPERATOR).any()) if selection.driven == "operator" else bool((source == POLICY).all())
        if fits:
            action = session.rows("action", branch, 1, branch.length + 1).astype(np.float32)
            keep = weights.kind == "sirius"
            found.append((branch, lessons(source, action, branch.fork_step, selection, keep_before=keep)))
    return found


def _rows(session: RecordedSession, branch: Branch, lesson: Lesson, weight: Floats, views: Views) -> RecordedRows:
    """The rows of one lesson, its history before them."""
    steps = lesson.steps if lesson.context is None else np.concatenate([[lesson.context], lesson.steps])
    begin, end = int(steps[0]), int(steps[-1]) + 1
    at = steps - begin
    pictures = [
        np.stack(
            [
                shrink(frame, views.size)
                for place, frame in enumerate(session.frames(camera, branch, begin, end), begin)
                if place in set(steps.tolist())
            ]
        )
        for camera in views.cameras
    ]
    count, history = len(steps), len(steps) - len(lesson.steps)
    return RecordedRows(
        frames=np.stack(pictures, axis=1),
        states=session.rows("ee_state", branch, begin, end)[at].astype(np.float32),
        actions=session.rows("action", branch, begin + 1, end + 1)[at].astype(np.float32),
        first=np.zeros(count, np.int64),
        last=np.full(count, count - 1, np.int64),
        weight=np.concatenate([np.zeros(history, np.float32), weight]),
        label=np.full(count, lesson.label, np.int64),
        branches=(
            {
                "session": session.folder.resolve().name,
                "session_uuid": str(session.uuid),
                "branch": branch.id,
                "branch_uuid": session.branch_uuid(branch.id),
                "rows": len(lesson.steps),
            },
        ),
    )


def joined(parts: Sequence[RecordedRows]) -> RecordedRows:
    """Rows one after the other; lessons of one branch become one entry of `branches`."""
    offsets = np.cumsum([0, *(len(part) for part in parts[:-1])])
    branches: dict[tuple[str, int], dict[str, Any]] = {}
    for entry in (entry for part in parts for entry in part.branches):
        known = branches.setdefault((entry["session_uuid"], entry["branch"]), {**entry, "rows": 0})
        known["rows"] += entry["rows"]
    return RecordedRows(
        frames=np.concatenate([part.frames for part in parts]),
        states=np.concatenate([part.states for part in parts]),
        actions=np.concatenate([part.actions for part in parts]),
        first=np.concatenate([part.first + offset for part, offset in zip(parts, offsets, strict=True)]),
        last=np.concatenate([part.last + offset for part, offset in zip(parts, offsets, strict=True)]),
        weight=np.concatenate([part.weight for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        branches=tuple(branches.values()),
    )


def fingerprint(rows: RecordedRows) -> str:
    """Equal for rows that teach the same, bit for bit."""
    digest = hashlib.sha256()
    for values in (rows.frames, rows.states, rows.actions, rows.first, rows.last, rows.weight):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _why_none(what: str, sessions: Sequence[RecordedSession], selection: Selection) -> str:
    branches = [
        (s, b) for s in sessions for b in s.tree.branches.values() if not b.discarded and b.length > b.fork_step
    ]
    head = f"There are no {what} to train on"
    if not branches:
        return f"{head}: the sessions hold no step, or all branches are discarded."
    reviewed = [(s, b) for s, b in branches if b.review in selection.review]
    if not reviewed:
        wanted = " or ".join(f"'{review}'" for review in selection.review)
        return (
            f"{head}: of {len(branches)} branches none is marked {wanted}. Accept the good ones (Ctrl+Return in the "
            "application), or choose other verdicts with --review."
        )
    ended = [(s, b) for s, b in reviewed if b.outcome in selection.outcome]
    if not ended:
        return f"{head}: of {len(reviewed)} branches none ended as {' or '.join(selection.outcome)}."
    if selection.driven == "policy":
        return f"{head}: in the {len(ended)} branches that fit, an operator or a replay drove some of the steps."
    return f"{head}: in the {len(ended)} branches that fit, the operator drove no step that could be used."
