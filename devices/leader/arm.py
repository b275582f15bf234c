"""A leader arm as a device: joints become the pose of the tool, the trigger the gripper."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import DeviceLost
from core.reading import ArmReading, DeviceReading
from devices.leader import calibration as cal
from devices.leader.bus import FrameDropped, ServoBus
from devices.leader.clutch import Clutch
from devices.leader.dynamixel import DynamixelBus
from devices.leader.feetech import FeetechBus
from devices.leader.kinematics import Kinematics
from devices.leader.mount import Mount
from devices.leader.table import ArmTable
from devices.reader import Reader, Source

PERIOD: Final = 0.01
"""Seconds between frames: ten per control step, and a core that is not spun away."""
PATIENCE: Final = 2
"""Frames in a row that may be dropped (a bad contact, noise) before the arm counts as lost."""
BUSES: Final[Mapping[str, type[ServoBus]]] = {"feetech": FeetechBus, "dynamixel": DynamixelBus}


@dataclass(frozen=True, slots=True)
class LeaderConfig:
    """One arm of an operator."""

    table: ArmTable
    calibration: cal.Calibration | None = None
    """None where the maker homed the motors."""
    turned: frozenset[str] = frozenset()
    """Joints that count backwards against the table."""


class Frames(Protocol):
    """What a leader needs of a bus."""

    def positions(self) -> dict[str, int]:
        """Ticks of every motor, in one frame."""

    def close(self) -> None:
        """Close the port."""


class LeaderSource:
    """An open leader arm."""

    def __init__(
        self, bus: Frames, held: Mapping[str, int], config: LeaderConfig, clutch: Clutch, mount: Mount | None = None
    ) -> None:
        """Take an open bus.

        Args:
            bus: the motors.
            held: homing offsets that the motors hold, ticks.
            config: the arm.
            clutch: when the hand counts.
            mount: its orientation on the table; straight by default.
        """
        self._bus, self._held, self._config, self._clutch = bus, dict(held), config, clutch
        self._mount = mount or Mount()
        self._kinematics = Kinematics(config.table)
        self._origin: NDArray[np.float64] | None = None
        self._dropped = 0
        self._next = 0.0

    def poll(self, timeout: float) -> DeviceReading | None:
        """One frame; None where it was dropped, since half of one is worth nothing.

        Raises:
            DeviceLost: the port vanished, or too many frames in a row were dropped.
        """
        time.sleep(max(0.0, min(self._next - time.monotonic(), timeout)))
        self._next = max(self._next, time.monotonic() - PERIOD) + PERIOD
        try:
            ticks = self._bus.positions()
        except FrameDropped as drop:
            self._dropped += 1
            if self._dropped > PATIENCE:
                raise DeviceLost(str(drop)) from drop
            return None
        self._dropped = 0
        position, orientation = self._kinematics.pose(self.angles(ticks))
        if self._origin is None:
            self._origin = position
        moved, orientation, turns = self._mount.applied(position - self._origin, orientation)
        hand = ArmReading(
            moved, orientation, gripper=self.opening(ticks), clutch=self._clutch.engaged(moved, orientation)
        )
        return DeviceReading("", "position", time.monotonic(), epoch=turns, left=hand)

    def angles(self, ticks: Mapping[str, int]) -> NDArray[np.float64]:
        """Radians of the joints in the published model."""
        return joint_angles(self._config, {name: self._actual(name, ticks) for name in ticks})

    def opening(self, ticks: Mapping[str, int]) -> float | None:
        """Of the trigger, 0 closed .. 1 open; None where the arm has none."""
        trigger = self._config.table.trigger
        if trigger is None:
            return None
        actual = self._actual(trigger.name, ticks)
        return cal.opening(trigger, self._motor(trigger.name), actual, self._config.table.protocol)

    def close(self) -> None:
        """Close the port."""
        self._bus.close()

    def _motor(self, name: str) -> cal.MotorCalibration | None:
        return None if self._config.calibration is None else self._config.calibration[name]

    def _actual(self, name: str, ticks: Mapping[str, int]) -> int:
        if self._config.calibration is None:
            return ticks[name]  # the maker's homing lies in the motor
        return cal.actual_ticks(ticks[name], self._held[name], self._config.table.protocol)


def joint_angles(config: LeaderConfig, actual: Mapping[str, int]) -> NDArray[np.float64]:
    """Radians of the joints in the published model, from the ticks of the encoders by motor; see cal.angle."""
    calibration = config.calibration or {}
    return np.array(
        [
            cal.angle(j, calibration.get(j.name), actual[j.name], config.table.protocol, j.name in config.turned)
            for j in config.table.joints
        ]
    )


def open_leader(path: str, config: LeaderConfig, clutch: Clutch, mount: Mount | None = None) -> Source:
    """An open leader arm on a port; see LeaderSource.

    Raises:
        DeviceLost: the port or a motor is not there, or the calibration is of motors that were turned since.
    """
    table = config.table
    bus = BUSES[table.protocol](path, table.baud, table.motors)
    try:
        if config.calibration is None:
            return LeaderSource(bus, {}, config, clutch, mount)
        for name, back in bus.reversed().items():
            if table.protocol == "dynamixel" and back != bool(config.calibration[name].drive_mode):
                raise DeviceLost(
                    f"Motor {table.motors[name]} ({name}) on {path} counts {'backwards' if back else 'forwards'}, its "
                    "calibration says otherwise. Calibrate the arm again."
                )
        return LeaderSource(bus, bus.offsets(), config, clutch, mount)
    except BaseException:
        bus.close()
        raise


class Leader(Reader):
    """A Device around one leader arm, with the clutch that pedals and keys press, and its orientation on the table."""

    def __init__(self, name: str, open_source: Callable[[Clutch, Mount], Source], clutch: Clutch | None = None) -> None:
        """Remember how to open it.

        Args:
            name: under which its readings are known.
            open_source: opens the arm with this clutch and mount; raises DeviceLost where it is not there.
            clutch: when the hand counts; always by default.
        """
        self.clutch = clutch or Clutch()
        self.mount = Mount()
        super().__init__(name, "position", lambda: open_source(self.clutch, self.mount))
