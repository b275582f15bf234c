"""Bimanual Push-T as a Task: starts by seed, judged from pictures."""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import BadStore
from core.observation import Observation
from core.task import Scene
from core.workcell import Workcell
from models.tasks.push_t import geometry as g
from models.tasks.push_t.judge import verdict
from models.tasks.push_t.perception import views_of
from models.tasks.push_t.scenes import start_parameters

STARTS: Final = Path(__file__).resolve().parents[3] / "assets" / "starts" / "push_t.npz"
MAX_STEPS: Final = 300


def load(workcell: Workcell = g.WORKCELL) -> "PushT":
    """The task, seen by the cameras of a workcell.

    Raises:
        BadConfig: none of the cameras is calibrated, so that nothing can be judged.
    """
    return PushT(workcell)


class PushT:
    """Push the T onto its drawn target with two hands."""

    name = g.TASK
    title = "Push-T"
    max_steps = MAX_STEPS

    def __init__(self, workcell: Workcell = g.WORKCELL) -> None:
        """Look at pictures with the cameras of a workcell.

        Raises:
            BadConfig: none of them is calibrated.
        """
        views_of(workcell)
        self._workcell = workcell
        shipped = {camera.name: camera.to_dict() for camera in g.CAMERAS}
        self._starts = all(shipped.get(camera.name) == camera.to_dict() for camera in workcell.cameras)

    def scene(self, seed: int) -> Scene:
        """The start of a seed, with its first observation where one of these cameras is shipped."""
        seen = shipped_start(seed, STARTS) if self._starts else None
        return Scene(self.name, seed, start_parameters(seed), seen)

    def judge(self, observations: Sequence[Observation]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """(B,) progress 0..1 and (B,) success."""
        verdicts = [verdict(observation, self._workcell) for observation in observations]
        return np.array([v.progress for v in verdicts], np.float32), np.array([v.success for v in verdicts], np.bool_)


def shipped_start(seed: int, path: Path) -> Observation | None:
    """The first observation of a seed, or None where none is shipped.

    Raises:
        BadStore: the file of starts is torn.
    """
    starts = _starts(path)
    if starts is None:
        return None
    try:
        found = np.flatnonzero(starts["seeds"] == seed)
        if not len(found):
            return None
        row = int(found[0])
        frames = {camera.name: _frame(starts, camera.name, row) for camera in g.CAMERAS}
        return Observation(frames, starts["ee_state"][row].astype(np.float32))
    except (KeyError, IndexError, OSError) as error:
        raise _torn(path, error) from error


@cache
def _starts(path: Path) -> dict[str, NDArray[Any]] | None:
    """The arrays of the file, described in models/tasks/push_t/data/starts.py."""
    if not path.exists():
        return None
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise _torn(path, error) from error


def _frame(starts: dict[str, NDArray[Any]], camera: str, row: int) -> NDArray[np.uint8]:
    ends = starts[f"{camera}_ends"]
    begin = int(ends[row - 1]) if row else 0
    png = starts[f"{camera}_png"][begin : int(ends[row])].tobytes()
    frame = np.array(Image.open(io.BytesIO(png)).convert("RGB"), np.uint8)
    frame.flags.writeable = False
    return frame


def _torn(path: Path, error: Exception) -> BadStore:
    return BadStore(
        f"The shipped starts {path} cannot be read: {error}. "
        "Check the file out again, or write it with `python -m models.tasks.push_t.data.starts`."
    )
