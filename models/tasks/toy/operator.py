"""A scripted operator of the toy task: sees pictures and hands, moves like a person with two trackers. numpy only."""

import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.observation import Observation
from core.reading import ArmReading, DeviceReading, ReadingKind
from models.tasks.toy.task import TARGET, locate

STRIDE = 0.02
"""Metres that a hand moves between two looks."""
GAIN = 0.5
"""Fraction of the way to its goal that a hand moves: it sees where the tool is, which lags behind."""
LOW, HIGH = 0.03, 0.15
"""Metres above the table: pushing, and out of the way."""
BEHIND = 0.085
"""Metres behind the block from which it pushes."""
STYLES = 3
"""Ways of doing it: the nearer hand, the left one, the right one."""
_UPRIGHT = np.array([0.0, 0.0, 0.0, 1.0])


class ToyOperator:
    """A position device that watches. Its motion is a function of what it was shown since connect."""

    name = "operator"
    kind: ReadingKind = "position"

    def __init__(self, style: int = 0) -> None:
        self.style = style
        """0 .. STYLES - 1; may be changed between corrections."""
        self._hands = np.zeros((2, 3))
        self._epoch, self._connected = 0, False
        self._clock: float | None = None

    @property
    def connected(self) -> bool:
        """Whether connect() was called last."""
        return self._connected

    def connect(self) -> None:
        """Hands on the trackers."""
        if not self._connected:
            self._connected, self._epoch, self._clock = True, self._epoch + 1, None

    def disconnect(self) -> None:
        """Hands off."""
        self._connected = False

    def read(self) -> DeviceReading | None:
        """Where the hands are."""
        if not self._connected:
            return None
        left, right = (ArmReading(position=hand.copy(), orientation=_UPRIGHT) for hand in self._hands)
        return DeviceReading(self.name, self.kind, time.monotonic(), self._epoch, left, right)

    def show(self, frames: Mapping[str, NDArray[np.uint8]], ee_state: NDArray[np.float32], clock: float) -> None:
        """Look, and move the hands once per world step; the same picture twice moves nothing."""
        if clock == self._clock:
            return
        self._clock = clock
        block = locate(Observation(frames, ee_state))
        if block is None:
            return
        tools = ee_state.reshape(2, 7)[:, :3].astype(np.float64)
        self._hands = self._hands + np.stack(
            [_stride(goal - tool) for goal, tool in zip(self._goals(block, tools), tools, strict=True)]
        )

    def _goals(self, block: NDArray[np.float64], tools: NDArray[np.float64]) -> NDArray[np.float64]:
        """(2, 3) where the tools should be: one behind the block and then through it, one out of the way."""
        away = TARGET - block
        forward = away / max(float(np.linalg.norm(away)), 1e-6)
        start = block - forward * BEHIND
        nearer = int(np.argmin(np.linalg.norm(tools[:, :2] - start, axis=1)))
        arm = nearer if self.style == 0 else self.style - 1
        goals = tools.copy()
        goals[:, 2] = HIGH
        offset = tools[arm, :2] - block
        ahead = float(offset @ forward)
        beside = float(abs(offset @ np.array([-forward[1], forward[0]])))
        ready = ahead < -0.05 and beside < 0.02
        if ready:
            goals[arm] = (*(tools[arm, :2] + forward * 0.1), LOW)
            if tools[arm, 2] > LOW + 0.02:
                goals[arm, :2] = tools[arm, :2]  # first down, then forward
        else:
            goals[arm, :2] = start
        return goals


def _stride(way: NDArray[np.float64]) -> NDArray[np.float64]:
    length = float(np.linalg.norm(way))
    return way * min(GAIN, STRIDE / max(length, 1e-9))


def load(style: int = 0) -> ToyOperator:
    """The operator of the toy task, in one of its styles."""
    return ToyOperator(style)
