"""The columns of an exported episode: what every format holds, under the names of each format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from core.errors import BadStore
from models.datasets.export.codec import encoded
from models.datasets.export.plan import Episode, Plan

Tick = Callable[[], None]
"""Called after each picture that was written; may raise Cancelled."""


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    """Of one row."""
    meaning: str


COLUMNS: Final = (
    ColumnSpec("state", "float32", (ACTION_DIM,), "measured end effectors when the action was decided"),
    ColumnSpec("action", "float32", (ACTION_DIM,), "applied, in the action codec of the export"),
    ColumnSpec("action_policy", "float32", (ACTION_DIM,), "what the policy wanted; NaN where it was not asked"),
    ColumnSpec("intervention", "bool", (), "the operator drove this step"),
    ColumnSpec("source", "int64", (), "who drove: 0 policy, 1 operator, 2 replay"),
    ColumnSpec("action_mode", "int64", (), "-1 demonstration, 0 robot, 1 intervention (Sirius)"),
    ColumnSpec("intv_label", "int64", (), "action_mode, but -10 in the window before an intervention (Sirius)"),
    ColumnSpec("trust", "float32", (), "of the world in this step, 0..1; NaN where unknown"),
    ColumnSpec("progress", "float32", (), "by the task's judge after the step, 0..1"),
    ColumnSpec("success", "bool", (), "by the task's judge after the step; in a branch's last row its outcome"),
    ColumnSpec("done", "bool", (), "the last row of the episode"),
    ColumnSpec("branch", "int64", (), "the branch of the session that owns the step"),
    ColumnSpec("step", "int64", (), "number of the step, counted from the start of the session's episode"),
    ColumnSpec("timestamp", "float64", (), "seconds since the first row of the episode: row / fps"),
)
"""Row k of an episode: what was seen, what was done, and what came of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """An episode, ready to be written."""

    episode: Episode
    columns: dict[str, NDArray[Any]]
    """Name in COLUMNS -> (n, ...)."""
    states: NDArray[np.float32]
    """(n + 1, 14) measured end effectors, the ones after the last step included."""

    def __len__(self) -> int:
        return self.episode.length

    def frames(self, camera: str, last: bool = False) -> Iterator[NDArray[np.uint8]]:
        """Pictures of the n rows, one at a time; with ``last``, those after each step instead of before it."""
        e, later = self.episode, int(last)
        for start, stop in e.spans:
            yield from e.session.frames(camera, e.branch, start + later, stop + later)


def rows_of(plan: Plan, episode: Episode) -> Rows:
    """The columns of an episode; its pictures are read when they are asked for.

    Raises:
        BadStore: a node is missing or torn.
    """
    session, branch, start, stop = episode.session, episode.branch, episode.start, episode.stop

    def after(name: str) -> NDArray[Any]:
        """Of the nodes that the written steps lead to."""
        return session.rows(name, branch, start + 1, stop + 1)[kept]

    kept = episode.kept
    measured = session.rows("ee_state", branch, start, stop + 1).astype(np.float32)
    before = measured[kept]
    state = np.concatenate([before, measured[kept[-1:] + 1]])
    marked = episode.labels(plan.options.window).of(kept)
    done = np.zeros(episode.length, np.bool_)
    done[-1] = True
    columns: dict[str, NDArray[Any]] = {
        "state": before,
        "action": encoded(plan.options.codec, after("action"), before),
        "action_policy": encoded(plan.options.codec, after("action_policy"), before),
        "intervention": marked.intervention,
        "source": after("source"),
        "action_mode": marked.mode,
        "intv_label": marked.label,
        "trust": after("trust"),
        "progress": after("progress"),
        "success": _success(episode, after("success")),
        "done": done,
        "branch": session.owners(branch, start + 1, stop + 1)[kept],
        "step": start + kept,
        "timestamp": np.arange(episode.length) / plan.shape.fps,
    }
    _require_finite(episode, columns, state)
    typed = {c.name: np.ascontiguousarray(columns[c.name].astype(c.dtype)) for c in COLUMNS}
    return Rows(episode, typed, state)


def _require_finite(episode: Episode, columns: dict[str, NDArray[Any]], state: NDArray[np.float32]) -> None:
    """Refuse numbers that no training can use.

    Raises:
        BadStore: a state or an action is not finite, or a number is infinite where only "unknown" (NaN) may be.
    """
    bad = {name: np.isinf(values) for name, values in columns.items() if values.dtype.kind == "f"}
    bad |= {name: ~np.isfinite(columns[name]) for name in ("action", "progress")}
    bad["state"] = ~np.isfinite(state)
    for name, where in bad.items():
        rows = np.flatnonzero(where.reshape(len(where), -1).any(axis=1))
        if len(rows):
            raise BadStore(
                f"The session {episode.session.folder} cannot be exported as it is: the {name} of step "
                f"{episode.start + rows[0]} of branch {episode.branch.id} is not a finite number, nor that of "
                f"{len(rows) - 1} others. Reject this branch, or run `main.py verify` on the session."
            )


def _success(episode: Episode, judged: NDArray[Any]) -> NDArray[np.bool_]:
    """Success of each step by the judge; the last step of a labelled branch takes the success of its outcome."""
    success = judged.astype(np.bool_)
    if episode.stop == episode.branch.length and episode.branch.outcome != "open":
        success[-1] = episode.branch.outcome == "success"
    return success
