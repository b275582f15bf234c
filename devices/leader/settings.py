"""Which arm is on which port: leaders.toml in the operator's folder, and the calibrations beside it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.config import load, save
from devices.leader.clutch import ClutchMode


@dataclass(frozen=True, slots=True)
class PortSettings:
    """One leader arm of this operator."""

    arm: str
    """Name of a joint table, for example "so101"."""
    calibration: Path | None = None
    """Our file or LeRobot's; absent: the one that was made here."""
    turned: tuple[str, ...] = ()
    """Joints that count backwards against the table."""
    clutch: ClutchMode = "always"
    """"always", "motion" (from the first clear motion after a take-over) or "held" (a pedal or key)."""
    yaw: float = 0.0
    """Degrees by which it is turned on the table, to the left as seen from above; see devices.leader.mount."""

    def __post_init__(self) -> None:
        """Refuse a yaw that is no turn.

        Raises:
            ValueError: it is beyond half a turn.
        """
        if not -180.0 <= self.yaw <= 180.0:
            raise ValueError(f"yaw is {self.yaw}; it should be -180 .. 180 degrees")


@dataclass(frozen=True, slots=True)
class Leaders:
    """Every leader arm of this operator."""

    ports: Mapping[str, PortSettings] = field(default_factory=dict)
    """Place of the port -> arm."""


def load_leaders(folder: Path) -> Leaders:
    """The arms of an operator; none where nothing was set.

    Raises:
        BadConfig: the file is torn.
    """
    path = folder / "leaders.toml"
    return load(Leaders, path) if path.exists() else Leaders()


def save_leader(folder: Path, key: str, settings: PortSettings) -> None:
    """Remember the arm on a port.

    Raises:
        BadConfig: the file is torn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save(Leaders({**load_leaders(folder).ports, key: settings}), folder / "leaders.toml")


def calibration_file(folder: Path, key: str, arm: str) -> Path:
    """Where the calibration of the arm on a port is kept."""
    return folder / "calibration" / arm / (re.sub(r"[^\w.-]+", "_", Path(key).name).strip("_") + ".json")
