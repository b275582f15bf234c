"""A calibration of the arm on a port: the steps of calibrating.py with a real bus under them.

with CalibrationRun(key, "so101", folder) as run:
print(run.instruction)
run.look()            # a few times a second, shows run.progress
run.next()            # the operator pressed "next"; BadConfig says what is missing
if run.done: run.save()
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from core.errors import BadConfig
from devices.leader.arm import BUSES, LeaderConfig, joint_angles
from devices.leader.bus import FrameDropped
from devices.leader.calibrating import (
    Step,
    advance,
    begin,
    instruction,
    needs_pose,
    progress,
    result,
    saw,
    turned_joints,
)
from devices.leader.calibration import actual_ticks, save_calibration
from devices.leader.kinematics import Kinematics
from devices.leader.mount import pushed_yaw
from devices.leader.ports import SerialPort, path_of, serial_ports
from devices.leader.settings import PortSettings, calibration_file, load_leaders, save_leader
from devices.leader.table import arm_table


class CalibrationRun:
    """An open bus and the state of its calibration; used by one thread."""

    def __init__(self, key: str, arm: str, folder: Path, ports: Callable[[], list[SerialPort]] = serial_ports) -> None:
        """Open the port.

        Args:
            key: place of the port.
            arm: name of its joint table.
            folder: of the operator, where the calibration goes.
            ports: what is plugged in now.

        Raises:
            BadConfig: this kind of arm needs no calibration.
            DeviceLost: the port or a motor is not there.
        """
        self._key, self._folder, self._table = key, folder, arm_table(arm)
        begin(self._table)  # refuses before the port is opened
        self._actual: Mapping[str, int] = {}
        self._start: NDArray[np.float64] | None = None  # (3,) metres: the tool before the push
        self._yaw: float | None = None
        self._done = False
        self._bus = BUSES[self._table.protocol](path_of(key, ports), self._table.baud, self._table.motors)
        try:
            self._held = self._bus.offsets()
            self._state = begin(self._table, self._bus.reversed())
            self._before = load_leaders(folder).ports.get(key)
        except BaseException:
            self._bus.close()
            raise

    def __enter__(self) -> "CalibrationRun":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def step(self) -> Step:
        """What the operator does now."""
        return Step.FORWARD if self._state.step is Step.DONE and not self._done else self._state.step

    @property
    def done(self) -> bool:
        """Whether it can be saved."""
        return self._done

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step of this arm, in order, without the end."""
        middle = (Step.CENTRE,) if needs_pose(self._table) else ()
        measured = (Step.DIRECTIONS,) if middle and self._table.directions == "measured" else ()
        return (Step.SWEEP, *middle, *measured, Step.FORWARD)

    @property
    def yaw(self) -> float:
        """Degrees by which the arm is turned on the table: by the push, else as before."""
        return self._yaw if self._yaw is not None else self._before.yaw if self._before is not None else 0.0

    @property
    def instruction(self) -> str:
        """What the operator does now, in words."""
        if self.step is Step.FORWARD:
            return (
                "How does it stand on the table? Push the handle straight forward, the way the robot looks, by 10 cm "
                f"or more; hold it there, then go on. Without a push it stays at {self.yaw:.0f} degrees."
            )
        return instruction(self._state)

    @property
    def progress(self) -> Mapping[str, float]:
        """Degrees that each motor was swept so far."""
        return progress(self._state)

    def look(self) -> bool:
        """Read one frame; False where it was dropped.

        Raises:
            DeviceLost: the port went away.
        """
        try:
            ticks = self._bus.positions()
        except FrameDropped:
            return False
        self._actual = {name: actual_ticks(ticks[name], self._held[name], self._table.protocol) for name in ticks}
        self._state = saw(self._state, self._actual)
        return True

    def next(self) -> Step:
        """Go on to the next step.

        Raises:
            BadConfig: something is missing in this step, in words.
        """
        if self._start is not None:
            self._yaw = pushed_yaw(self._start, self._tool())
            self._done = True
            return self.step
        self._state = advance(self._state)
        if self._state.step is Step.DONE:
            self._start = self._tool()
        return self.step

    def save(self) -> Path:
        """Write the calibration and remember the arm of this port; the file is LeRobot's too.

        Raises:
            BadConfig: the calibration is not finished.
        """
        if not self._done:
            raise BadConfig("The calibration is not finished.")
        path = calibration_file(self._folder, self._key, self._table.name)
        save_calibration(path, result(self._state))
        clutch = self._before.clutch if self._before is not None else "always"
        turned = turned_joints(self._state)
        save_leader(self._folder, self._key, PortSettings(self._table.name, path, turned, clutch, self.yaw))
        return path

    def close(self) -> None:
        """Close the port."""
        self._bus.close()

    def _tool(self) -> NDArray[np.float64]:
        """(3,) metres, the tool now in axes of the leader's base."""
        config = LeaderConfig(self._table, result(self._state), frozenset(turned_joints(self._state)))
        return Kinematics(self._table).pose(joint_angles(config, self._actual))[0]
