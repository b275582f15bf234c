"""Layouts of public data sets of a task: what a task adds to the layouts that fit any robot."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.workcell import Workcell
from models import load_layout, task_layouts

Numbers = NDArray[np.float64]
GENERAL = ("auto", "bimanual-ee", "arm-ee", "umi")
"""Layouts of end effectors, whatever the task."""


class TaskLayout(Protocol):
    """How recordings of a task in another world become end effectors, and starts, of a workcell here."""

    task: str
    width: int
    """Numbers of the action column, which also starts the state column."""
    rate: float
    """Rows per second, where the data do not store it."""
    turn: int
    """Degrees by which pictures are turned."""

    @property
    def truth(self) -> Mapping[str, tuple[int, ...]]:
        """Name -> shape of a row of what the state column may contain about the objects."""

    def hands(self, values: Numbers, arm: int, workcell: Workcell) -> NDArray[np.float32]:
        """Rows of the action column, or as many numbers of the state column, (n, width) -> end effectors (n, 14)."""

    def truth_of(self, state: Numbers) -> dict[str, NDArray[np.float32]]:
        """What the whole state column (n, m) contains about the objects; empty where it does not."""

    def draw(self, truth: dict[str, NDArray[np.float32]], ee_state: NDArray[np.float32]) -> Observation:
        """The first instant of an episode, as the worlds here look: first rows of the truth, end effectors (14,).

        Raises:
            BadConfig: the data do not contain how the objects lie.
        """


def layout_names() -> tuple[str, ...]:
    """Every layout that can be asked for."""
    return (*GENERAL[:-1], *task_layouts(), GENERAL[-1])


def task_layout(name: str) -> TaskLayout | None:
    """The layout of a task by name; None for a general one."""
    if name not in task_layouts():
        return None
    layout: TaskLayout = load_layout(name)
    return layout
