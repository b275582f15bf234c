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

from devices.leader.arm import BUSES
from devices.leader.bus import FrameDropped
from devices.leader.calibrating import Step, advance, begin, instruction, progress, result, saw, turned_joints
from devices.leader.calibration import actual_ticks, save_calibration
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
        self._bus = BUSES[self._table.protocol](path_of(key, ports), self._table.baud, self._table.motors)
        try:
            self._held = self._bus.offsets()
            self._state = begin(self._table, self._bus.reversed())
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
        return self._state.step

    @property
    def done(self) -> bool:
        """Whether it can be saved."""
        return self._state.step is Step.DONE

    @property
    def instruction(self) -> str:
        """What the operator does now, in words."""
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
        actual = {name: actual_ticks(ticks[name], self._held[name], self._table.protocol) for name in ticks}
        self._state = saw(self._state, actual)
        return True

    def next(self) -> Step:
        """Go on to the next step.

        Raises:
            BadConfig: something is missing in this step, in words.
        """
        self._state = advance(self._state)
        return self._state.step

    def save(self) -> Path:
        """Write the calibration and remember the arm of this port; the file is LeRobot's too.

        Raises:
            BadConfig: the calibration is not finished.
        """
        path = calibration_file(self._folder, self._key, self._table.name)
        save_calibration(path, result(self._state))
        before = load_leaders(self._folder).ports.get(self._key)
        clutch = before.clutch if before is not None else "always"
        save_leader(self._folder, self._key, PortSettings(self._table.name, path, turned_joints(self._state), clutch))
        return path

    def close(self) -> None:
        """Let go of the port."""
        self._bus.close()
