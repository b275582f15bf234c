"""Finds leader arms and makes devices of them, by the place of their port."""

import importlib.util
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import ClassVar

from core.errors import DeviceLost, MissingPackage
from core.folders import config_folder
from core.reading import Device
from devices.discovery import Discovered
from devices.kind import DeviceKind
from devices.leader.arm import BUSES, Leader, LeaderConfig, open_leader
from devices.leader.calibration import load_calibration
from devices.leader.clutch import Clutch
from devices.leader.kind import DYNAMIXEL, SO101
from devices.leader.mount import Mount
from devices.leader.ports import SerialPort, path_of, serial_ports
from devices.leader.settings import PortSettings, calibration_file, load_leaders
from devices.leader.table import arm_table
from devices.reader import Source

WCH, FTDI, ROBOTIS, STM = 0x1A86, 0x0403, 0x2F5D, 0x0483


class LeaderDriver:
    """Leader arms with one kind of motor. A port without settings is taken for the commonest arm."""

    kind: ClassVar[DeviceKind]
    usual_arm: ClassVar[str]
    vendors: ClassVar[Collection[int]]
    """USB vendors of the adaptors that such arms come with."""

    def __init__(self, folder: Path | None = None, ports: Callable[[], list[SerialPort]] = serial_ports) -> None:
        """Look in the operator's folder and at the machine's ports.

        Args:
            folder: with leaders.toml and the calibrations; the operator's own by default.
            ports: what is plugged in now.
        """
        self._folder, self._ports = folder or config_folder(), ports

    def find(self) -> list[Discovered]:
        """Ports with an adaptor of this kind or set up for it, in the order of the keys; opens nothing.

        Raises:
            MissingPackage: the SDK is not installed.
            BadConfig: leaders.toml is torn.
        """
        bus = BUSES[self.kind.servos]
        if importlib.util.find_spec(bus.library) is None:
            raise MissingPackage(
                f"Leader arms need the package {bus.package!r}, which is not installed. Run `make env`."
            )
        known = load_leaders(self._folder).ports
        words = {port.key: port.words for port in self._ports() if port.vendor in self.vendors or port.key in known}
        words |= {key: key for key in known if key not in words and os.path.exists(key)}
        found = []
        for key, port_words in sorted(words.items()):
            arm = known[key].arm if key in known else self.usual_arm
            if arm_table(arm).protocol == self.kind.servos:
                found.append(Discovered(self.kind.name, key, f"{arm_table(arm).words} ({port_words})", self.kind.hands))
        return found

    def device(self, found: Discovered) -> Device:
        """The arm on a port; its settings and its calibration are read at every connect."""
        clutch = Clutch(self._settings(found.key).clutch)
        return Leader(f"{self.kind.name}:{found.key}", lambda held, mount: self._open(found.key, held, mount), clutch)

    def _settings(self, key: str) -> PortSettings:
        return load_leaders(self._folder).ports.get(key, PortSettings(self.usual_arm))

    def _open(self, key: str, clutch: Clutch, mount: Mount) -> Source:
        path, settings = path_of(key, self._ports), self._settings(key)
        clutch.mode = settings.clutch
        mount.turn_to(settings.yaw)
        table, calibration = arm_table(settings.arm), None
        if table.needs_calibration:
            file = settings.calibration or calibration_file(self._folder, key, table.name)
            if not file.exists():
                raise DeviceLost(
                    f"The {table.words} on {path} is not calibrated: there is no {file}. Calibrate it, or name a "
                    f"LeRobot calibration in {self._folder / 'leaders.toml'}."
                )
            calibration = load_calibration(file, table)
        return open_leader(path, LeaderConfig(table, calibration, frozenset(settings.turned)), clutch, mount)


class So101(LeaderDriver):
    """SO-100 and SO-101 leaders."""

    kind = SO101
    usual_arm = "so101"
    vendors = frozenset({WCH})


class Dynamixel(LeaderDriver):
    """Koch, GELLO, WidowX and ViperX leaders."""

    kind = DYNAMIXEL
    usual_arm = "koch"
    vendors = frozenset({WCH, FTDI, ROBOTIS, STM})
