"""Any object with LeRobot's Teleoperator contract as a device; LeRobot itself is not needed.

teleoperators.toml in the operator's folder names them:

    [left_leader]
    load = "lerobot.teleoperators.so_leader:SO101Leader"
    arm = "so101"
    [left_leader.arguments]
    port = "/dev/ttyACM0"
    id = "left"

A class with a `config_class`, as LeRobot's own have, gets its configuration made of the arguments; any other class
gets the arguments themselves.
"""

import importlib
import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, get_args, runtime_checkable

from core.config import parse_toml
from core.errors import BadConfig, DeviceLost, MissingPackage
from core.folders import config_folder
from core.reading import ArmReading, Device, DeviceReading
from devices.discovery import Discovered
from devices.leader.kinematics import Kinematics
from devices.leader.table import ArmTable, arm_table
from devices.lerobot.action_keys import Plan, Units, plan, read_hand
from devices.lerobot.events import Eventful, Events
from devices.lerobot.kind import LEROBOT
from devices.reader import Reader

PERIOD: Final = 0.01
"""Seconds between two actions."""


@runtime_checkable
class Teleoperator(Protocol):
    """LeRobot's contract, as far as it is used here."""

    @property
    def action_features(self) -> Mapping[str, Any]:
        """Keys of an action; known before connect."""

    def connect(self) -> None:
        """Open the hardware."""

    def get_action(self) -> Mapping[str, Any]:
        """The newest action."""

    def disconnect(self) -> None:
        """Close the hardware."""


@dataclass(frozen=True, slots=True)
class TeleoperatorConfig:
    """One teleoperator of an operator."""

    load: str
    """"module:Class"."""
    arm: str = ""
    """Joint table, for teleoperators that give joints."""
    units: Units = "degrees"
    """Of its joints."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of the class, or of its configuration."""


def load_teleoperator(config: TeleoperatorConfig) -> Teleoperator:
    """Make the object; opens nothing.

    Raises:
        BadConfig: there is no such class, it does not take these arguments, or it is no teleoperator.
        MissingPackage: its module is not installed.
    """
    module, colon, name = config.load.partition(":")
    if not (module and colon and name):
        raise BadConfig(f'A teleoperator is named "module:Class"; {config.load!r} is not.')
    try:
        kind = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise MissingPackage(
            f"The teleoperator {config.load!r} needs the package {error.name!r}, which is not installed here."
        ) from error
    except AttributeError as error:
        raise BadConfig(f"The module {module!r} has no {name!r}. Check the name of the class.") from error
    except Exception as error:  # a plug-in's own import may fail in any way
        raise BadConfig(f"The module {module!r} of a teleoperator does not load: {error}.") from error
    try:
        configured = getattr(kind, "config_class", None)
        made = kind(**config.arguments) if configured is None else kind(configured(**config.arguments))
    except Exception as error:
        given = ", ".join(config.arguments) or "none"
        raise BadConfig(f"The teleoperator {config.load!r} was not made: {error}. Arguments given: {given}.") from error
    missing = [part for part in ("action_features", "connect", "get_action", "disconnect") if not hasattr(made, part)]
    if missing:
        raise BadConfig(f"{config.load!r} is no LeRobot teleoperator: it has no {', '.join(missing)}.")
    teleoperator: Teleoperator = made
    return teleoperator


class TeleoperatorSource:
    """An open teleoperator."""

    def __init__(self, teleoperator: Teleoperator, how: Plan, table: ArmTable | None, units: Units) -> None:
        self._teleoperator, self._plan, self._table, self._units = teleoperator, how, table, units
        joints = table is not None and any(hand.form == "joints" for hand in how.hands)
        self._kinematics = Kinematics(table) if table is not None and joints else None
        self._events = Events()
        self._next = 0.0

    def poll(self, timeout: float) -> DeviceReading | None:
        """The newest action as hands.

        Raises:
            DeviceLost: the teleoperator failed, or gives other keys than it promised.
        """
        time.sleep(max(0.0, min(self._next - time.monotonic(), timeout)))
        self._next = max(self._next, time.monotonic() - PERIOD) + PERIOD
        try:
            action = self._teleoperator.get_action()
            said = self._teleoperator.get_teleop_events() if isinstance(self._teleoperator, Eventful) else None
            presses = {} if said is None else self._events.looked(said)
        except Exception as error:  # each teleoperator raises its own errors
            raise DeviceLost(f"The teleoperator failed: {error}. Check its cable, then connect it again.") from error
        hands: list[ArmReading | None] = [None, None]
        for hand in self._plan.hands:
            hands[hand.arm] = read_hand(hand, action, self._kinematics, self._table, self._units)
        return DeviceReading("", self._plan.kind, time.monotonic(), left=hands[0], right=hands[1], presses=presses)

    def close(self) -> None:
        """Disconnect; an error is ignored, since it is closed all the same."""
        try:
            self._teleoperator.disconnect()
        except Exception:
            return


def open_teleoperator(
    teleoperator: Teleoperator, how: Plan, table: ArmTable | None, units: Units
) -> TeleoperatorSource:
    """Connect it, without its own questions on a terminal.

    Raises:
        DeviceLost: it does not connect, or wants to be calibrated first.
    """
    try:
        connect: Callable[..., None] = teleoperator.connect
        if "calibrate" in inspect.signature(connect).parameters:
            connect(calibrate=False)
        else:
            connect()
    except Exception as error:
        raise DeviceLost(f"The teleoperator did not connect: {error}. Check its cable and its settings.") from error
    source = TeleoperatorSource(teleoperator, how, table, units)
    if getattr(teleoperator, "is_calibrated", True) is False:
        source.close()
        raise DeviceLost("The teleoperator is not calibrated. Calibrate it with LeRobot (`lerobot-calibrate`) first.")
    return source


def teleoperator_device(name: str, config: TeleoperatorConfig) -> Reader:
    """A device around a teleoperator; not yet connected.

    Raises:
        BadConfig: it cannot be made, or its keys mean nothing here.
        MissingPackage: its module is not installed.
    """
    teleoperator = load_teleoperator(config)
    table = arm_table(config.arm) if config.arm else None
    try:
        how = plan(teleoperator.action_features, table)
    except BadConfig as error:
        raise BadConfig(f"The teleoperator {name!r} ({config.load}) cannot be used: {error}") from error
    return Reader(name, how.kind, lambda: open_teleoperator(teleoperator, how, table, config.units))


def load_configs(path: Path) -> dict[str, TeleoperatorConfig]:
    """The teleoperators of an operator by name; none where there is no file.

    Raises:
        BadConfig: the file is torn.
    """
    if not path.exists():
        return {}
    try:
        tables = parse_toml(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadConfig(f"The settings file {path} cannot be read: {error}.") from error
    return {name: _config(name, values, path) for name, values in tables.items()}


def _config(name: str, values: Any, path: Path) -> TeleoperatorConfig:
    known = {"load": str, "arm": str, "units": str, "arguments": dict}
    if not isinstance(values, dict) or "load" not in values:
        raise BadConfig(f'{path}: [{name}] needs load = "module:Class".')
    for key, value in values.items():
        if key not in known or not isinstance(value, known[key]):
            raise BadConfig(f"{path}: {name}.{key} is {value!r}. Known: {', '.join(known)}.")
    if values.get("units", "degrees") not in get_args(Units):
        raise BadConfig(f"{path}: {name}.units is {values['units']!r}. Known: {', '.join(get_args(Units))}.")
    return TeleoperatorConfig(**values)


class LeRobotTeleoperators:
    """The driver of what teleoperators.toml names; it looks for no hardware, each object opens its own."""

    def __init__(self, folder: Path | None = None) -> None:
        """Look in the operator's folder, or in another one."""
        self._path = (folder or config_folder()) / "teleoperators.toml"

    def find(self) -> list[Discovered]:
        """Every teleoperator that is named, whether its hardware is there or not.

        Raises:
            BadConfig: the file is torn.
        """
        return [
            Discovered(LEROBOT.name, name, f"{name} ({config.load})", LEROBOT.hands) for name, config in self._named()
        ]

    def device(self, found: Discovered) -> Device:
        """The device of a name.

        Raises:
            BadConfig: it is not named any more, or cannot be made.
            MissingPackage: its module is not installed.
        """
        for name, config in self._named():
            if name == found.key:
                return teleoperator_device(f"lerobot:{name}", config)
        raise BadConfig(f"{self._path} names no teleoperator {found.key!r} any more.")

    def _named(self) -> list[tuple[str, TeleoperatorConfig]]:
        return sorted(load_configs(self._path).items())
