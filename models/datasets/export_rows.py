"""The columns of an exported episode: what every format holds, under the names of each format."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM
from models.datasets.export_codec import encoded
from models.datasets.export_plan import Episode, Plan


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
        nodes = self.episode.nodes()
        return self.episode.session.frames(camera, nodes[1:] if last else nodes[:-1])


def rows_of(plan: Plan, episode: Episode) -> Rows:
    """The columns of an episode; its pictures are read when they are asked for.

    Raises:
        BadStore: a node is missing or torn.
    """
    session, nodes = episode.session, episode.nodes()
    state = session.rows("ee_state", nodes).astype(np.float32)
    before, after = state[:-1], nodes[1:]
    marked = episode.labels(plan.options.window)
    steps = np.arange(episode.start, episode.stop, dtype=np.int64)
    done = np.zeros(len(after), np.bool_)
    done[-1] = True
    columns: dict[str, NDArray[Any]] = {
        "state": before,
        "action": encoded(plan.options.codec, session.rows("action", after), before),
        "action_policy": encoded(plan.options.codec, session.rows("action_policy", after), before),
        "intervention": marked.intervention,
        "source": session.rows("source", after),
        "action_mode": marked.mode,
        "intv_label": marked.label,
        "trust": session.rows("trust", after),
        "progress": session.rows("progress", after),
        "success": _success(episode, session.rows("success", after)),
        "done": done,
        "branch": np.array([head.branch for head in after], np.int64),
        "step": steps,
        "timestamp": np.arange(len(after)) / plan.shape.fps,
    }
    typed = {c.name: np.ascontiguousarray(columns[c.name].astype(c.dtype)) for c in COLUMNS}
    return Rows(episode, typed, state)


def _success(episode: Episode, judged: NDArray[Any]) -> NDArray[np.bool_]:
    """By the judge; where the episode ends with its branch and somebody said how, as was said."""
    success = judged.astype(np.bool_)
    if episode.stop == episode.branch.length and episode.branch.outcome != "open":
        success[-1] = episode.branch.outcome == "success"
    return success
