"""Every device through its real library, moved from below: one Seam per device, for corrections and benchmarks.

with SEAMS["gamepad"](folder) as hand:
    studio with hand.drivers; hand.go(); ...; hand.rest()
"""

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

from benchmarks.emulated.dynamixel_bus import DynamixelEmulator
from benchmarks.emulated.feetech_bus import FeetechEmulator
from benchmarks.emulated.pucks import REST_R, REST_T, Rig, moved
from benchmarks.emulated.servo_bus import ServoBusEmulator
from benchmarks.emulated.virtual_pad import VirtualPad
from devices import reader
from devices.discovery import Driver
from devices.gamepad.driver import GamepadDriver
from devices.keyboard.device import Keyboard
from devices.leader import bus
from devices.leader.calibration import MotorCalibration, save_calibration
from devices.leader.driver import Dynamixel, LeaderDriver, So101
from devices.leader.settings import PortSettings, calibration_file, save_leader
from devices.leader.table import arm_table
from devices.lerobot.driver import LeRobotTeleoperators

REPEAT_S = 0.008
"""A puck repeats its report so often while it is deflected."""
PATIENCE_S = 60.0
MIDDLE, ASIDE = 2047, 2197
"""Ticks of a motor in its middle, and 13 degrees beside it."""


class Seam:
    """A device whose motion a program starts and stops."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drivers: Mapping[str, Driver] = {}
        self.stack = ExitStack()

    def __enter__(self) -> "Seam":
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def attach(self, keyboard: Keyboard) -> None:
        """The application is there; only the keyboard needs it."""

    def go(self) -> None:
        """Move an arm, on and on or by a few centimetres, each time the other way."""
        raise NotImplementedError

    def rest(self) -> None:
        """Stop moving."""
        raise NotImplementedError


class KeyboardSeam(Seam):
    """Keys as the window feeds them."""

    def attach(self, keyboard: Keyboard) -> None:
        self._keyboard, self._keys = keyboard, ["w", "s"]

    def go(self) -> None:
        self._keys.reverse()
        self._keyboard.press(self._keys[0])

    def rest(self) -> None:
        self._keyboard.release_all()


class GamepadSeam(Seam):
    """A pad that SDL makes up."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        keeper = GamepadDriver()
        keeper.find()  # SDL runs while a driver uses it; the pad ends with SDL
        self.stack.callback(keeper.close)
        self._pad, self._way = VirtualPad("Seam pad"), 1.0
        self.stack.callback(self._pad.unplug)
        self.drivers = {"gamepad": GamepadDriver()}

    def go(self) -> None:
        self._way = -self._way
        self._pad.push(left_y=self._way)

    def rest(self) -> None:
        self._pad.push(left_y=0.0)


class SpaceMouseSeam(Seam):
    """Raw reports below easyhid, repeated as a puck repeats them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        rig = Rig(folder)
        self.stack.enter_context(rig.below_easyhid())
        self._puck, self._way = rig.plug(0, "1-1"), 350
        self.drivers = {"spacemouse": rig.driver}
        self._says: tuple[bytes, ...] = ()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name="puck", daemon=True)
        self._thread.start()
        self.stack.callback(self._thread.join)
        self.stack.callback(self._stopping.set)

    def _repeat(self) -> None:
        while not self._stopping.wait(REPEAT_S):
            if self._says:
                self._puck.say(*self._says)

    def go(self) -> None:
        self._way = -self._way
        self._says = (moved(y=self._way), REST_R)
        self._puck.say(*self._says)

    def rest(self) -> None:
        self._says = ()
        self._puck.say(REST_T, REST_R)


class LeaderSeam(Seam):
    """Emulated motors behind a pseudo-terminal, under the maker's SDK and pyserial."""

    arm: ClassVar[str]
    emulator: ClassVar[type[ServoBusEmulator]]
    driver: ClassVar[type[LeaderDriver]]

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        # an emulated motor is a thread, which on a busy machine waits for a core
        self.stack.enter_context(mock.patch.object(bus, "SILENT_READS", 100))
        self.stack.enter_context(mock.patch.object(bus, "DEADLINE", PATIENCE_S))
        self.stack.enter_context(mock.patch.object(reader, "FIRST", PATIENCE_S))
        table = arm_table(self.arm)
        self._cable = self.emulator(folder / "arm", tuple(table.motors.values()))
        self.stack.callback(self._cable.pull)
        self._cable.place(dict.fromkeys(table.motors.values(), MIDDLE))
        key = str(self._cable.link)
        motors = {name: MotorCalibration(motor, 0, 0, 647, 3447) for name, motor in table.motors.items()}
        save_calibration(calibration_file(folder, key, table.name), motors)
        save_leader(folder, key, PortSettings(self.arm))
        self.drivers = {self.driver.kind.name: self.driver(folder, ports=list)}
        self._places = [ASIDE, MIDDLE]

    def go(self) -> None:
        self._cable.place({1: self._places[0]})
        self._places.reverse()

    def rest(self) -> None:
        """It rests where it is."""


class So101Seam(LeaderSeam):
    arm, emulator, driver = "so101", FeetechEmulator, So101


class KochSeam(LeaderSeam):
    arm, emulator, driver = "koch", DynamixelEmulator, Dynamixel


class Teleoperator:
    """An object with LeRobot's contract."""

    now: ClassVar[dict[str, float]] = {}
    keys = ("delta_x", "delta_y", "delta_z", "gripper")

    @property
    def action_features(self) -> dict[str, Any]:
        return dict.fromkeys(self.keys, float)

    def connect(self, calibrate: bool = True) -> None:
        """Nothing to open."""

    def get_action(self) -> dict[str, float]:
        return {"delta_x": 0.0, "delta_y": 0.0, "delta_z": 0.0, "gripper": 1.0, **self.now}

    def disconnect(self) -> None:
        """Nothing to close."""


class LeRobotSeam(Seam):
    """A teleoperator that teleoperators.toml names."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "teleoperators.toml").write_text('[seam]\nload = "benchmarks.emulated.seams:Teleoperator"\n')
        self.drivers = {"lerobot": LeRobotTeleoperators(folder)}
        self._way = -1.0
        self.rest()

    def go(self) -> None:
        self._way = -self._way
        Teleoperator.now = {"delta_x": self._way}

    def rest(self) -> None:
        Teleoperator.now = {}


SEAMS: Mapping[str, type[Seam]] = {
    "keyboard": KeyboardSeam, "gamepad": GamepadSeam, "spacemouse": SpaceMouseSeam, "so101": So101Seam,
    "dynamixel": KochSeam, "lerobot": LeRobotSeam,
}  # fmt: skip
"""By the name under which the application knows what drives."""
