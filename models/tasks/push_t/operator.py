"""The scripted operator as a hand of the application: a position device that sees.

It is shown pictures and measured end effectors (core.reading.Watcher) and moves two imaginary trackers: where it
wants the tools to be, less where they are measured, is how far its hands move, so that it acts through the same
control as any hand and corrects what a limit cut when it looks next. It knows nothing of the world behind.

The planning is models/tasks/push_t/direct.py, in this process or in a separate one.
"""

import queue
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.action import GRIPPER, POSITION, ROTATION, arm_slice
from core.errors import DeviceLost
from core.reading import ArmReading, DeviceReading, ReadingKind
from models.tasks.push_t.direct import DirectOperator
from models.tasks.push_t.operator_process import OperatorProcess, Sight
from models.tasks.push_t.planner import STYLES

Hands = tuple[ArmReading, ArmReading]
_UPRIGHT: Final = np.array([0.0, 0.0, 0.0, 1.0])
_REST: Final[Hands] = (
    ArmReading(position=np.zeros(3), orientation=_UPRIGHT),
    ArmReading(position=np.zeros(3), orientation=_UPRIGHT),
)
_FULL_GRIPPER_STEP: Final = 0.2
"""Change of the opening in one control step at full rate (core.control.ControlConfig.gripper_speed * 0.1 s)."""
_BLOCKED: Final = 0.08
"""A measured opening this far above the commanded one is stopped by something between the fingers."""


def load(style: int = 0, spawned: bool = False) -> "ScriptedOperator":
    """The operator in one of its STYLES, planning in this process or in a separate one."""
    return ScriptedOperator(style, spawned)


class ScriptedOperator:
    """A position device that watches. In this process it has moved when `show` returns; else a little later."""

    name = "operator"
    kind: ReadingKind = "position"

    def __init__(self, style: int = 0, spawned: bool = False) -> None:
        self.style = style
        """Index into planner.STYLES (taken modulo their number); may be changed between corrections."""
        self._spawned = spawned
        self._epoch, self._connected = 0, False
        self._hands: Hands = _REST
        self._read: Hands = _REST
        self._openings = np.full(2, np.nan)
        self._shown: tuple[float, int] | None = None
        self._answered: float | None = None
        self._brain = DirectOperator()
        self._thread: _Asker | None = None

    @property
    def connected(self) -> bool:
        """Whether readings are to be trusted."""
        return self._connected and (self._thread is None or self._thread.alive)

    @property
    def answered(self) -> float | None:
        """World time, seconds, of the newest picture that the hands have answered; None before the first."""
        return self._answered

    @property
    def finished(self) -> bool:
        """Whether the T is on its target and both hands are home; always False where a separate process plans."""
        return self._brain.finished

    def connect(self) -> None:
        """Hands on the trackers; starts the process where there is to be one."""
        if self._connected:
            if self.connected:
                return
            self.disconnect()
        self._epoch, self._shown, self._answered = self._epoch + 1, None, None
        self._brain, self._openings = DirectOperator(), np.full(2, np.nan)
        self._thread = _Asker(self._take) if self._spawned else None
        self._connected = True

    def disconnect(self) -> None:
        """Hands off; ends the process. Idempotent."""
        self._connected = False
        if self._thread is not None:
            self._thread.stop()
            self._thread = None

    def read(self) -> DeviceReading | None:
        """Where the hands are; None after a loss."""
        if not self.connected:
            return None
        self._read = self._hands
        return DeviceReading(self.name, self.kind, time.monotonic(), self._epoch, *self._read)

    def show(self, frames: Mapping[str, NDArray[np.uint8]], ee_state: NDArray[np.float32], clock: float) -> None:
        """Look, and move the hands; the same picture at the same clock moves nothing."""
        key = clock, zlib.crc32(np.ascontiguousarray(frames["top"]).tobytes(), zlib.crc32(ee_state.tobytes()))
        if not self._connected or key == self._shown:
            return
        self._shown = key
        # the world has done what was read last: from there the hands go on, whatever was asked for meanwhile
        sight = Sight(dict(frames), ee_state.copy(), STYLES[self.style % len(STYLES)], clock)
        if self._thread is not None:
            self._thread.ask(sight, self._read)
            return
        self._brain.style = sight.style
        self._take(self._brain.targets(sight.frames, sight.ee_state), sight, self._read)

    def _take(self, action: NDArray[np.float32], sight: Sight, since: Hands) -> None:
        """Move the hands by what is missing from the measured pose to the wanted one."""
        left, right = (self._moved(arm, action, sight.ee_state, since[arm]) for arm in (0, 1))
        self._hands = left, right
        self._answered = sight.clock

    def _moved(
        self, arm: int, action: NDArray[np.float32], ee_state: NDArray[np.float32], since: ArmReading
    ) -> ArmReading:
        wanted, is_now = action[arm_slice(arm)].astype(np.float64), ee_state[arm_slice(arm)].astype(np.float64)
        assert since.position is not None
        assert since.orientation is not None
        turn = Rotation.from_rotvec(wanted[ROTATION]) * Rotation.from_rotvec(is_now[ROTATION]).inv()
        return ArmReading(
            position=since.position + wanted[POSITION] - is_now[POSITION],
            orientation=np.asarray((turn * Rotation.from_quat(since.orientation)).as_quat(), np.float64),
            gripper_rate=self._gripper_rate(arm, float(wanted[GRIPPER]), float(is_now[GRIPPER])),
        )

    def _gripper_rate(self, arm: int, wanted: float, is_now: float) -> float:
        """Buttons, not a trigger. What it has asked for is remembered while something holds the fingers open."""
        asked = self._openings[arm]
        if not asked < is_now - _BLOCKED:
            asked = is_now
        rate = float(np.clip((wanted - asked) / _FULL_GRIPPER_STEP, -1.0, 1.0))
        if abs(rate) < 0.05:
            rate = 0.0
        self._openings[arm] = asked + rate * _FULL_GRIPPER_STEP
        return rate


class _Asker:
    """The thread that talks to the planning process; only the newest observation is kept while it is busy."""

    def __init__(self, take: Callable[[NDArray[np.float32], Sight, Hands], None]) -> None:
        self._take = take
        self._mailbox: queue.SimpleQueue[tuple[Sight, Hands] | None] = queue.SimpleQueue()
        self._process = OperatorProcess()
        self._lost = False
        self._thread = threading.Thread(target=self._run, name="operator", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the process still answers."""
        return not self._lost and self._process.alive

    def ask(self, sight: Sight, since: Hands) -> None:
        """Have it looked at; returns at once."""
        self._mailbox.put((sight, since))

    def stop(self) -> None:
        """End thread and process."""
        self._mailbox.put(None)
        self._thread.join()
        self._process.stop()

    def _run(self) -> None:
        while True:
            newest = self._mailbox.get()
            while newest is not None and not self._mailbox.empty():
                newest = self._mailbox.get()
            if newest is None:
                return
            sight, since = newest
            try:
                self._take(self._process.ask(sight), sight, since)
            except DeviceLost:
                self._lost = True  # connected turns False, readings end, and the runtime reports it
                return
